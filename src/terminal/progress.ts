import { formatBytes, formatCount, formatDuration, formatRate } from "./quantities.ts";
import { shown } from "../shown.ts";

/** Where progress is shown; `stderr` is one. */
export interface ProgressSink {
  /** Whether it is a terminal, whose last line can be rewritten. */
  readonly isTTY?: boolean | undefined;
  /** How many characters a line of the terminal holds; read anew each time. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** What is under way. */
export interface ProgressOptions {
  /** What is done, such as "Training". */
  label: string;
  /** When it is complete; left out if nobody knows. */
  total?: number | undefined;
  /** How much was done before, by an earlier run; 0 when left out. */
  start?: number;
  /** Whether amounts are bytes; "things" are only counted. "things" when left out. */
  unit?: "bytes" | "things";
  sink: ProgressSink;
  /** A clock in milliseconds, such as `() => performance.now()`. */
  now: () => number;
  /** The live line is written anew at most this often; 100 when left out. */
  liveIntervalMs?: number;
  /** Where there is no terminal, a line is written this often; 10,000 when left out. */
  plainIntervalMs?: number;
}

/** The speed is that of the last so many milliseconds: it follows changes, yet does not flicker. */
const windowMs = 15_000;
const widestBar = 28, narrowestBar = 8;
const toLineStart = "\r", clearToEnd = "\x1b[K";

/**
 * Shows how far long work has come: on a terminal one line that is rewritten in place, elsewhere a
 * line now and then. It starts no timer and hides no cursor, so that nothing is left behind whatever
 * happens; dispose of it, by `using`, and the terminal's line is ended even after an error or Ctrl-C.
 */
export class Progress implements Disposable {
  readonly #options: ProgressOptions;
  readonly #startedMs: number;
  readonly #start: number;
  readonly #marks: { atMs: number; done: number }[]; // of the last seconds, oldest first
  #done: number;
  #text = "";
  #shownMs: number;
  #onScreen = false; // whether the terminal's last line is ours
  #ended = false;

  /** Shows nothing yet. */
  constructor(options: ProgressOptions) {
    const { now, start = 0, sink } = options;
    this.#options = options;
    this.#startedMs = now();
    this.#start = this.#done = start;
    this.#marks = [{ atMs: this.#startedMs, done: start }];
    this.#shownMs = sink.isTTY ? -Infinity : this.#startedMs;
  }

  /**
   * Tells how much is done by now, and anything worth seeing beside it, such as losses. Cheap: it may
   * be called for every photo or step.
   */
  update(done: number, text = this.#text): void {
    if (this.#ended) return;
    const { now, sink, liveIntervalMs = 100, plainIntervalMs = 10_000 } = this.#options;
    const nowMs = now();
    this.#done = done;
    this.#text = shown(text); // a line break or escape would break the live line
    this.#mark(nowMs);
    if (nowMs - this.#shownMs < (sink.isTTY ? liveIntervalMs : plainIntervalMs)) return;
    this.#show(nowMs);
  }

  /** Writes a line above the live line, such as a warning. */
  log(text: string): void {
    const { sink, now } = this.#options;
    const line = shown(text);
    if (!this.#onScreen) {
      sink.write(`${line}\n`);
      return;
    }
    sink.write(`${toLineStart}${clearToEnd}${line}\n`);
    this.#show(now());
  }

  /** Ends with a line that says what was done, in what time and how fast. Only the first end counts. */
  finish(text = this.#text): void {
    if (this.#ended) return;
    this.#ended = true;
    const { label, sink, unit = "things", now } = this.#options;
    const durationMs = now() - this.#startedMs;
    const perSecond = (this.#done - this.#start) / (durationMs / 1000);
    const parts = [`${label} ${this.#amount()} in ${formatDuration(durationMs)}`];
    if (Number.isFinite(perSecond) && perSecond > 0) parts.push(formatRate(perSecond, unit));
    if (text !== "") parts.push(text);
    sink.write(`${this.#onScreen ? toLineStart + clearToEnd : ""}${parts.join("  ")}\n`);
    this.#onScreen = false;
  }

  /** Leaves the last state of an unfinished live line on the screen and ends the line. */
  [Symbol.dispose](): void {
    if (this.#ended) return;
    if (this.#onScreen) {
      this.#show(this.#options.now());
      this.#options.sink.write("\n");
    }
    this.#ended = true;
    this.#onScreen = false;
  }

  #mark(nowMs: number): void {
    const marks = this.#marks, last = marks.at(-1);
    // Marks are a hundredth of the window apart; the newest one moves until then.
    const before = marks.at(-2);
    if (last && before && last.atMs - before.atMs < windowMs / 100) {
      last.atMs = nowMs;
      last.done = this.#done;
    } else marks.push({ atMs: nowMs, done: this.#done });
    while (marks.length > 2 && nowMs - (marks[1]?.atMs ?? nowMs) >= windowMs) marks.shift();
  }

  /** How much a second, of late; NaN as long as nobody can say. */
  #perSecond(): number {
    const first = this.#marks[0], last = this.#marks.at(-1);
    if (!first || !last || last.atMs <= first.atMs) return NaN;
    return (last.done - first.done) / (last.atMs - first.atMs) * 1000;
  }

  #amount(): string {
    const { total, unit = "things" } = this.#options;
    const format = unit === "bytes" ? formatBytes : formatCount;
    return total === undefined ? format(this.#done) : `${format(this.#done)}/${format(total)}`;
  }

  #show(nowMs: number): void {
    const { label, total, unit = "things", sink } = this.#options;
    this.#shownMs = nowMs;
    const share = total === undefined ? undefined : total > 0 ? Math.min(1, this.#done / total) : 1;
    const perSecond = this.#perSecond();
    const parts = [this.#amount()];
    if (share !== undefined) parts.push(`${Math.floor(share * 100)}%`);
    if (perSecond > 0) {
      parts.push(formatRate(perSecond, unit));
      if (total !== undefined && share !== undefined && share < 1) {
        parts.push(`${formatDuration((total - this.#done) / perSecond * 1000)} left`);
      }
    }
    if (this.#text !== "") parts.push(this.#text);
    if (!sink.isTTY) {
      sink.write(`${label} ${parts.join("  ")}\n`);
      return;
    }
    const room = Math.max(1, (sink.columns || 80) - 1); // the last column would wrap the line
    const line = fitted(label, share, parts.join("  "), room);
    sink.write(`${toLineStart}${line}${clearToEnd}`);
    this.#onScreen = true;
  }
}

/** The live line in `room` characters: with a bar if there is room for one, else cut at its end. */
function fitted(label: string, share: number | undefined, rest: string, room: number): string {
  const plain = `${label} ${rest}`;
  const length = [...plain].length;
  const barRoom = Math.min(widestBar, room - length - 2);
  if (share !== undefined && barRoom >= narrowestBar) {
    return `${label} ${drawBar(share, barRoom)}  ${rest}`;
  }
  return length <= room ? plain : `${[...plain].slice(0, room - 1).join("")}…`;
}

/** A bar, `length` characters long, in steps of half a character. */
function drawBar(share: number, length: number): string {
  const halves = Math.floor(share * length * 2);
  const full = "━".repeat(halves >> 1), half = halves % 2 === 1 ? "╸" : "";
  return `${full}${half}${"·".repeat(length - full.length - half.length)}`;
}
