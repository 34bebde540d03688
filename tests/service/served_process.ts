import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { inTime } from "../in_time.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** `tinct serve` in a process of its own, with real workers. */
export class ServedProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** All log lines so far. */
  readonly lines: Record<string, unknown>[] = [];
  address = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts it and waits until it is ready, or has ended. */
  static async start(
    dataFolder: string,
    args: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ServedProcess> {
    const argv = ["run", "-A", "--no-check", main, "serve", "--data-dir", dataFolder];
    const web = args.includes("--web") ? [] : ["--web", "off"];
    const all = [...argv, "--listen", "127.0.0.1:0", ...web, ...args];
    const child = spawn(Deno.execPath(), all, {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const served = new ServedProcess(child);
    const ready = Promise.withResolvers<void>();
    let rest = "";
    child.stderr?.setEncoding("utf8").on("data", (part: string) => {
      const parts = (rest + part).split("\n");
      rest = parts.pop() ?? "";
      for (const text of parts) {
        const line = text.startsWith("{") ? JSON.parse(text) : { message: text };
        served.lines.push(line);
        if (typeof line.address !== "string") continue;
        served.address = line.address;
        ready.resolve();
      }
    });
    child.once("close", () => ready.resolve());
    try {
      await inTime(ready.promise, "the server is ready");
      return served;
    } catch (error) {
      await served.end("SIGKILL");
      throw new Error(`Its log was ${JSON.stringify(served.lines)}`, { cause: error });
    }
  }

  /** Its process. */
  get pid(): number {
    return this.#child.pid ?? NaN;
  }

  /** Process id of a job's newest worker; the server must have been started with TINCT_DEBUG. */
  workerPid(jobId: string): number {
    return Number(this.lines.findLast((line) => line["jobId"] === jobId && line["pid"])?.["pid"]);
  }

  /** Sends a signal and waits for the end. @returns the exit code; undefined: by a signal. */
  async end(signal?: "SIGTERM" | "SIGHUP" | "SIGKILL"): Promise<number | undefined> {
    const { pid, exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return exitCode ?? undefined;
    const closed = once(this.#child, "close");
    // child.kill() would make Deno report the signal in place of the exit code.
    if (signal !== undefined && pid !== undefined) process.kill(pid, signal);
    const [code] = await inTime(
      closed,
      `the server ends, its log's pipe closed by its workers, too`,
    );
    return code ?? undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }
}
