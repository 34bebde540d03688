import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { inTime } from "../in_time.ts";

/** Of the longest command of the tests, a training, on a machine that others fill. */
const RUN_SECONDS = 300;

/** How a run of the program ended. */
interface TinctRun {
  /** The exit code; undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/**
 * Runs `tinct` in a process of its own.
 *
 * @param options `environment` is added to this process's; undefined takes a variable away.
 *   `interruptAt`: SIGINT is sent when stderr first matches this. `onError`: told all of stderr at
 *   every part of it.
 */
export async function runTinct(
  argv: readonly string[],
  { environment = {}, interruptAt, onError = () => {} }: {
    onError?: (stderr: string) => void;
    environment?: Record<string, string | undefined>;
    interruptAt?: RegExp;
  } = {},
): Promise<TinctRun> {
  const child = spawn(Deno.execPath(), ["run", "-A", "--no-check", main, ...argv], {
    env: { ...process.env, TINCT_DEBUG: undefined, ...environment },
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
  try {
    return await inTime(ended, `tinct ${argv.join(" ")} ends`, RUN_SECONDS);
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`It had said: ${stdout}${stderr}`, { cause: error });
  }
}
