/** What only some files of the project may say; `check_imports.ts` enforces it. */

/** Something that only some files may say. */
interface Reserved {
  readonly what: string;
  /** Searched for in code, or in the whole text where `inText` is set; must be global. */
  readonly pattern: RegExp;
  readonly inText?: true;
  /** Where the rule holds: path prefixes. */
  readonly within: readonly string[];
  /** Where it is allowed all the same: path prefixes. */
  readonly allowed: readonly string[];
  readonly instead: string;
}

const program = ["src/", "workers/"];

export const reserved: readonly Reserved[] = [
  {
    what: "FFI",
    pattern: /\bDeno\s*\.\s*(?:dlopen|Unsafe\w+)/g,
    within: program,
    allowed: ["src/tensorflow/", "src/machine/allocator.ts"],
    instead: "call a class of src/tensorflow",
  },
  {
    what: "a call of grpc-js",
    pattern: /\b(?:Server(?:Unary|Surface)Call|Server(?:Writable|Readable|Duplex)Stream)\b/g,
    within: ["src/calls/", "src/colorize_calls/", "src/server/"],
    allowed: ["src/calls/door/"],
    instead: "write a function of src/calls/methods.ts, which any protocol may serve",
  },
  {
    what: "the environment",
    pattern: /\b(?:Deno|process)\s*\.\s*env\b|\bimport\s*\{[^}]*\benv\b[^}]*\}\s*from\b/g,
    within: program,
    allowed: ["src/config.ts"],
    instead: "read it in src/config.ts and pass the value in",
  },
  {
    what: "the process's stdout or stderr",
    pattern: /\b(?:process|Deno)\s*\.\s*std(?:out|err)\b/g,
    within: [
      "src/cli/",
      "src/local_training/",
      "src/installation/",
      "src/terminal/",
      "src/client/",
      "src/results/",
    ],
    // A question is asked of a terminal alone.
    allowed: ["src/terminal/output/", "src/terminal/confirm.ts"],
    instead: "take it from src/terminal/output/standard_streams.ts, which is never what fails",
  },
  {
    what: "a name in the data folder",
    pattern: /\bjoin\(\s*[\w.#]*\bdataFolder,\s*["'`]|"(?:tinct\.db|server\.lock)/g,
    inText: true,
    within: program,
    allowed: ["src/files/data_folder.ts"],
    instead: "ask src/files/data_folder.ts where it lies",
  },
  {
    what: "a silenced compiler or linter",
    pattern: /@ts-(?:ignore|expect-error|nocheck)|deno-lint-ignore-file/g,
    inText: true,
    within: program,
    allowed: [],
    instead: "give the value its type, or decode it where it comes in",
  },
  {
    what: "an absolute path of one machine",
    pattern: /(?<![\w.~/})-])\/(?:home|root|tmp|Users|work|workspace|mnt)\/[\w.*-]/g,
    inText: true,
    within: [""],
    allowed: [],
    instead: "make it relative, or take it from the caller",
  },
  {
    what: "a package registry of one machine",
    pattern: /\bhttps?:\/\/(?:localhost|127\.0\.0\.1|\[::1\]|10\.|192\.168\.)[^\s"']*/g,
    inText: true,
    within: ["deno.json", "deno.lock", ".npmrc", ".ci/", "bench/pytorch/requirements.txt"],
    allowed: [],
    instead: "let the package manager's own settings name it",
  },
];
