import type { ServerHttp2Stream } from "node:http2";
import { status as codes, type StatusObject } from "@grpc/grpc-js";
import { TinctError } from "../../errors.ts";
import { MAX_PIECE_BYTES } from "../../protocol/pieces.ts";
import { releaseBuffer } from "../../protocol/release_buffer.ts";
import { SMALL_MESSAGE_BYTES } from "../admissions.ts";
import { bringsPhoto } from "../methods.ts";
import type { MemoryShare } from "./memory_budget.ts";

/** A message's prefix: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;

/** DEFLATE makes at most so many bytes of one (RFC 1951: 258 of two bits). */
const MOST_INFLATION = 1032;

/** How messages are taken in. */
interface ArrivalRules {
  readonly path: string;
  /** Whether many messages may come. */
  readonly isStream: boolean;
  readonly maxBytes: number;
  /** How long a message may take, from its prefix on, not counting the time it is held. */
  readonly arrivalMs: number;
  /** How long a message is held where there is no room for it. */
  readonly holdMs: number;
  readonly share: MemoryShare;
  /** Ends the call. */
  readonly refuse: (error: TinctError) => void;
}

/** What of grpc-js's call (1.14.7, pinned; all of it private) takes messages in. */
interface InnerCall {
  readonly stream: ServerHttp2Stream;
  handler: { readonly deserialize: (bytes: Buffer) => unknown };
  decoder: { write(framed: Buffer): Buffer[] };
  incomingEncoding: string;
  handleDataFrame(data: Buffer): void;
  handleEndEvent(): void;
  decompressMessage(framed: Buffer, encoding: string): Buffer | Promise<Buffer>;
}

/**
 * Takes a call's messages in, in place of grpc-js, which collects whatever comes: each message's length
 * is looked at before a byte of it is taken, it is given room in the budget, and while there is none
 * the stream is not read, so that HTTP/2 holds the client up. One message is read ahead at most.
 */
export class Arrival implements Disposable {
  readonly #rules: ArrivalRules;
  readonly #call: InnerCall;
  readonly #pass: (framed: Buffer) => void;
  readonly #passEnd: () => void;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixLength = 0;
  /** The message that is arriving, prefix and all. */
  #message: Buffer | undefined;
  #messageLength = 0;
  /** Bytes after a whole message, until the next one is wanted. */
  #rest: Buffer[] = [];
  #isHeld = false;
  /** A message was handed on that nobody has asked to follow. */
  #isAhead = false;
  #hasEnded = false;
  #isOver = false;
  #late: ReturnType<typeof setTimeout> | undefined;
  /** What the messages took that were handed on, the oldest first. */
  readonly #taken: number[] = [];

  /** Takes over a call whose stream has not been read. @param call grpc-js's own. */
  constructor(call: object, rules: ArrivalRules) {
    this.#rules = rules;
    this.#call = innerCall(call);
    const inner = this.#call;
    this.#pass = inner.handleDataFrame.bind(inner);
    this.#passEnd = inner.handleEndEvent.bind(inner);
    const decompress = inner.decompressMessage.bind(inner);
    const { handler } = inner;
    inner.handleDataFrame = (data) => this.#take(data);
    inner.handleEndEvent = () => this.#takeEnd();
    inner.decoder = { write: (framed) => [framed] };
    inner.handler = { ...handler, deserialize: (message) => message };
    inner.decompressMessage = (framed, encoding) =>
      this.#decode(framed, encoding, decompress, handler.deserialize) as Promise<Buffer>;
  }

  /** The handler asks for the next message, so it is done with the one before the last. */
  wanted(): void {
    this.#isAhead = false;
    while (this.#taken.length > 1) this.#rules.share.free(this.#taken.shift() ?? 0);
    this.#goOn();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#late);
    if (this.#message) releaseBuffer(this.#message);
    this.#message = undefined;
    this.#rest = [];
  }

  #take(data: Buffer): void {
    if (this.#isOver) return;
    this.#rest.push(data);
    this.#goOn();
  }

  #takeEnd(): void {
    this.#hasEnded = true;
    this.#goOn();
  }

  #goOn(): void {
    while (!this.#isOver && !this.#isHeld && !this.#isAhead) {
      const data = this.#rest.shift();
      if (data === undefined) break;
      const used = this.#message === undefined ? this.#takePrefix(data) : this.#fill(data);
      if (used < data.length) this.#rest.unshift(data.subarray(used));
    }
    if (this.#rest.length > 0) this.#call.stream.pause();
    else if (this.#hasEnded && !this.#isOver) {
      this.#isOver = true;
      clearTimeout(this.#late);
      this.#passEnd();
    }
  }

  /** @returns how many bytes it has taken. */
  #takePrefix(data: Buffer): number {
    const used = data.copy(this.#prefix, this.#prefixLength);
    this.#prefixLength += used;
    if (this.#prefixLength < PREFIX_BYTES) return used;
    const length = this.#prefix.readUInt32BE(1);
    if (length > this.#rules.maxBytes) {
      this.#refuse(tooLarge(length, this.#rules));
      return used;
    }
    const bytes = this.#roomFor(length);
    if (bytes === 0 || this.#rules.share.tryTake(bytes)) this.#begin(length, bytes);
    else void this.#hold(length, bytes);
    return used;
  }

  /** What a message takes of the budget; of a compressed one all that may become of it. */
  #roomFor(length: number): number {
    const inflated = this.#prefix[0] === 0
      ? 0
      : Math.min(this.#rules.maxBytes, MOST_INFLATION * length);
    return length + inflated <= SMALL_MESSAGE_BYTES ? 0 : length + inflated;
  }

  async #hold(length: number, bytes: number): Promise<void> {
    this.#isHeld = true;
    this.#call.stream.pause();
    try {
      await this.#rules.share.take(bytes, this.#rules.holdMs);
    } catch (error) {
      if (!(error instanceof TinctError)) throw error;
      if (!this.#isOver) this.#refuse(error);
      return;
    }
    if (this.#isOver) return;
    this.#isHeld = false;
    this.#begin(length, bytes);
    this.#goOn();
    if (!this.#isHeld && !this.#isAhead) this.#call.stream.resume();
  }

  #begin(length: number, bytes: number): void {
    this.#taken.push(bytes);
    this.#message = Buffer.allocUnsafeSlow(PREFIX_BYTES + length);
    this.#messageLength = this.#prefix.copy(this.#message);
    this.#prefixLength = 0;
    if (length === 0) return this.#handOn(this.#message);
    const { arrivalMs } = this.#rules;
    this.#late = setTimeout(() => {
      const message = `The message did not arrive completely within ${arrivalMs / 1000} s: ` +
        `${this.#messageLength - PREFIX_BYTES} of its ${length} bytes came; send it again.`;
      this.#refuse(new TinctError("deadline_exceeded", message));
    }, arrivalMs);
  }

  /** @returns how many bytes it has taken. */
  #fill(data: Buffer): number {
    const message = this.#message;
    if (message === undefined) return 0;
    const used = data.copy(message, this.#messageLength);
    this.#messageLength += used;
    if (used === data.length) releaseBuffer(data); // HTTP/2 made it for this stream alone
    if (this.#messageLength === message.length) this.#handOn(message);
    return used;
  }

  #handOn(message: Buffer): void {
    clearTimeout(this.#late);
    this.#message = undefined;
    this.#isAhead = true;
    this.#pass(message);
  }

  /** The message of a frame. @throws a status, by which grpc-js ends the call. */
  async #decode(
    framed: Buffer,
    encoding: string,
    decompress: InnerCall["decompressMessage"],
    deserialize: (bytes: Buffer) => unknown,
  ): Promise<unknown> {
    const isCompressed = framed[0] !== 0;
    if (isCompressed && encoding === "identity") {
      throw this.#refused(
        "A message is marked as compressed, but the call names no grpc-encoding.",
      );
    }
    let bytes: Buffer;
    try {
      bytes = await decompress(framed, encoding);
    } catch (error) {
      const { code, details = "" } = error as Partial<StatusObject>;
      if (code === codes.RESOURCE_EXHAUSTED) throw this.#end(tooLarge(undefined, this.#rules));
      if (code !== codes.INTERNAL) throw error;
      throw this.#refused(`The server cannot decompress a message as ${encoding} (${details}).`);
    }
    if (isCompressed) this.#shrink(framed.length + bytes.length);
    // Who reads a stream knows how long it needs each message.
    if (!this.#rules.isStream) this.#rules.share.keepBuffer(bytes);
    try {
      return deserialize(bytes);
    } catch {
      // Bytes that the decoder stumbles over say nothing of use to a log's reader.
      throw this.#refused(
        `The bytes are not a message of ${this.#rules.path}; are the protos the same?`,
      );
    }
  }

  /** Gives back what a compressed message was given and did not need. */
  #shrink(bytes: number): void {
    const last = this.#taken.length - 1;
    const taken = this.#taken[last] ?? 0;
    if (taken <= bytes) return;
    this.#taken[last] = bytes;
    this.#rules.share.free(taken - bytes);
  }

  #refused(description: string): Partial<StatusObject> {
    return this.#end(
      new TinctError("invalid_argument", description, { violations: [{ field: "", description }] }),
    );
  }

  #refuse(error: TinctError): void {
    this[Symbol.dispose]();
    this.#rules.refuse(error);
  }

  /** Ends the call; what grpc-js says afterwards goes nowhere. */
  #end(error: TinctError): Partial<StatusObject> {
    this.#refuse(error);
    return { code: codes.CANCELLED, details: error.message };
  }
}

function tooLarge(
  length: number | undefined,
  { maxBytes, path, isStream }: ArrivalRules,
): TinctError {
  const what = length === undefined
    ? "The message decompresses to too many bytes"
    : `The message has ${length} bytes`;
  const mib = `the limit is ${maxBytes} (--max-receive-mib)`;
  // Clients of the Open Inference Protocol have no other way than its own calls.
  const way = /\/Model(?:Stream)?Infer$/.test(path)
    ? "send smaller or fewer photos at a time, or files instead of pixels"
    : bringsPhoto(path)
    ? `send the photo by ColorizeStream, in pieces of ${MAX_PIECE_BYTES} bytes`
    : isStream
    ? `send it in pieces of ${MAX_PIECE_BYTES} bytes`
    : "send less at a time; photos go by ColorizeStream or UploadDataset, in pieces of " +
      `${MAX_PIECE_BYTES} bytes`;
  const never = { kind: "MESSAGE_TOO_LARGE", retryDelayMs: Infinity };
  return new TinctError("resource_exhausted", `${what}, and ${mib}: ${way}.`, never);
}

function innerCall(call: object): InnerCall {
  for (const name of ["handleDataFrame", "handleEndEvent", "decompressMessage"]) {
    if (typeof Reflect.get(call, name) !== "function") {
      throw new TypeError(`grpc-js has no ${name} any more.`);
    }
  }
  for (const name of ["stream", "handler", "decoder"]) {
    if (typeof Reflect.get(call, name) !== "object") {
      throw new TypeError(`grpc-js has no ${name} any more.`);
    }
  }
  return call as InnerCall;
}
