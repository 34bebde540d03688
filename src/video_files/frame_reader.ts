import { shown } from "../shown.ts";
import { FfmpegProcess } from "./ffmpeg.ts";
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
 * @param options `from`: the number of the first one that is wanted, from 0.
 * @throws {TinctError} what ffmpeg cannot read; the signal's reason.
 */
export async function* readFrames(
  path: string,
  { width, height, rate }: VideoFacts,
  { from, signal }: { readonly from: number; readonly signal: AbortSignal },
): AsyncGenerator<TimedFrame, void, undefined> {
  const stamps = new TimeStamps();
  const filters = [
    ...(from > 0 ? [`select=gte(n\\,${from})`] : []),
    `scale=${width}:${height}:flags=bicubic+accurate_rnd+full_chroma_int`,
    "showinfo=checksum=0", // says when each frame is shown
  ];
  await using reading = new FfmpegProcess("ffmpeg", [
    ...["-nostdin", "-hide_banner", "-nostats", "-i", path, "-map", "0:V:0"],
    ...["-vf", filters.join(","), "-fps_mode", "passthrough"],
    ...["-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"],
  ], { what: `reading ${shown(path)}`, onLine: (line) => stamps.take(line), signal });
  reading.child.stdin!.end();
  const sizeBytes = width * height * 3;
  let [rgb, filled] = [new Uint8Array(sizeBytes), 0];
  let number = 0;
  let last = -1 / rate;
  // A stream that is destroyed while it is read rejects where nobody hears it; the process ends it.
  const chunks = reading.child.stdout!.iterator({ destroyOnReturn: false });
  for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
    for (let at = 0; at < chunk.length;) {
      const count = Math.min(sizeBytes - filled, chunk.length - at);
      rgb.set(chunk.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < sizeBytes) continue;
      const time = await Promise.race([stamps.of(number++), reading.end().then(() => undefined)]);
      // One without a time stamp, or with one that goes back, follows the one before at the usual pace.
      last = time !== undefined && time > last ? time : last + 1 / rate;
      yield { rgb, time: last };
      [rgb, filled] = [new Uint8Array(sizeBytes), 0];
    }
  }
  await reading.end();
}

/** What ffmpeg's filter `showinfo` says. */
class TimeStamps {
  #unit = NaN;
  readonly #times = new Map<number, number | undefined>();
  readonly #waiting = new Map<number, (time: number | undefined) => void>();

  /** @returns whether the line is its. */
  take(line: string): boolean {
    if (!/^\[Parsed_showinfo/.test(line)) return false;
    const unit = /config in time_base: (\d+)\/(\d+)/.exec(line);
    if (unit) this.#unit = Number(unit[1]) / Number(unit[2]);
    const frame = /\bn: *(\d+) pts: *(-?\d+|NOPTS)/.exec(line);
    if (frame) this.#set(Number(frame[1]), Number(frame[2]) * this.#unit);
    return true;
  }

  /** Waits for a frame's; each is asked for once. */
  async of(number: number): Promise<number | undefined> {
    if (!this.#times.has(number)) {
      return await new Promise((resolve) => this.#waiting.set(number, resolve));
    }
    const time = this.#times.get(number);
    this.#times.delete(number);
    return time;
  }

  #set(number: number, seconds: number): void {
    const time = Number.isFinite(seconds) ? seconds : undefined;
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (waiting) waiting(time);
    else this.#times.set(number, time);
  }
}
