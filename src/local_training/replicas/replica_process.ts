import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { messageOf } from "../../errors.ts";

/** How a replica's process ended. */
export interface ReplicaExit {
  readonly rank: number;
  readonly code: number | undefined;
  /** Such as "SIGKILL"; undefined where it ended by itself. */
  readonly signal: string | undefined;
  /** The last lines it wrote to stderr, of one whose output is not shown. */
  readonly lastWords: string;
}

/** The most characters kept of what a replica wrote to stderr. */
const MAX_WORDS = 4000;

/**
 * A replica's process, another one of this program. Its stdin ends with this process, and it with
 * that. Rank 0 writes to this process's terminal, the others to nowhere.
 */
export class ReplicaProcess {
  readonly rank: number;
  readonly exited: Promise<ReplicaExit>;
  readonly #pid: number | undefined;
  #hasExited = false;

  /**
   * Starts it.
   *
   * @param words its command line after the program's name.
   * @param environment all of its environment variables.
   */
  constructor(
    rank: number,
    words: readonly string[],
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.rank = rank;
    const root = fileURLToPath(new URL("../../../", import.meta.url));
    const program = ["run", "-A", "--quiet", `--config=${root}deno.json`, `${root}src/cli/main.ts`];
    const shown = rank === 0 ? "inherit" : "pipe";
    const child = spawn(process.execPath, [...program, ...words], {
      env: { ...environment },
      stdio: ["pipe", rank === 0 ? "inherit" : "ignore", shown],
    });
    this.#pid = child.pid;
    let lastWords = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      lastWords = (lastWords + text).slice(-MAX_WORDS);
    });
    child.stdin?.on("error", () => {}); // it is gone already, which `exited` tells
    this.exited = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null) => {
        this.#hasExited = true;
        resolve({ rank, code: code ?? undefined, signal: signal ?? undefined, lastWords });
      };
      child.once("close", end);
      child.once("error", (error) => {
        lastWords = messageOf(error);
        end(1, null);
      });
    });
  }

  /** Sends it a signal; to one that has ended, nothing. */
  signal(name: "SIGINT" | "SIGKILL"): void {
    if (this.#hasExited || this.#pid === undefined) return;
    try {
      // child.kill() would have the runtime report this signal in place of the exit code.
      process.kill(this.#pid, name);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}
