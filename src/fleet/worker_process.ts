import { spawn } from "node:child_process";
import { getPriority, setPriority } from "node:os";
import process from "node:process";
import { messageOf } from "../errors.ts";
import { OutputLines } from "./output_lines.ts";
import type { WorkerCommand } from "./worker_command.ts";
import type { WorkerExit } from "./worker_place.ts";

/**
 * A worker's process. It reads its start-up line from stdin and ends when stdin ends: so it does not
 * outlive this process, however that ends.
 */
export class WorkerProcess {
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
  /** Settles when it is gone and all that it wrote has been taken. */
  readonly exited: Promise<WorkerExit>;
  #hasExited = false;

  /**
   * Starts it.
   *
   * @param startLine is given to it alone; it may hold a secret.
   * @param onLine takes each line that it writes to stdout or stderr.
   */
  constructor(
    { command, args, environment, niceness }: WorkerCommand,
    startLine: string,
    onLine: (line: string) => void,
  ) {
    const child = spawn(command, args, {
      env: { ...environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.pid = child.pid;
    if (child.pid !== undefined && niceness > 0) standBack(child.pid, niceness);
    this.exited = new Promise((resolve) => {
      child.once("exit", () => void (this.#hasExited = true));
      child.once("close", (code, signal) => {
        resolve({ code: code ?? undefined, signal: signal ?? undefined });
      });
      child.once("error", (error) => {
        this.#hasExited = true;
        resolve({ code: undefined, signal: undefined, startError: messageOf(error) });
      });
    });
    for (const output of [child.stdout, child.stderr]) {
      const lines = new OutputLines(onLine);
      output?.setEncoding("utf8");
      output?.on("data", (text: string) => lines.add(text)).on("end", () => lines.end());
    }
    child.stdin?.on("error", () => {}); // it is gone already, which `exited` tells
    child.stdin?.write(`${startLine}\n`);
  }

  /** Ends it at once. */
  kill(): void {
    if (this.#hasExited || this.pid === undefined) return;
    try {
      process.kill(this.pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

function standBack(pid: number, niceness: number): void {
  try {
    setPriority(pid, Math.min(19, getPriority() + niceness));
  } catch (error) {
    // It is gone already, which `exited` tells, or the system keeps priorities to itself: as before then.
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}
