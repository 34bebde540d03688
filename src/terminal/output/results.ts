import { messageOf, TinctError } from "../../errors.ts";
import { stderr, stdout } from "./standard_streams.ts";
import { isBrokenPipe } from "./text_stream.ts";

/** The exit code of a program whose reader is gone: what a shell says of one that SIGPIPE ended. */
const NOBODY_READS = 141;

/** What becomes of a command whose results cannot be written to stdout. */
export class Results implements Disposable {
  readonly #mayBeLost: boolean;
  readonly #controller = new AbortController();

  /** @param options `mayBeLost`: the command works on whatever becomes of stdout. */
  constructor({ mayBeLost }: { readonly mayBeLost: boolean }) {
    this.#mayBeLost = mayBeLost;
    if (mayBeLost) return;
    stdout.stream.onFailure = (cause) =>
      this.#controller.abort(
        new TinctError("cancelled", "What was found can no longer be told.", { cause }),
      );
  }

  /** Aborted when there is nothing left to work for. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Waits until the results are written, as long as nobody interrupts that.
   *
   * @param code the exit code of the command's work.
   * @returns the exit code of the program.
   */
  async end(code: number, interrupted: AbortSignal): Promise<number> {
    if (this.#mayBeLost) return code;
    await stdout.written(interrupted);
    const { failure } = stdout.stream;
    if (failure === undefined) return code;
    if (isBrokenPipe(failure.error)) return NOBODY_READS;
    stderr.write(
      `The result could not be written to stdout: ${messageOf(failure.error)}. Have it written ` +
        "where there is room.\n",
    );
    return code === 0 || (this.signal.aborted && !interrupted.aborted) ? 1 : code;
  }

  [Symbol.dispose](): void {
    stdout.stream.onFailure = () => {};
  }
}
