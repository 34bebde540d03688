import { shown } from "../shown.ts";
import { FfmpegProcess, fileUrl } from "./ffmpeg.ts";
import type { VideoFacts } from "./video_facts.ts";

/** A frame of a file. */
interface TimedFrame {
  /** [height, width, 3], sRGB; the caller's own. */
  readonly rgb: Uint8Array;
  /** When it is shown, seconds from the file's beginning. */
  readonly time: number;
}

/**
 * Reads the frames of a video, each once, at the pace at which they are taken.
 *
 * @param options `from`: the number of the first one that is wanted, from 0; `skipsHere`: those before
 *   it are read and left out here, which takes longer. By default ffmpeg leaves them out.
 * @throws {TinctError} what ffmpeg cannot read; the signal's reason.
 */
export async function* readFrames(
  path: string,
  facts: VideoFacts,
  { from, skipsHere = false, signal }: {
    readonly from: number;
    readonly skipsHere?: boolean;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<TimedFrame, void, undefined> {
  const { width, height, rate } = facts;
  const stamps = new TimeStamps();
  const leavesOut = from > 0 && !skipsHere;
  // Where frames change their size, ffmpeg begins its filters anew, and that one leaves out as many again.
  const isCountLost = () => leavesOut && stamps.beginnings > 1;
  const filters = [
    ...(leavesOut ? [`select=gte(n\\,${from})`] : []),
    `scale=${width}:${height}:flags=bicubic+accurate_rnd+full_chroma_int`,
    "showinfo=checksum=0", // says when each frame is shown
  ];
  await using reading = new FfmpegProcess("ffmpeg", [
    ...["-nostdin", "-hide_banner", "-nostats", "-i", fileUrl(path), "-map", "0:V:0"],
    ...["-vf", filters.join(","), "-fps_mode", "passthrough"],
    ...["-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"],
  ], { what: `reading ${shown(path)}`, onLine: (line) => stamps.take(line), signal });
  reading.child.stdin.end();
  reading.end().finally(() => stamps.end()).catch(() => {}); // it is told below
  const sizeBytes = width * height * 3;
  let [rgb, filled] = [new Uint8Array(sizeBytes), 0];
  let number = leavesOut ? from : 0;
  let last = -1 / rate;
  // A stream that is destroyed while it is read rejects where nobody hears it; the process ends it.
  const chunks = reading.child.stdout.iterator({ destroyOnReturn: false });
  read: for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
    for (let at = 0; at < chunk.length;) {
      const count = Math.min(sizeBytes - filled, chunk.length - at);
      rgb.set(chunk.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < sizeBytes) continue;
      const time = await stamps.next();
      if (time === undefined && stamps.areOver) await reading.end(); // throws where it failed
      if (isCountLost()) break read;
      // One without a time stamp, or with one that goes back, follows the one before at the usual pace.
      last = time !== undefined && time > last && time >= 0 ? time : last + 1 / rate;
      filled = 0;
      if (number++ < from) continue;
      yield { rgb, time: last };
      rgb = new Uint8Array(sizeBytes);
    }
  }
  if (!isCountLost()) await reading.end();
  if (!isCountLost()) return;
  await reading[Symbol.asyncDispose]();
  yield* readFrames(path, facts, { from: number, skipsHere: true, signal });
}

/** What ffmpeg's filter `showinfo` says. Its own numbers begin anew with the filters. */
class TimeStamps {
  #unit = NaN;
  #beginnings = 0;
  /** In seconds, of frames that nobody has asked for yet. */
  readonly #times: (number | undefined)[] = [];
  #waiting: ((time: number | undefined) => void) | undefined;
  #areOver = false;

  /** Whether nothing more is said. */
  get areOver(): boolean {
    return this.#areOver;
  }

  /** How often the filters were begun. */
  get beginnings(): number {
    return this.#beginnings;
  }

  /** @returns whether the line is its. */
  take(line: string): boolean {
    if (!/^\[Parsed_showinfo/.test(line)) return false;
    const unit = /config in time_base: (\d+)\/(\d+)/.exec(line);
    if (unit) {
      this.#unit = Number(unit[1]) / Number(unit[2]);
      this.#beginnings++;
    }
    const frame = /\bn: *\d+ pts: *(-?\d+|NOPTS)/.exec(line);
    if (frame) this.#add(Number(frame[1]) * this.#unit);
    return true;
  }

  /** Nothing more is said. */
  end(): void {
    this.#areOver = true;
    this.#waiting?.(undefined);
  }

  /** Waits for the next frame's, one at a time. */
  async next(): Promise<number | undefined> {
    if (this.#times.length > 0 || this.#areOver) return this.#times.shift();
    return await new Promise((resolve) => this.#waiting = resolve);
  }

  #add(seconds: number): void {
    const time = Number.isFinite(seconds) ? seconds : undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(time);
    else this.#times.push(time);
  }
}
