import { readFile } from "node:fs/promises";
import { maxSampleBytes } from "../config/service.ts";
import { fitPicture, type Picture } from "./fit_picture.ts";

/** How much memory pictures may take, and for how long. */
export interface SamplePicturesOptions {
  /** Most bytes of pictures that are on their way to watchers at a time, of all jobs together. */
  readonly maxBytes?: number;
  /** How long a watcher waits for its turn before the picture is left out for it. */
  readonly maxWaitMs?: number;
}

/** Which picture, and how large it may be. */
export interface WantedPicture {
  /** Whoever wants the same event's picture gives the same. */
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

/** A picture that some watchers are getting. */
interface Shared {
  readonly picture: Promise<Picture | undefined>;
  users: number;
}

/**
 * Sample pictures on their way to watchers. Each is read and scaled once for all who get it at the
 * time, and only so many bytes are on their way as there is memory for: with hundreds of watchers, or
 * some that do not read on, all at once would take gigabytes.
 */
export class SamplePictures {
  readonly #maxWaitMs: number;
  readonly #shared = new Map<string, Shared>();
  readonly #waiting = new Set<{ readonly bytes: number; readonly admit: () => void }>();
  #freeBytes: number;

  constructor({ maxBytes = 4 * 2 ** 20, maxWaitMs = 10_000 }: SamplePicturesOptions = {}) {
    this.#freeBytes = maxBytes;
    this.#maxWaitMs = maxWaitMs;
  }

  /**
   * Sends a picture when there is room for it.
   *
   * @param send is given the picture, undefined where its file is gone; the room is its until it is
   *   done.
   * @returns whether it was sent: false when no room came in time.
   * @throws the signal's reason; {TinctError} data_loss where the file is no picture; what `send` throws.
   */
  async deliver(
    wanted: WantedPicture,
    send: (picture: Picture | undefined) => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const bytes = Math.min(wanted.sizeBytes, maxSampleBytes);
    if (!(await this.#enter(bytes, signal))) return false;
    try {
      await this.#use(wanted, send);
      return true;
    } finally {
      this.#freeBytes += bytes;
      this.#admitWaiting();
    }
  }

  /** Waits for room, in the order of coming. */
  #enter(bytes: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        this.#waiting.delete(waiting);
        signal.removeEventListener("abort", abort);
        clearTimeout(timer);
        end();
      };
      const waiting = { bytes, admit: () => settle(() => resolve(true)) };
      const abort = () => settle(() => reject(signal.reason));
      const timer = setTimeout(() => settle(() => resolve(false)), this.#maxWaitMs);
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort);
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

  async #use(
    wanted: WantedPicture,
    send: (picture: Picture | undefined) => Promise<void>,
  ): Promise<void> {
    const key = `${wanted.event} ${wanted.maxPixels}`;
    const shared = this.#shared.get(key) ?? { picture: readPicture(wanted), users: 0 };
    this.#shared.set(key, shared);
    shared.users++;
    try {
      await send(await shared.picture);
    } finally {
      shared.users--;
      if (shared.users === 0 && this.#shared.get(key) === shared) this.#shared.delete(key);
    }
  }
}

async function readPicture(
  { path, width, height, maxPixels }: WantedPicture,
): Promise<Picture | undefined> {
  const file = await readFile(path).catch(() => undefined);
  if (file === undefined) return undefined;
  return await fitPicture({ file, width, height }, { maxPixels, maxBytes: maxSampleBytes });
}
