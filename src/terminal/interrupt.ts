import process from "node:process";
import { TinctError } from "../errors.ts";
import { isIgnored } from "./ignored_signals.ts";

/** The exit code of a program that was interrupted. */
export const INTERRUPTED = 130;

/**
 * Turns Ctrl-C, SIGTERM and SIGHUP into an AbortSignal while it lives. A second Ctrl-C or SIGTERM ends
 * the process at once; a second SIGHUP does not, since a terminal that closes sends several. Where
 * SIGHUP was ignored from the start, as by nohup, it stays so.
 */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #onSignal = () => this.#interrupt({ mayEnd: true });
  readonly #onHangUp: () => void;
  readonly #sameWithinMs: number;
  #firstMs: number | undefined;

  /**
   * @param options `sameWithinMs`: a second interrupt within this time is the first one arriving
   *   twice: the terminal sends it to every process, and `deno task` passes it on once more.
   *   `ignoresHangUp`: by default whether this process was started so.
   */
  constructor(
    { sameWithinMs = 500, ignoresHangUp = isIgnored("SIGHUP") }: {
      sameWithinMs?: number;
      ignoresHangUp?: boolean;
    } = {},
  ) {
    this.#sameWithinMs = sameWithinMs;
    // Without a listener Deno would no longer ignore it.
    this.#onHangUp = ignoresHangUp ? () => {} : () => this.#interrupt({ mayEnd: false });
    process.on("SIGINT", this.#onSignal);
    process.on("SIGTERM", this.#onSignal);
    process.on("SIGHUP", this.#onHangUp);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#onSignal);
    process.off("SIGTERM", this.#onSignal);
    process.off("SIGHUP", this.#onHangUp);
  }

  #interrupt({ mayEnd }: { readonly mayEnd: boolean }): void {
    const nowMs = performance.now();
    if (this.#firstMs === undefined) {
      this.#firstMs = nowMs;
      this.#controller.abort(new TinctError("cancelled", "Interrupted."));
    } else if (mayEnd && nowMs - this.#firstMs >= this.#sameWithinMs) {
      process.exit(INTERRUPTED);
    }
  }
}
