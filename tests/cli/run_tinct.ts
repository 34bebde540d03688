import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { inTime } from "../in_time.ts";
import type { Wish } from "./kept_program.ts";

/** Of the longest command of the tests, a training, on a machine that others fill. */
const RUN_SECONDS = 300;

/** How a run of the program ended. */
interface TinctRun {
  /** The exit code; undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  /** Is added to this process's; undefined takes a variable away. */
  readonly environment?: Record<string, string | undefined>;
  /** SIGINT is sent when stderr first matches this; not to a process that is kept. */
  readonly interruptAt?: RegExp;
  /** Told all of stderr at every part of it. */
  readonly onError?: (stderr: string) => void;
  /** In a process that has run other commands of the same test file before: `kept_program.ts`. */
  readonly isKept?: boolean;
  /** Where it runs; by default where this process does. */
  readonly folder?: string;
}

/** Where a command runs. */
interface Place {
  /** The whole of it. */
  readonly environment: Record<string, string | undefined>;
  readonly folder: string;
}

/** Options of Deno for a program whose packages are there, as they are for the tests. */
const lean = ["-A", "--no-check", "--node-modules-dir=manual"];

/** Processes that have run commands of this test file and wait for the next. */
const kept: KeptProgram[] = [];

/** Runs `tinct` in another process, with pipes for stdout and stderr. */
export async function runTinct(
  argv: readonly string[],
  {
    environment = {},
    interruptAt,
    onError = () => {},
    isKept = false,
    folder = process.cwd(),
  }: RunOptions = {},
): Promise<TinctRun> {
  const place = { environment: { ...process.env, TINCT_DEBUG: undefined, ...environment }, folder };
  if (!isKept) return await runAlone(argv, { ...place, interruptAt, onError });
  const program = kept.pop() ?? new KeptProgram();
  const run = await orKill(program.child, argv, program.run(argv, place, onError));
  if (program.child.exitCode === null && program.child.signalCode === null) kept.push(program);
  return run;
}

/** The same, in a process that is kept for the next command. */
export function runKeptTinct(argv: readonly string[], options: RunOptions = {}): Promise<TinctRun> {
  return runTinct(argv, { ...options, isKept: true });
}

async function runAlone(
  argv: readonly string[],
  { environment, folder, interruptAt, onError }: Place & {
    readonly interruptAt: RegExp | undefined;
    readonly onError: (stderr: string) => void;
  },
): Promise<TinctRun> {
  const child = spawn(Deno.execPath(), ["run", ...lean, programFile("main"), ...argv], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "", stderr = "", interrupted = false;
  child.stdout.setEncoding("utf8").on("data", (part: string) => stdout += part);
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    stderr += part;
    onError(stderr);
    if (interrupted || !interruptAt?.test(stderr)) return;
    interrupted = true;
    // child.kill() would make Deno report the signal in place of the exit code.
    if (child.pid !== undefined) process.kill(child.pid, "SIGINT");
  });
  const ended = new Promise<TinctRun>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? undefined, stdout, stderr }));
  });
  return await orKill(child, argv, ended);
}

/** Waits for a command's end, but not for ever. */
async function orKill(
  child: ChildProcess,
  argv: readonly string[],
  run: Promise<TinctRun>,
): Promise<TinctRun> {
  try {
    return await inTime(run, `tinct ${argv.join(" ")} ends`, RUN_SECONDS);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

/** A process that runs commands one after the other; it ends with this one. */
class KeptProgram {
  readonly child: ChildProcess;
  #output = { stdout: "", stderr: "" };
  #heard: () => void = () => {};

  constructor() {
    const file = fileURLToPath(new URL("kept_program.ts", import.meta.url));
    this.child = spawn(Deno.execPath(), ["run", ...lean, file], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    for (const name of ["stdout", "stderr"] as const) {
      this.child[name]?.setEncoding("utf8").on("data", (part: string) => {
        this.#output[name] += part;
        this.#heard();
      });
    }
  }

  async run(
    argv: readonly string[],
    { environment, folder }: Place,
    onError: (stderr: string) => void,
  ): Promise<TinctRun> {
    const output = this.#output = { stdout: "", stderr: "" };
    const mark = `\0${crypto.randomUUID()}\n`;
    const { promise, resolve, reject } = Promise.withResolvers<TinctRun>();
    let code: number | undefined;
    this.#heard = () => {
      onError(output.stderr);
      const isWhole = output.stdout.endsWith(mark) && output.stderr.endsWith(mark);
      if (code === undefined || !isWhole) return;
      const [stdout, stderr] = [output.stdout, output.stderr]
        .map((text) => text.slice(0, -mark.length)) as [string, string];
      resolve({ code, stdout, stderr });
    };
    const onMessage = (message: unknown) => {
      code = (message as { code: number }).code;
      this.#heard();
    };
    // A command that ends its process, as a second Ctrl-C does.
    const onClose = (code: number | null) => resolve({ code: code ?? undefined, ...output });
    this.child.once("message", onMessage).once("close", onClose).once("error", reject);
    const variables = Object.entries(environment)
      .filter((each): each is [string, string] => each[1] !== undefined);
    const wish: Wish = { argv, environment: Object.fromEntries(variables), folder, mark };
    this.child.send(wish);
    try {
      return await promise;
    } finally {
      this.child.off("message", onMessage).off("close", onClose).off("error", reject);
    }
  }
}

function programFile(name: string): string {
  return fileURLToPath(new URL(`../../src/cli/${name}.ts`, import.meta.url));
}
