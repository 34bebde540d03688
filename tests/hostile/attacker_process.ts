import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The attacks that `attacker.ts` knows. */
export const attacks = ["pings", "resets", "metadata", "oversized", "idle"] as const;

/** Longer than the server needs, however busy the machine is. */
const PATIENCE_MS = 30_000;

/** One of `attacks`. */
export type Attack = typeof attacks[number];

/** `attacker.ts` in a process of its own, which is killed in the end. */
export class AttackerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  #connections = 0;
  #lastLine = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /**
   * Begins an attack, and waits until it is under way.
   *
   * @param idle connections of "idle".
   * @param url of another program with attacks.
   */
  static async start(
    attack: string,
    address: string,
    idle: number,
    url: URL = new URL("attacker.ts", import.meta.url),
  ): Promise<AttackerProcess> {
    const argv = ["run", "-A", "--no-check", fileURLToPath(url), attack, address, `${idle}`];
    const child = spawn(Deno.execPath(), argv, { stdio: ["ignore", "pipe", "inherit"] });
    const attacker = new AttackerProcess(child);
    const lines = createInterface({ input: child.stdout! });
    lines.on("line", (line) => {
      attacker.#connections++;
      attacker.#lastLine = line;
    });
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error("The server cuts nothing.")), PATIENCE_MS);
    try {
      await Promise.race([once(lines, "line", late), once(child, "exit", late)]);
      return attacker;
    } catch (error) {
      await attacker[Symbol.asyncDispose]();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** How many connections the server has cut so far, or how many idle ones there are. */
  get connections(): number {
    return this.#connections;
  }

  /** What it said last. */
  get lastLine(): string {
    return this.#lastLine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) throw new Error("The attacker ended by itself.");
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
