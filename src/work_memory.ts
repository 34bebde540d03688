import { onAbort } from "./abort.ts";

/** How far photos in work may go together. */
interface WorkMemoryLimits {
  /** Memory that they may take together, in bytes; a larger one is worked on alone. */
  readonly memoryBytes: number;
  /** Large photos at a time: they leave processors to others. Any number when left out. */
  readonly maxLarge?: number | undefined;
  /** Whether photos may come in now; always when left out. `admit` looks again. */
  readonly isOpen?: (() => boolean) | undefined;
}

/** A photo that takes more than this part of the memory is large, and leaves that part to small ones. */
const SMALL_PART = 0.25;

/**
 * One that takes less than this part waits for no room: of a million pixels and less there cannot be
 * enough at a time to matter.
 */
const TINY_PART = 1 / 64;

/** A photo that waits for room. */
interface Guest {
  readonly bytes: number;
  readonly isLarge: boolean;
  readonly entered: PromiseWithResolvers<void>;
}

/** Counts the memory that photos in work take together; those that do not fit wait. */
export class WorkMemory {
  readonly #limits: WorkMemoryLimits;
  readonly #bytes = { large: 0, small: 0 };
  #larges = 0;
  #waiting: Guest[] = [];

  constructor(limits: WorkMemoryLimits) {
    this.#limits = limits;
  }

  /** What has been taken now, in bytes. */
  get takenBytes(): number {
    return this.#bytes.large + this.#bytes.small;
  }

  /** Whether a photo is so small that it waits for no room. */
  isTiny(bytes: number): boolean {
    return bytes <= this.#limits.memoryBytes * TINY_PART;
  }

  /**
   * Waits for so much memory. Large photos leave a quarter of it to small ones, which pass by them.
   *
   * @returns gives it back.
   */
  async enter(bytes: number, signal: AbortSignal | undefined): Promise<() => void> {
    signal?.throwIfAborted();
    const { memoryBytes } = this.#limits;
    const isLarge = bytes > memoryBytes * SMALL_PART;
    // More than there is takes all that large ones may.
    const counted = isLarge ? Math.min(bytes, memoryBytes * (1 - SMALL_PART)) : bytes;
    const guest: Guest = { bytes: counted, isLarge, entered: Promise.withResolvers() };
    this.#waiting.push(guest);
    this.admit();
    await this.#entered(guest, signal);
    return () => {
      this.#bytes[isLarge ? "large" : "small"] -= counted;
      if (isLarge) this.#larges--;
      this.admit();
    };
  }

  /** Lets in who fits, the first first. */
  admit(): void {
    for (;;) {
      const next = this.#waiting.find((guest) => this.#fits(guest));
      if (next === undefined) return;
      this.#waiting = this.#waiting.filter((each) => each !== next);
      this.#bytes[next.isLarge ? "large" : "small"] += next.bytes;
      if (next.isLarge) this.#larges++;
      next.entered.resolve();
    }
  }

  /** Waits until a guest is in; it leaves when the signal is aborted. */
  async #entered(guest: Guest, signal: AbortSignal | undefined): Promise<void> {
    using _listening = onAbort(signal, (reason) => {
      this.#waiting = this.#waiting.filter((each) => each !== guest);
      guest.entered.reject(reason); // nothing, where it is in already
      this.admit(); // those that made way for it
    });
    await guest.entered.promise;
  }

  #fits({ bytes, isLarge }: Guest): boolean {
    const { memoryBytes, maxLarge = Infinity, isOpen = () => true } = this.#limits;
    const { large, small } = this.#bytes;
    if (!isOpen()) return false;
    if (this.isTiny(bytes)) return true;
    if (large + small + bytes > memoryBytes) return false;
    if (isLarge) {
      return this.#larges < maxLarge && large + bytes <= memoryBytes * (1 - SMALL_PART);
    }
    // Where a large one waits, small ones keep to their part, so that its turn comes.
    const largeWaits = this.#larges < maxLarge && this.#waiting.some((guest) => guest.isLarge);
    return !largeWaits || small === 0 || small + bytes <= memoryBytes * SMALL_PART;
  }
}
