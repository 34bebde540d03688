import process from "node:process";
import { TinctError } from "../errors.ts";

/** The exit code of a program that was interrupted. */
export const INTERRUPTED = 130;

/** Turns Ctrl-C and SIGTERM into an AbortSignal while it lives; a second one ends the process. */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #listener = () => this.#interrupt();
  readonly #sameWithinMs: number;
  #firstMs: number | undefined;

  /**
   * @param options `sameWithinMs`: a second interrupt within this time is the first one arriving
   *   twice: the terminal sends it to every process, and `deno task` passes it on once more.
   */
  constructor({ sameWithinMs = 500 }: { sameWithinMs?: number } = {}) {
    this.#sameWithinMs = sameWithinMs;
    process.on("SIGINT", this.#listener);
    process.on("SIGTERM", this.#listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#listener);
    process.off("SIGTERM", this.#listener);
  }

  #interrupt(): void {
    const nowMs = performance.now();
    if (this.#firstMs === undefined) {
      this.#firstMs = nowMs;
      this.#controller.abort(new TinctError("cancelled", "Interrupted."));
    } else if (nowMs - this.#firstMs >= this.#sameWithinMs) {
      process.exit(INTERRUPTED);
    }
  }
}
