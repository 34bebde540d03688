import type { StreamMetricsResponse__Output } from "../protocol/generated/tinct/v1/stream_metrics_response.ts";
import type { TrainingProgress__Output } from "../protocol/generated/tinct/v1/training_progress.ts";
import { memberOf } from "../protocol/one_of.ts";
import { durationMsOf, timeMsOf } from "../protocol/times.ts";
import { lossWords } from "../terminal/loss_words.ts";
import { measureWords } from "../protocol/measure_words.ts";
import {
  counted,
  formatBytes,
  formatCount,
  formatDuration,
  formatLearningRates,
} from "../terminal/quantities.ts";
import { shown } from "../shown.ts";

/** Where a watch is shown; `stdout` is one. */
interface ViewSink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Where there is no terminal, progress of preparing is a line this often. */
const PLAIN_INTERVAL_MS = 10_000;
const blocks = "▁▂▃▄▅▆▇█";
const toLineStart = "\r", clearToEnd = "\x1b[K";

/**
 * Shows a job's events: on a terminal the losses as a live line with their course drawn beside them,
 * elsewhere a line each; everything else as lines. Disposing of it ends the live line.
 */
export class WatchView implements Disposable {
  readonly #sink: ViewSink;
  readonly #course: number[] = [];
  #onScreen = false;
  /** When preparing was last shown, and whether the number of photos was known. */
  #preparing = { timeMs: -Infinity, isKnown: false };
  /** The state that the job was last known to be in, such as "RUNNING". */
  lastState = "";

  constructor(sink: ViewSink) {
    this.#sink = sink;
  }

  /** Shows one event. */
  show(message: StreamMetricsResponse__Output): void {
    const event = memberOf(message, "event");
    switch (event?.kind) {
      case "state": {
        const { to, message: reason, failure } = event.value;
        this.lastState = String(to).replace("JOB_STATE_", "");
        const text = failure?.message ?? reason;
        return this.say(`${this.lastState}${text === "" ? "" : `: ${text}`}`);
      }
      case "losses": {
        const { step, epoch, lossD, lossGGan, lossGL1, lrG, lrD, imagesPerSecond, timeLeft } =
          event.value;
        if (lossGL1 !== undefined) this.#course.push(lossGL1);
        if (this.#course.length > 400) this.#course.splice(0, 200);
        const left = durationMsOf(timeLeft);
        return this.#live([
          `step ${step}  epoch ${epoch.toFixed(1)}  ` +
          `${lossWords({ D: lossD, G: lossGGan, L1: lossGL1 })}  ` +
          `${imagesPerSecond.toFixed(1)} img/s`,
          ...(left === undefined ? [] : [`${formatDuration(left)} left`]),
          `lr ${formatLearningRates(lrG, lrD)}`,
        ].join("  "));
      }
      case "validation": {
        const { step, best } = event.value;
        const parts = [...measureWords(event.value), ...(best ? ["the best so far"] : [])];
        return this.say(`Step ${step}: validation ${parts.join(", ")}`);
      }
      case "sample": {
        const { step, width, height, measures } = event.value;
        const parts = [`sample sheet ${width}x${height}`, ...measureWords(measures)];
        return this.say(`Step ${step}: ${parts.join(", ")}`);
      }
      case "checkpoint":
        return this.say(
          `Step ${event.value.step}: checkpoint (${formatBytes(event.value.sizeBytes)})`,
        );
      case "log":
        return this.say(event.value.message);
      case "dropped":
        return this.say(
          `(${counted(event.value.losses, "event")} of losses and ` +
            `${counted(event.value.samples, "picture")} left out: too slow)`,
        );
      case "heartbeat":
        return this.#showPreparing(event.value.progress, timeMsOf(message.time) ?? 0);
      default: // what this version does not know
    }
  }

  /** Writes a line above the live line. */
  say(line: string): void {
    const clear = this.#onScreen ? toLineStart + clearToEnd : "";
    this.#sink.write(`${clear}${shown(line)}\n`);
    this.#onScreen = false;
  }

  [Symbol.dispose](): void {
    if (this.#onScreen) this.#sink.write("\n");
    this.#onScreen = false;
  }

  /** How far preparing has come, which no other event tells; off a terminal not at every sign. */
  #showPreparing(progress: TrainingProgress__Output | null, timeMs: number): void {
    if (progress?.phase !== "TRAINING_PHASE_PREPARING") return;
    const { photosDone, photosTotal } = progress;
    const isKnown = photosTotal > 0;
    const isSoon = timeMs - this.#preparing.timeMs < PLAIN_INTERVAL_MS;
    if (!this.#sink.isTTY && isSoon && isKnown === this.#preparing.isKnown) return;
    this.#preparing = { timeMs, isKnown };
    const percent = Math.floor(100 * photosDone / photosTotal);
    this.#live(
      isKnown
        ? `preparing  ${formatCount(photosDone)} of ${counted(photosTotal, "photo")}  ${percent}%`
        : "preparing  looking at the photos",
    );
  }

  #live(line: string): void {
    if (!this.#sink.isTTY) {
      this.#sink.write(`${line}\n`);
      return;
    }
    const room = Math.max(20, (this.#sink.columns ?? 80) - 1);
    const plot = drawCourse(this.#course, Math.max(0, Math.min(40, room - line.length - 2)));
    this.#sink.write(`${toLineStart}${`${line}  ${plot}`.slice(0, room)}${clearToEnd}`);
    this.#onScreen = true;
  }
}

/** The course of a number in so many characters: the newest on the right, scaled to what is seen. */
function drawCourse(values: readonly number[], width: number): string {
  const seen = values.slice(-Math.max(0, width)).filter(Number.isFinite);
  if (width <= 0 || seen.length === 0) return "";
  const low = Math.min(...seen), high = Math.max(...seen);
  return seen.map((value) => {
    const share = high > low ? (value - low) / (high - low) : 0;
    return blocks[Math.min(blocks.length - 1, Math.floor(share * blocks.length))] ?? "";
  }).join("");
}
