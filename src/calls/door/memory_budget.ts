import { TinctError } from "../../errors.ts";
import { releaseBuffer } from "../../protocol/release_buffer.ts";
import { mebibytes } from "../../words.ts";

/** What HTTP/2 may hold of a call that is not read: two windows of a stream, measured. */
export const UNREAD_BYTES = 128 * 1024;

/** When a client that found no room is to try again: about when a photo has been colorized. */
const RETRY_MS = 2000;

/** Whatever others hold, a client may hold this part of the budget as long as it is free. */
const SMALL_PART = 1 / 16;

/** Somebody who waits for room. */
interface Waiter {
  readonly share: MemoryShare;
  readonly bytes: number;
  readonly granted: () => void;
}

/**
 * Counts the bytes that clients make the server hold: messages under way, photos that wait, pictures
 * that go out. There is one budget for all calls and connections.
 *
 * It is shared out by what is left: a client may hold as much as would still be free. So one alone
 * gets half of it, two get a third each, and there is always something left for the next one.
 */
export class MemoryBudget {
  readonly totalBytes: number;
  #usedBytes = 0;
  readonly #held = new Map<string, number>();
  /** Pictures on their way, by client. */
  readonly #pictures = new Map<string, number>();
  /** The oldest first. */
  readonly #waiting = new Set<Waiter>();

  constructor(totalBytes: number) {
    this.totalBytes = totalBytes;
  }

  /** Bytes that are held; more than there are where something had to be kept. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** How many wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** What a call of this client's will hold; the caller disposes of it when the call is over. */
  open(client: string): MemoryShare {
    return new MemoryShare(this, client);
  }

  /** What a client holds in all its calls. */
  heldBy(client: string): number {
    return this.#held.get(client) ?? 0;
  }

  /** For `MemoryShare`. */
  hasRoom(client: string, bytes: number): boolean {
    const free = this.totalBytes - this.#usedBytes - bytes;
    const held = this.heldBy(client) + bytes;
    return free >= 0 && held <= Math.max(free, this.totalBytes * SMALL_PART);
  }

  /** For `MemoryShare`: whether nobody else holds anything. */
  isAlone(client: string): boolean {
    return this.#usedBytes === this.heldBy(client);
  }

  /** For `MemoryShare`: how many pictures are on their way to a client. */
  picturesOf(client: string): number {
    return this.#pictures.get(client) ?? 0;
  }

  /** For `MemoryShare`. @param by 1 or -1. */
  countPicture(client: string, by: number): void {
    const count = this.picturesOf(client) + by;
    if (count > 0) this.#pictures.set(client, count);
    else this.#pictures.delete(client);
  }

  /** For `MemoryShare`. @param bytes fewer than none give some back. */
  count(client: string, bytes: number): void {
    this.#usedBytes += bytes;
    const held = this.heldBy(client) + bytes;
    if (held > 0) this.#held.set(client, held);
    else this.#held.delete(client);
    if (bytes < 0) this.#grant();
  }

  /** For `MemoryShare`. @returns what it is granted by, unless it is taken back before. */
  wait(share: MemoryShare, bytes: number): { promise: Promise<void>; leave: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = { share, bytes, granted: resolve };
    this.#waiting.add(waiter);
    return { promise, leave: () => void this.#waiting.delete(waiter) };
  }

  /** Lets those in who fit, the oldest first. */
  #grant(): void {
    for (const waiter of this.#waiting) {
      if (!waiter.share.tryTake(waiter.bytes)) continue;
      this.#waiting.delete(waiter);
      waiter.granted();
    }
  }
}

/** Room for a picture that goes to a client, from when its size is known until disposed of. */
export class PictureRoom implements Disposable {
  readonly #share: MemoryShare;
  #bytes = 0;

  constructor(share: MemoryShare) {
    this.#share = share;
  }

  /** Takes it; anew where it was taken before. @throws {TinctError} see `takePicture`. */
  take(bytes: number): void {
    this[Symbol.dispose]();
    this.#share.takePicture(bytes);
    this.#bytes = bytes;
  }

  [Symbol.dispose](): void {
    if (this.#bytes > 0) this.#share.givePicture(this.#bytes);
    this.#bytes = 0;
  }
}

/** What one call holds of a budget. Disposing of it gives all back. */
export class MemoryShare implements Disposable {
  readonly client: string;
  readonly #budget: MemoryBudget;
  #bytes = 0;
  #pictures = 0;
  #isOver = false;
  /** What clients sent, which goes when nobody uses it any more. */
  readonly #buffers = new Set<Uint8Array>();
  #users = 0;

  /** For `MemoryBudget.open`. */
  constructor(budget: MemoryBudget, client: string) {
    this.#budget = budget;
    this.client = client;
  }

  /** Bytes that it holds. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes bytes if there is room for them; none when its call is over. @returns whether there was. */
  tryTake(bytes: number): boolean {
    if (this.#isOver) return true;
    if (!this.#budget.hasRoom(this.client, bytes)) return false;
    this.keep(bytes);
    return true;
  }

  /**
   * Takes bytes as soon as there is room for them. Meanwhile its call is not read, which takes room
   * too, see `UNREAD_BYTES`.
   *
   * @param maxWaitMs at most so long.
   * @throws {TinctError} resource_exhausted, with the time after which to try again, where there was
   *   none in that time, or not even for waiting; cancelled, where the call is over.
   */
  async take(bytes: number, maxWaitMs: number): Promise<void> {
    if (this.tryTake(bytes)) return;
    if (bytes + UNREAD_BYTES > this.#budget.totalBytes / 2 || !this.tryTake(UNREAD_BYTES)) {
      throw this.noRoom(bytes);
    }
    const { promise, leave } = this.#budget.wait(this, bytes);
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), maxWaitMs);
    try {
      if (await Promise.race([promise, late.promise]) === "late") throw this.noRoom(bytes);
    } finally {
      clearTimeout(timer);
      leave();
      this.free(UNREAD_BYTES);
    }
    if (this.#isOver) throw new TinctError("cancelled", "The call ended before there was room.");
  }

  /** Takes bytes that are there already, whether or not there is room for them. */
  keep(bytes: number): void {
    if (this.#isOver) return;
    this.#bytes += bytes;
    this.#budget.count(this.client, bytes);
  }

  /**
   * Takes room for a picture that goes to the client. It cannot be held up: others wait behind it. A
   * client's first one at a time is let through if it fits at all, or nobody else is there.
   *
   * @throws {TinctError} resource_exhausted where there is no room.
   */
  takePicture(bytes: number): void {
    const budget = this.#budget;
    const { client } = this;
    const isFirst = budget.picturesOf(client) === 0;
    const fits = budget.usedBytes + bytes <= budget.totalBytes;
    if (isFirst && (fits || budget.isAlone(client))) this.keep(bytes);
    else if (!this.tryTake(bytes)) throw this.noRoom(bytes);
    if (this.#isOver) return;
    this.#pictures++;
    budget.countPicture(client, 1);
  }

  /** The picture is gone. */
  givePicture(bytes: number): void {
    if (this.#pictures === 0) return;
    this.free(bytes);
    this.#pictures--;
    this.#budget.countPicture(this.client, -1);
  }

  /**
   * Has bytes that a client sent released with the call, see `releaseBuffer`: when the last one who uses
   * them is done, or, where nobody does, when the call is over.
   */
  keepBuffer(bytes: Uint8Array): void {
    this.#buffers.add(bytes);
    this.#releaseUnused();
  }

  /** Releases bytes that are kept, before the end. */
  releaseKept(bytes: Uint8Array): void {
    if (this.#buffers.delete(bytes)) releaseBuffer(bytes);
  }

  /** Somebody uses what is kept, until disposed of; then the client's bytes are not to be read. */
  useBuffers(): Disposable {
    this.#users++;
    return {
      [Symbol.dispose]: () => {
        this.#users--;
        if (this.#users === 0) this.#releaseAll();
      },
    };
  }

  #releaseUnused(): void {
    if (this.#isOver && this.#users === 0) this.#releaseAll();
  }

  #releaseAll(): void {
    for (const bytes of this.#buffers) releaseBuffer(bytes);
    this.#buffers.clear();
  }

  /** Gives bytes back, at most those that it holds. */
  free(bytes: number): void {
    const freed = Math.min(bytes, this.#bytes);
    if (freed <= 0) return;
    this.#bytes -= freed;
    this.#budget.count(this.client, -freed);
  }

  [Symbol.dispose](): void {
    this.#isOver = true; // first: what it gives back lets in those who wait, itself among them
    while (this.#pictures > 0) this.givePicture(0);
    this.free(this.#bytes);
    this.#releaseUnused();
  }

  /** What a client is told that finds no room. */
  noRoom(bytes: number): TinctError {
    const mib = (count: number) => mebibytes(Math.max(0, count));
    const { totalBytes, usedBytes } = this.#budget;
    return new TinctError(
      "resource_exhausted",
      `There is no room for ${mib(bytes)} MiB more: ${mib(usedBytes)} of ${mib(totalBytes)} MiB ` +
        `are in use, ${mib(this.#budget.heldBy(this.client))} of them by ${this.client}; try ` +
        "again in a moment, with fewer or smaller photos at a time.",
      { kind: "NO_ROOM", retryDelayMs: RETRY_MS },
    );
  }
}
