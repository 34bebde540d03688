import { readFile, stat } from "node:fs/promises";
import { onAbort } from "../abort.ts";
import { maxSampleBytes } from "../config/service.ts";
import { TinctError } from "../errors.ts";
import type { Picture } from "../fleet/sheet_scaler.ts";
import type { Workbench } from "../fleet/workbench.ts";
import { systemErrorName } from "../files/file_errors.ts";
import { SharedWork } from "../datasets/shared_work.ts";

/** How much memory pictures may take, and for how long. */
interface SamplePicturesOptions {
  /** Most bytes of pictures that are on their way to watchers at a time, of all jobs together. */
  readonly maxBytes?: number;
  /** How long a watcher waits for its turn before the picture is left out for it. */
  readonly maxWaitMs?: number;
  /** Most bytes of pictures that are kept for watchers that come a little later. */
  readonly maxKeptBytes?: number;
}

/** Which picture, and how large it may be. */
export interface WantedPicture {
  /** Two calls for the same event's picture give the same. */
  readonly event: string;
  /** Its file, a PNG of our own making; absolute. */
  readonly path: string;
  readonly sizeBytes: number;
  /** In pixels, as drawn. */
  readonly width: number;
  readonly height: number;
  /** Width times height at most; Infinity: as large as fits into a message. */
  readonly maxPixels: number;
}

/** A picture on its way to a watcher, and the room that it takes until disposed of. */
interface PictureTurn extends Disposable {
  /** Undefined where its file is gone. */
  readonly picture: Picture | undefined;
}

/** How long a watcher waits for the worker that scales before the picture is left out for it. */
const MAX_SCALING_MS = 30_000;

/**
 * Sample pictures on their way to watchers. The server reads what fits into a message as it is; all
 * else is scaled in a worker, by a whole factor, once for all whose wishes come to the same factor.
 * Only so many bytes are on their way as there is memory for: with hundreds of watchers, or some that
 * do not read on, all at once would take gigabytes.
 */
export class SamplePictures {
  readonly #scale: Workbench["scaleSheet"];
  readonly #maxWaitMs: number;
  readonly #maxKeptBytes: number;
  readonly #making = new Map<string, SharedWork<Picture | undefined>>();
  /** The one that was asked for last is at the end. */
  readonly #kept = new Map<string, Picture>();
  readonly #waiting = new Set<{ readonly bytes: number; readonly admit: () => void }>();
  #freeBytes: number;

  /** @param scale see `Workbench.scaleSheet`. */
  constructor(
    scale: Workbench["scaleSheet"],
    { maxBytes = 4 * 2 ** 20, maxWaitMs = 10_000, maxKeptBytes = 8 * 2 ** 20 }:
      SamplePicturesOptions = {},
  ) {
    this.#scale = scale;
    this.#freeBytes = maxBytes;
    this.#maxWaitMs = maxWaitMs;
    this.#maxKeptBytes = maxKeptBytes;
  }

  /**
   * Waits for a picture and for room to send it.
   *
   * @returns the picture with the room, which the caller disposes of when it was sent; undefined when
   *   no room came in time, or no worker to scale it.
   * @throws the signal's reason; {TinctError} data_loss where the file is no picture.
   */
  async turn(wanted: WantedPicture, signal: AbortSignal): Promise<PictureTurn | undefined> {
    const factor = factorOf(wanted);
    // What is to be scaled waits for the worker without room, and is kept until there is some.
    if (factor > 1 && !(await this.#isMade(wanted, factor, signal))) return undefined;
    const bytes = Math.min(wanted.sizeBytes, maxSampleBytes);
    if (!(await this.#enter(bytes, signal))) return undefined;
    const leave = () => {
      this.#freeBytes += bytes;
      this.#admitWaiting();
    };
    try {
      const picture = await this.#picture(wanted, factor, signal);
      return { picture, [Symbol.dispose]: leave };
    } catch (error) {
      leave();
      if (isPassing(error)) return undefined;
      throw error;
    }
  }

  /** Has a picture scaled that is not there yet. @returns whether it could be, for now. */
  async #isMade(wanted: WantedPicture, factor: number, signal: AbortSignal): Promise<boolean> {
    const late = AbortSignal.timeout(MAX_SCALING_MS);
    try {
      await this.#picture(wanted, factor, AbortSignal.any([signal, late]));
      return true;
    } catch (error) {
      if (!signal.aborted && (late.aborted || isPassing(error))) return false;
      throw error;
    }
  }

  /** Waits for room, in the order of coming. */
  #enter(bytes: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        this.#waiting.delete(waiting);
        listening[Symbol.dispose]();
        clearTimeout(timer);
        end();
      };
      const waiting = { bytes, admit: () => settle(() => resolve(true)) };
      if (signal.aborted) return reject(signal.reason);
      const timer = setTimeout(() => settle(() => resolve(false)), this.#maxWaitMs);
      const listening = onAbort(signal, (reason) => settle(() => reject(reason)));
      this.#waiting.add(waiting);
      this.#admitWaiting();
    });
  }

  #admitWaiting(): void {
    for (const { bytes, admit } of this.#waiting) {
      if (bytes > this.#freeBytes) return; // nobody overtakes a large one
      this.#freeBytes -= bytes;
      admit();
    }
  }

  /** The picture, undefined where its file is gone; made once for all who wait for it at the time. */
  async #picture(
    wanted: WantedPicture,
    factor: number,
    signal: AbortSignal,
  ): Promise<Picture | undefined> {
    const key = `${wanted.event} ${factor}`;
    const kept = this.#kept.get(key);
    if (kept) {
      this.#keep(key, kept);
      return kept;
    }
    const made = this.#making.get(key);
    const making = made && !made.hasFailed
      ? made
      : new SharedWork((unwanted) => this.#make(wanted, factor, unwanted));
    if (making !== made) {
      this.#making.set(key, making);
      void making.ended.then(() => {
        if (this.#making.get(key) === making) this.#making.delete(key);
      });
    }
    const picture = await making.join(signal);
    if (picture) this.#keep(key, picture);
    return picture;
  }

  #keep(key: string, picture: Picture): void {
    this.#kept.delete(key);
    this.#kept.set(key, picture);
    let bytes = 0;
    for (const { file } of this.#kept.values()) bytes += file.byteLength;
    for (const [oldest, { file }] of this.#kept) {
      if (bytes <= this.#maxKeptBytes) return;
      this.#kept.delete(oldest);
      bytes -= file.byteLength;
    }
  }

  async #make(
    { path, width, height }: WantedPicture,
    factor: number,
    signal: AbortSignal,
  ): Promise<Picture | undefined> {
    try {
      if (factor === 1 && (await stat(path)).size <= maxSampleBytes) {
        return { file: await readFile(path), width, height };
      }
      return await this.#scale({ path, factor, maxBytes: maxSampleBytes }, { signal });
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }
}

/**
 * How many times smaller a picture is to be at least: 1, 2, 3, 4, 6, 8, 12, 16, and so on. However
 * many sizes watchers ask for, a sheet is scaled to a dozen.
 */
function factorOf({ width, height, sizeBytes, maxPixels }: WantedPicture): number {
  const least = Math.max(Math.sqrt(width * height / maxPixels), sizeBytes > maxSampleBytes ? 2 : 1);
  let factor = 1;
  while (factor < least) factor = factor & (factor - 1) ? factor * 4 / 3 : Math.ceil(factor * 1.5);
  return factor;
}

function isGone(error: unknown): boolean {
  if (error instanceof TinctError) return error.code === "not_found";
  return systemErrorName(error) === "ENOENT";
}

/** Whether it may go better another time; then a watcher goes on without the picture. */
function isPassing(error: unknown): boolean {
  return error instanceof TinctError && ["resource_exhausted", "unavailable"].includes(error.code);
}
