import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { Readable, Writable } from "node:stream";

/** A program of this folder that runs until it is disposed of, which kills it. */
export class ChildProgram implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #exit: Promise<unknown[]>;

  /** Starts a program of this folder. */
  constructor(name: string, ...args: string[]) {
    const program = new URL(name, import.meta.url).pathname;
    this.#child = spawn(process.execPath, ["run", "-A", "--no-check", program, ...args], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#exit = once(this.#child, "exit");
  }

  /** Waits until it has printed something. */
  async said(): Promise<string> {
    const ended = this.#exit.then(() => {
      throw new Error("The program ended and said nothing.");
    });
    const [chunk] = await Promise.race([once(this.#child.stdout, "data"), ended]);
    return String(chunk).trim();
  }

  /** Sends it a signal. */
  signal(name: "SIGCONT"): void {
    // Not by the child: its exit would then be told as by this signal.
    process.kill(this.#child.pid ?? 0, name);
  }

  /** Gives it a line to read, the last one. */
  tell(line: string): void {
    this.#child.stdin.end(`${line}\n`);
  }

  /** Waits for its end; gives its exit code. */
  async ended(): Promise<unknown> {
    const [code] = await this.#exit;
    return code;
  }

  /** Sends SIGKILL and waits for its end. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
