import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { messageOf, TinctError } from "../errors.ts";
import { type PinnedWheel, pipArguments } from "./fetch_wheels.ts";

/** A pip that runs here. */
interface Pip {
  /** The program and its first arguments, such as `["python3", "-m", "pip"]`. */
  readonly command: readonly [string, ...string[]];
  /** Such as "23.2.1". */
  readonly version: string;
}

const CANDIDATES: readonly Pip["command"][] = [
  ["python3", "-m", "pip"],
  ["python", "-m", "pip"],
  ["pip3"],
  ["pip"],
  ["uvx", "pip"],
];

/** How often the growing file is looked at. */
const POLL_MS = 250;

/** Output beyond this is not kept: the reason of a failure stands at the end. */
const KEPT_OUTPUT = 64 * 1024;

/**
 * Finds a pip that runs.
 *
 * @param options `python`: the Python to ask; undefined: the usual names on the PATH.
 * @throws {TinctError} `failed_precondition` when there is none, saying what was found.
 */
export async function findPip(
  { python, signal }: { python?: string | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Pip> {
  const candidates = python === undefined ? CANDIDATES : [[python, "-m", "pip"] as const];
  const refusals: string[] = [];
  for (const command of candidates) {
    const result = await runProgram([...command, "--version"], { signal });
    if (result === undefined) continue;
    const version = /^pip (\S+)/m.exec(result.stdout)?.[1];
    if (result.success && version !== undefined) return { command, version };
    refusals.push(`${command.join(" ")}: ${lastLine(result.stderr) ?? "no answer"}`);
  }
  const tried = candidates.map(([program]) => program);
  const found = refusals.length === 0
    ? `${[...new Set(tried)].join(", ")} ${tried.length > 1 ? "are" : "is"} not on the PATH`
    : refusals.join("; ");
  throw new TinctError(
    "failed_precondition",
    `Fetching TensorFlow needs Python 3 with pip, and there is none (${found}). Install it ` +
      "(`python3 -m ensurepip --user`, or the system's package python3-pip), or bring the wheels " +
      "here from another machine: `deno task tinct setup --list` prints the commands for it.",
  );
}

/** Options of `downloadWheel`. */
interface DownloadOptions {
  /** A folder for pip's temporary files, on the disk of `folder`; the caller removes it. */
  readonly temporaryFolder: string;
  readonly signal?: AbortSignal | undefined;
  /** Told from time to time how much of the wheel is here. */
  readonly onProgress?: ((doneBytes: number) => void) | undefined;
}

/**
 * Fetches a wheel with pip, which knows the user's indexes, proxies and certificates.
 *
 * @param folder takes the wheel; nothing else may be in it.
 * @returns the wheel's path, not checked yet.
 * @throws {TinctError} `unavailable` with pip's own reason, `resource_exhausted` on a full disk;
 *   the signal's reason when it was stopped.
 */
export async function downloadWheel(
  pip: Pip,
  wheel: PinnedWheel,
  folder: string,
  { temporaryFolder, signal, onProgress }: DownloadOptions,
): Promise<string> {
  const download = runProgram([
    ...pip.command,
    "download",
    "--no-input",
    "--disable-pip-version-check",
    "--progress-bar=off",
    // Its cache would keep every wheel a second time.
    "--no-cache-dir",
    `--dest=${folder}`,
    ...pipArguments(wheel),
  ], {
    signal,
    // A download installs nothing, so the demand for a virtual environment does not concern it.
    environment: { TMPDIR: temporaryFolder, PIP_REQUIRE_VIRTUALENV: "0" },
  });
  const result = await watching(download, async () => {
    const largest = await largestFile([temporaryFolder, folder]);
    onProgress?.(Math.min(largest, wheel.sizeBytes));
  });
  if (result === undefined) throw new TinctError("unavailable", `${pip.command[0]} is gone.`);
  const fetched = (await readdir(folder)).find((name) => name.endsWith(".whl"));
  if (!result.success || fetched === undefined) throw explain(pip, wheel, result.stderr);
  return join(folder, fetched);
}

interface ProgramResult {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; undefined where there is no such program. */
async function runProgram(
  [program, ...args]: string[],
  { signal, environment = {} }: {
    signal?: AbortSignal | undefined;
    environment?: Record<string, string>;
  },
): Promise<ProgramResult | undefined> {
  signal?.throwIfAborted();
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program ?? "", {
      args,
      env: environment, // added to this process's own
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(signal && { signal }),
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new TinctError("failed_precondition", `${program} cannot run: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  const [stdout, stderr, status] = await Promise.all([
    lastText(child.stdout),
    lastText(child.stderr),
    child.status,
  ]);
  signal?.throwIfAborted();
  return { success: status.success, stdout, stderr };
}

async function lastText(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text = (text + part).slice(-KEPT_OUTPUT);
  }
  return text;
}

/** Calls `look` every now and then until the work is done, and once more then. */
async function watching<T>(work: Promise<T>, look: () => Promise<void>): Promise<T> {
  const done = work.then(() => true, () => true);
  for (;;) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const pause = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), POLL_MS);
    });
    const finished = await Promise.race([done, pause]);
    clearTimeout(timer);
    if (finished) break;
    await look();
  }
  const result = await work;
  await look();
  return result;
}

/** The size of the largest file below the folders: the wheel on its way. */
async function largestFile(folders: readonly string[]): Promise<number> {
  let largest = 0;
  for (const folder of folders) {
    // What cannot be looked at has just been moved or removed by pip.
    for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
      const stats = await stat(join(folder, name)).catch(() => undefined);
      if (stats?.isFile() && stats.size > largest) largest = stats.size;
    }
  }
  return largest;
}

function explain(pip: Pip, wheel: PinnedWheel, stderr: string): TinctError {
  const name = `${basename(wheel.file)} (${(wheel.sizeBytes / 1e6).toFixed(0)} MB)`;
  if (/No space left on device|Disk quota exceeded/.test(stderr)) {
    return new TinctError(
      "resource_exhausted",
      `The disk became full while pip fetched ${name}; free some space, or choose another folder ` +
        "with --cache.",
    );
  }
  const reason = unreachable(stderr) ?? lastLine(stderr) ?? "it said nothing";
  const old = Number.parseInt(pip.version, 10) < 20
    ? ` pip ${pip.version} is old: try \`${pip.command.join(" ")} install --upgrade pip\`.`
    : "";
  return new TinctError(
    "unavailable",
    `pip could not fetch ${name}: ${reason}.${old} Check the network and pip's settings ` +
      `(\`${pip.command.join(" ")} config list\`) and try again, or bring the wheels here ` +
      "from another machine: `deno task tinct setup --list` prints the commands for it.",
  );
}

/** What keeps pip from its index; its last line would only say that it found nothing there. */
function unreachable(stderr: string): string | undefined {
  const certificate = /problem confirming the ssl certificate: (.*?)(?: - skipping)?$/m.exec(
    stderr,
  );
  if (certificate !== null) return `it does not trust the package index: ${certificate[1]}`;
  const broken = /connection broken by '(\w+)\((.*)\)': \//.exec(stderr);
  if (broken === null) return undefined;
  const [, kind = "", arguments_ = ""] = broken;
  const cause = arguments_.replace(/^.*> ?[:,] ?/, "").replace(/^['"]|['"]\)*$/g, "");
  return `it cannot reach the package index (${kind}: ${cause})`;
}

/** The last line that says something, errors first, without its label and full stop. */
function lastLine(output: string): string | undefined {
  const lines = output.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const line = lines.findLast((line) => /^ERROR:(?! Exception:)/.test(line)) ?? lines.at(-1);
  return line?.replace(/^ERROR:\s*/, "").replace(/\.$/, "");
}
