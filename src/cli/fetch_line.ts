import { performance } from "node:perf_hooks";
import type { FetchProgress } from "../tensorflow/fetch_library.ts";

/** Where progress is shown: stderr, or what a test gives. */
export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const VERBS = { download: "Downloading", check: "Checking", unpack: "Unpacking" } as const;

/** A terminal's line is written anew at most so often. */
const REDRAW_MS = 100;

/** Where there is no terminal, a line a step, and one more whenever so much time has passed. */
const LINE_MS = 10_000;

/**
 * Shows the progress of a fetch: on a terminal one line that is written over, elsewhere a line now
 * and then. Disposing ends the line.
 */
export class FetchLine implements Disposable {
  readonly #output: ProgressOutput;
  readonly #now: () => number;
  #step = "";
  #stepStartedMs = 0;
  #stepStartBytes = 0;
  #shownMs = -Infinity;
  #openLine = false;

  /** @param now the clock, in milliseconds. */
  constructor(output: ProgressOutput, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#now = now;
  }

  show(progress: FetchProgress): void {
    const nowMs = this.#now();
    const step = `${progress.step} ${progress.wheel}`;
    const isNew = step !== this.#step;
    if (isNew) {
      this.#step = step;
      this.#stepStartedMs = nowMs;
      this.#stepStartBytes = progress.doneBytes;
    }
    const isTTY = this.#output.isTTY === true;
    const isEnd = progress.doneBytes >= progress.totalBytes;
    const pauseMs = isTTY ? REDRAW_MS : LINE_MS;
    if (!isNew && !(isTTY && isEnd) && nowMs - this.#shownMs < pauseMs) return;
    this.#shownMs = nowMs;
    const seconds = (nowMs - this.#stepStartedMs) / 1000;
    const line = describe(progress, (progress.doneBytes - this.#stepStartBytes) / seconds);
    if (isTTY) {
      this.#output.write(`\r${line.slice(0, (this.#output.columns ?? 80) - 1)}\x1b[K`);
      this.#openLine = true;
    } else this.#output.write(`${line}\n`);
  }

  /** Clears the terminal's line. */
  [Symbol.dispose](): void {
    if (this.#openLine) this.#output.write("\r\x1b[K");
    this.#openLine = false;
  }
}

function describe(progress: FetchProgress, bytesPerSecond: number): string {
  const { step, wheel, wheelNumber, wheelCount, doneBytes, totalBytes } = progress;
  const [name = "", version = ""] = wheel.split("-");
  const place = wheelCount === 1 ? "" : ` (${wheelNumber} of ${wheelCount})`;
  const amount = `${(doneBytes / 1e6).toFixed(1)} of ${(totalBytes / 1e6).toFixed(1)} MB`;
  const rate = Number.isFinite(bytesPerSecond) && bytesPerSecond > 0
    ? `, ${(bytesPerSecond / 1e6).toFixed(1)} MB/s, ` +
      `${Math.ceil((totalBytes - doneBytes) / bytesPerSecond)} s left`
    : "";
  return `${VERBS[step]} ${name} ${version}${place}: ${amount}${rate}`;
}

/** A number of bytes as a person reads it, with decimal units: "273.8 MB". */
export function describeBytes(sizeBytes: number): string {
  if (sizeBytes < 1e6) return `${(sizeBytes / 1e3).toFixed(1)} kB`;
  return sizeBytes < 1e9
    ? `${(sizeBytes / 1e6).toFixed(1)} MB`
    : `${(sizeBytes / 1e9).toFixed(1)} GB`;
}
