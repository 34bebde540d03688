import { performance } from "node:perf_hooks";
import type { FetchProgress } from "../tensorflow/fetch_library.ts";
import { Progress, type ProgressSink } from "../terminal/progress.ts";

const LABELS = { download: "Downloading", check: "Checking", unpack: "Unpacking" } as const;

/** Shows how far a fetch has come: one line for each step of each wheel. */
export class FetchLine implements Disposable {
  readonly #sink: ProgressSink;
  #line: Progress | undefined;
  #step = "";

  /** @param sink such as `stderr`. */
  constructor(sink: ProgressSink) {
    this.#sink = sink;
  }

  show({ step, wheel, wheelNumber, wheelCount, doneBytes, totalBytes }: FetchProgress): void {
    if (this.#step !== `${step} ${wheel}`) {
      this.finish();
      const [name = "", version = ""] = wheel.split("-");
      const place = wheelCount === 1 ? "" : ` (${wheelNumber} of ${wheelCount})`;
      this.#step = `${step} ${wheel}`;
      this.#line = new Progress({
        label: `${LABELS[step]} ${name} ${version}${place}`,
        total: totalBytes,
        unit: "bytes",
        sink: this.#sink,
        now: () => performance.now(),
      });
    }
    this.#line?.update(doneBytes);
  }

  /** Says that the last step is done. */
  finish(): void {
    this.#line?.finish();
    this.#line = undefined;
  }

  /** Ends the line of a step that was not finished. */
  [Symbol.dispose](): void {
    this.#line?.[Symbol.dispose]();
    this.#line = undefined;
  }
}
