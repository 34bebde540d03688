import { systemErrorName } from "../../files/file_errors.ts";

/** Where text goes: an open file, a terminal, a pipe. */
export interface TextTarget {
  /** Whether it is a terminal, whose last line can be rewritten. */
  readonly isTTY: boolean;
  /** How many characters a line of the terminal holds; undefined elsewhere. */
  readonly columns: number | undefined;
  /**
   * Writes some of the bytes.
   *
   * @returns how many; a promise where it may take as long as somebody else likes.
   * @throws the system's error, or rejects with it.
   */
  write(bytes: Uint8Array): number | Promise<number>;
}

/** Texts that are written as one. */
interface Chunk {
  /** What is left of it. */
  bytes: Uint8Array;
  /** How many texts are lost with it. */
  readonly texts: number;
  hasBegun: boolean;
}

/**
 * Text for a target that may be closed, full, or a pipe that nobody reads. Writing never throws and
 * never waits: what cannot be written is lost, and the next text that can says how much.
 */
export class TextStream {
  readonly #target: TextTarget;
  readonly #maxWaitingBytes: number;
  readonly #waiting: Chunk[] = [];
  #waitingBytes = 0;
  /** Texts lost since the last one that waits, for want of room. */
  #leftOut = 0;
  /** Texts lost since the last one that was written, for an error. */
  #failed = 0;
  /** Whether the last line that was written lacks its end. */
  #isTorn = false;
  #failure: { readonly error: unknown } | undefined;
  /** A slow write and what follows it; never rejects. */
  #work: Promise<void> | undefined;
  /** Told of the first error. */
  onFailure: (error: unknown) => void = () => {};
  /** The line that says how many texts were lost before it, with its line break. */
  describeLoss: (lost: number) => string = (lost) =>
    `(${lost === 1 ? "1 message was" : `${lost} messages were`} lost here.)\n`;

  /** @param maxWaitingBytes what would wait beyond so much is lost, unless it is to be kept. */
  constructor(target: TextTarget, { maxWaitingBytes }: { readonly maxWaitingBytes: number }) {
    this.#target = target;
    this.#maxWaitingBytes = maxWaitingBytes;
  }

  /** Whether it is a terminal. */
  get isTTY(): boolean {
    return this.#target.isTTY;
  }

  /** How many characters a line of the terminal holds. */
  get columns(): number | undefined {
    return this.#target.columns;
  }

  /** The first error of writing; undefined where there was none. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Whether nothing waits. */
  get isIdle(): boolean {
    return this.#work === undefined;
  }

  /**
   * Writes text, now or as soon as it can be.
   *
   * @param options `keep`: wait for room, however much waits already.
   */
  write(text: string, { keep = false }: { readonly keep?: boolean } = {}): void {
    if (this.#isClosed) return;
    const note = this.#leftOut > 0 ? this.describeLoss(this.#leftOut) : "";
    const bytes = new TextEncoder().encode(note + text);
    if (!keep && this.#waitingBytes + bytes.length > this.#maxWaitingBytes) {
      this.#leftOut++;
      return;
    }
    this.#waiting.push({ bytes, texts: this.#leftOut + 1, hasBegun: false });
    this.#waitingBytes += bytes.length;
    this.#leftOut = 0;
    if (this.isIdle) this.#drain();
  }

  /** Waits until nothing waits any more. */
  async written(): Promise<void> {
    while (this.#work !== undefined) await this.#work;
  }

  /** Nobody reads a pipe whose other end is closed, and nobody will. */
  get #isClosed(): boolean {
    return this.#failure !== undefined && isBrokenPipe(this.#failure.error);
  }

  /** Writes what waits, up to a write that takes its time. */
  #drain(): void {
    this.#work = undefined;
    for (let chunk = this.#waiting[0]; chunk !== undefined; chunk = this.#waiting[0]) {
      const head = this.#begun(chunk);
      try {
        const written = this.#target.write(head.bytes);
        if (typeof written !== "number") {
          this.#work = written.then((count) => this.#took(head, count))
            .catch((error) => this.#lose(head, error)).then(() => this.#drain());
          return;
        }
        this.#took(head, written);
      } catch (error) {
        this.#lose(head, error);
      }
    }
  }

  /** The chunk, after what an error before it makes necessary. */
  #begun(chunk: Chunk): Chunk {
    if (chunk.hasBegun) return chunk;
    chunk.hasBegun = true;
    if (this.#failed === 0) return chunk;
    const note = (this.#isTorn ? "\n" : "") + this.describeLoss(this.#failed);
    const bytes = Buffer.concat([new TextEncoder().encode(note), chunk.bytes]);
    this.#waitingBytes += bytes.length - chunk.bytes.length;
    const head = { bytes, texts: chunk.texts + this.#failed, hasBegun: true };
    this.#failed = 0;
    return this.#waiting[0] = head;
  }

  #took(head: Chunk, count: number): void {
    this.#isTorn = count < head.bytes.length;
    this.#waitingBytes -= count;
    head.bytes = head.bytes.subarray(count);
    if (head.bytes.length === 0) this.#waiting.shift();
  }

  #lose(head: Chunk, error: unknown): void {
    const isFirst = this.#failure === undefined;
    if (isFirst || isBrokenPipe(error)) this.#failure = { error };
    const lost = this.#isClosed ? this.#waiting.splice(0) : this.#waiting.splice(0, 1);
    for (const { bytes } of lost) this.#waitingBytes -= bytes.length;
    this.#failed += head.texts;
    if (isFirst) this.onFailure(error);
  }
}

/** Whether an error says that nobody reads any more. */
export function isBrokenPipe(error: unknown): boolean {
  return systemErrorName(error) === "EPIPE" ||
    (error instanceof Error && error.name === "BrokenPipe");
}
