import type { ConnectionLimits } from "./connection_limits.ts";
import {
  CONTINUATION_FRAME,
  DATA_FRAME,
  FrameScanner,
  HEADERS_FRAME,
  RESET_FRAME,
} from "./frame_scanner.ts";
import { TokenBucket } from "./token_bucket.ts";

/** What every HTTP/2 client says first (RFC 9113, 3.4). */
const HELLO = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Each frame of an answer accounts for so many of the client's: window updates, pings, an empty end. */
const CONTROL_FRAMES_PER_ANSWER = 4;

/**
 * Watches what a client sends on a connection, before HTTP/2 spends anything on it. The library
 * below knows no limits on pings and settings, and answers each of them.
 */
export class FrameGuard {
  readonly #controls: TokenBucket;
  readonly #resets: TokenBucket;
  readonly #maxHeaderBytes: number;
  readonly #scanner: FrameScanner;
  #helloBytes = 0;
  #headerBytes = 0;
  #fault: string | undefined;

  /** @param nowMs a clock that does not go back. */
  constructor(limits: ConnectionLimits, nowMs: () => number = () => performance.now()) {
    this.#controls = new TokenBucket(limits.maxControlFrames, nowMs);
    this.#resets = new TokenBucket(limits.maxResets, nowMs);
    this.#maxHeaderBytes = limits.maxHeaderBytes;
    this.#scanner = new FrameScanner((type, _streamId, length) => this.#take(type, length));
  }

  /** Whether the client has said its first words. */
  get isGreeted(): boolean {
    return this.#helloBytes === HELLO.length;
  }

  /** Takes the next bytes of the client. @returns why it is to be cut, or undefined. */
  receive(chunk: Uint8Array): string | undefined {
    const hello = chunk.subarray(0, HELLO.length - this.#helloBytes);
    const expected = HELLO.subarray(this.#helloBytes, this.#helloBytes + hello.length);
    if (!expected.equals(hello)) return "it does not speak HTTP/2";
    this.#helloBytes += hello.length;
    this.#scanner.scan(chunk.subarray(hello.length));
    return this.#fault;
  }

  /** Notes a frame of the server's. */
  sent(type: number): void {
    if (type === DATA_FRAME || type === HEADERS_FRAME) {
      this.#controls.refund(CONTROL_FRAMES_PER_ANSWER);
    }
  }

  #take(type: number, length: number): void {
    if (type === HEADERS_FRAME || type === CONTINUATION_FRAME) {
      this.#headerBytes = type === HEADERS_FRAME ? length : this.#headerBytes + length;
      if (this.#headerBytes > this.#maxHeaderBytes) {
        this.#fault ??= `its headers are longer than ${this.#maxHeaderBytes} bytes`;
      }
      // Headers in a thousand pieces cost more than their bytes.
      if (type === HEADERS_FRAME) return;
    }
    if (type === DATA_FRAME && length > 0) return;
    if (type === RESET_FRAME) {
      if (!this.#resets.take()) this.#fault ??= "it begins calls only to reset them";
    } else if (!this.#controls.take()) {
      this.#fault ??= "it sends pings, settings and the like without end";
    }
  }
}
