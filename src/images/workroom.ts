import { performance } from "node:perf_hooks";
import { onAbort } from "../abort.ts";
import { TinctError } from "../errors.ts";
import type { PhotoSize } from "./photo_cost.ts";
import { PhotoLimitError } from "./photo_error.ts";
import { WorkMemory } from "../work_memory.ts";
import { ProcessorShares, type Share } from "./processor_shares.ts";

/** How far work on photos may go. */
interface WorkroomLimits {
  /** Memory that all photos in work may take together, in bytes; a larger one is worked on alone. */
  readonly memoryBytes: number;
  /** Large photos in work at a time: they leave processors to others. Any number when left out. */
  readonly maxLarge?: number | undefined;
  /**
   * By the clock, work may take so many times its processor time: other work fills the machine, too.
   * Any time where it is left out.
   */
  readonly clockFactor?: number | undefined;
  /** Then takes the same of memory that other processes share; there is none when left out. */
  readonly enterShared?:
    | ((bytes: number, signal: AbortSignal | undefined) => Promise<() => void>)
    | undefined;
  /** Is told, once, of work that goes on though nobody waits for it any more. */
  readonly onStuck?: (() => void) | undefined;
}

/** How a piece of work on a photo is limited. */
interface WorkLimits {
  /** Processor time that it may take, in milliseconds. */
  readonly limitMs: number;
  /** The error of work that takes more. @param seconds the limit. */
  readonly tooSlow: (seconds: number) => TinctError;
  /** Gives the work up with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Work that was given up may use so much more processor time before it counts as stuck. */
const GRACE_MS = 2000;

interface Running extends WorkLimits {
  readonly share: Share;
  readonly beganMs: number;
  readonly give: (error: unknown) => void;
  /** What it had used when nobody waited for it any more. */
  givenUpAtMs: number | undefined;
}

/** Memory that photos may take together while a folder of them is gone through, in bytes. */
export const FOLDER_WORK_BYTES = 2 * 1024 ** 3;

/** Pieces of work that may go on after they were given up; then no other photo comes in. */
const MOST_GIVEN_UP = 8;

/**
 * Where photos are decoded and encoded. The photo library takes no orders: what it has begun goes on
 * when nobody waits any more, and only the process's end ends it. So memory and processor time are
 * counted here until the work itself is over, and work that outlives its being given up is told of.
 */
export class Workroom {
  readonly #limits: WorkroomLimits;
  readonly #shares = new ProcessorShares(() => this.#look());
  readonly #running = new Set<Running>();
  readonly #memory: WorkMemory;
  #isStuck = false;

  constructor(limits: WorkroomLimits) {
    this.#limits = limits;
    const { memoryBytes, maxLarge } = limits;
    const isOpen = () => this.givenUp < MOST_GIVEN_UP;
    this.#memory = new WorkMemory({ memoryBytes, maxLarge, isOpen });
  }

  /** Pieces of work that nobody waits for any more. */
  get givenUp(): number {
    return [...this.#running].filter(({ givenUpAtMs }) => givenUpAtMs !== undefined).length;
  }

  /** How long work may take by the clock. */
  clockMsOf(limitMs: number): number {
    return (this.#limits.clockFactor ?? Infinity) * limitMs;
  }

  /** A place for one photo; takes no room before its header was read. */
  place(limits: PlaceLimits): Place {
    return new Place(this, limits);
  }

  /** Waits for so much memory, see `WorkMemory`. @returns gives it back. */
  async enter(bytes: number, signal: AbortSignal | undefined): Promise<() => void> {
    const leave = await this.#memory.enter(bytes, signal);
    const { enterShared } = this.#limits;
    if (enterShared === undefined || this.#memory.isTiny(bytes)) return leave;
    try {
      const leaveShared = await enterShared(bytes, signal);
      return () => {
        leaveShared();
        leave();
      };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Runs native work within its limits; rejects as soon as it is given up. */
  run<T>(work: () => Promise<T>, limits: WorkLimits): Promise<T> {
    const { signal } = limits;
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const running: Running = {
        ...limits,
        share: this.#shares.begin(),
        beganMs: performance.now(),
        give: reject,
        givenUpAtMs: undefined,
      };
      this.#running.add(running);
      const listening = onAbort(signal, (reason) => this.#giveUp(running, reason));
      work().then(resolve, reject).finally(() => {
        running.share.end();
        this.#running.delete(running);
        if (running.givenUpAtMs !== undefined) this.#memory.admit();
        listening[Symbol.dispose]();
      });
    });
  }

  /**
   * Runs native work that is no photo's, such as a model's pass: what it takes of the process's
   * processor time is not charged to photos.
   *
   * @param threads as `ProcessorShares.beside` has it.
   */
  async beside<T>(work: () => Promise<T>, threads: number): Promise<T> {
    using _part = this.#shares.beside(threads);
    return await work();
  }

  #giveUp(running: Running, reason: unknown): void {
    if (running.givenUpAtMs !== undefined) return;
    running.givenUpAtMs = running.share.usedMs;
    running.give(reason);
  }

  #look(): void {
    const clockMs = (limitMs: number) => this.clockMsOf(limitMs);
    for (const running of this.#running) {
      const { share: { usedMs }, beganMs, limitMs, givenUpAtMs, tooSlow } = running;
      if (givenUpAtMs !== undefined) {
        if (usedMs - givenUpAtMs > GRACE_MS) this.#tellStuck();
      } else if (usedMs > limitMs) this.#giveUp(running, tooSlow(limitMs / 1000));
      else if (performance.now() - beganMs > clockMs(limitMs)) {
        this.#giveUp(running, tooBusy(clockMs(limitMs), usedMs));
      }
    }
  }

  #tellStuck(): void {
    if (this.#isStuck) return;
    this.#isStuck = true;
    this.#limits.onStuck?.();
  }
}

/** A photo that takes too long to decode. */
export class SlowPhoto extends PhotoLimitError {}

/** How a photo's place is limited. */
interface PlaceLimits {
  /** Memory that work on a photo of this size takes, in bytes. */
  readonly bytesOf: (photo: PhotoSize) => number;
  /** Processor time that decoding it may take, in milliseconds. */
  readonly decodeMs: number;
}

/** One photo's room, from its header to its last piece of work. */
export class Place implements Disposable {
  readonly #room: Workroom;
  readonly #limits: PlaceLimits;
  #entering: Promise<() => void> | undefined;
  #running = 0;
  #isLeft = false;

  constructor(room: Workroom, limits: PlaceLimits) {
    this.#room = room;
    this.#limits = limits;
  }

  /** Waits until there is room for the photo; asked twice, it is the same room. */
  async enter(photo: PhotoSize, signal: AbortSignal | undefined): Promise<void> {
    this.#entering ??= this.#room.enter(this.#limits.bytesOf(photo), signal);
    await this.#entering;
  }

  /**
   * After so long by the clock the library is to end what can be ended, in whole seconds; 0: never. It
   * is later than decoding is given up here, which says why.
   */
  get decodeTimeoutSeconds(): number {
    const seconds = Math.ceil(this.#room.clockMsOf(this.#limits.decodeMs) / 1000) + 1;
    return Number.isFinite(seconds) ? seconds : 0;
  }

  /** Runs a piece of decoding. @param photo its name in errors. */
  async decode<T>(
    work: () => Promise<T>,
    photo: string,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const tooSlow = (seconds: number) =>
      new SlowPhoto(
        "invalid_argument",
        photo,
        `takes more than ${seconds} s of processor time to decode; save it again, or make it smaller`,
      );
    return await this.run(work, { limitMs: this.#limits.decodeMs, tooSlow, signal });
  }

  /** Runs a piece of work; the room is the photo's until it is over. */
  async run<T>(work: () => Promise<T>, limits: WorkLimits): Promise<T> {
    const counted = () => {
      this.#running++;
      return work().finally(() => {
        this.#running--;
        this.#leave();
      });
    };
    return await this.#room.run(counted, limits);
  }

  /** Nobody works on the photo any more, but for what was given up. */
  [Symbol.dispose](): void {
    this.#isLeft = true;
    this.#leave();
  }

  #leave(): void {
    if (!this.#isLeft || this.#running > 0) return;
    this.#entering?.then((leave) => leave(), () => {}); // one that never came in has told why
    this.#entering = undefined;
  }
}

function tooBusy(clockMs: number, usedMs: number): TinctError {
  return new TinctError(
    "unavailable",
    `The machine is busy: in ${clockMs / 1000} s the photo got only ` +
      `${(usedMs / 1000).toFixed(1)} s of processor time; try again in a moment.`,
    { retryDelayMs: 5000 },
  );
}
