import process from "node:process";
import { TinctError } from "../errors.ts";
import { cString } from "./c_string.ts";
import { readProcessor } from "./processor.ts";

const libc = {
  // void* dlopen(const char* filename, int flags)
  dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
  // int setenv(const char* name, const char* value, int overwrite)
  setenv: { parameters: ["buffer", "buffer", "i32"], result: "i32" },
  // int open(const char* pathname, int flags)
  open: { parameters: ["buffer", "i32"], result: "i32" },
  // int dup(int oldfd)
  dup: { parameters: ["i32"], result: "i32" },
  // int dup2(int oldfd, int newfd)
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  // int close(int fd)
  close: { parameters: ["i32"], result: "i32" },
} as const;

const RTLD_LAZY = 1;
const O_WRONLY = 1;
const STDERR = 2;

/**
 * Loads TensorFlow so that it stays loaded until the process is gone, and says nothing unless asked.
 *
 * It must stay because it registers exit handlers: Deno closes every library when it ends, and the
 * handlers, called after that, would be a segmentation fault.
 *
 * Its log has two parts. What it logs while it runs follows `TF_CPP_MIN_LOG_LEVEL`, which is set to
 * errors only where the environment has not set it. What it logs while it is being loaded comes
 * before that variable is read, so that stderr leads nowhere for that moment.
 *
 * @param path the file to load.
 * @param load opens it, and uses it if it likes.
 * @param options `log`: true leaves all log lines.
 * @returns what `load` returns.
 * @throws {TinctError} `failed_precondition` on a processor on which TensorFlow would abort.
 */
export function loadQuietly<T>(
  path: string,
  load: () => T,
  { log = false }: { log?: boolean } = {},
): T {
  const processor = readProcessor();
  if (processor.avx === false) {
    throw new TinctError(
      "failed_precondition",
      `The processor ${processor.model} lacks AVX, without which TensorFlow aborts; run Tinct on ` +
        "another machine, or let the virtual machine show the host's processor.",
    );
  }
  const isMac = process.platform === "darwin";
  const { symbols } = Deno.dlopen(isMac ? "libSystem.B.dylib" : "libc.so.6", libc);
  const loadAndStay = () => {
    // A library that cannot be loaded gives null; `load` then fails too, with the reason.
    symbols.dlopen(cString(path), RTLD_LAZY | (isMac ? 0x80 : 0x1000)); // RTLD_NODELETE
    return load();
  };
  if (log) return loadAndStay();
  symbols.setenv(cString("TF_CPP_MIN_LOG_LEVEL"), cString("2"), 0);
  const saved = symbols.dup(STDERR);
  const nowhere = symbols.open(cString("/dev/null"), O_WRONLY);
  if (saved < 0 || nowhere < 0) return loadAndStay(); // no descriptors left: rather loud than not at all
  try {
    symbols.dup2(nowhere, STDERR);
    return loadAndStay();
  } finally {
    symbols.dup2(saved, STDERR);
    symbols.close(saved);
    symbols.close(nowhere);
  }
}
