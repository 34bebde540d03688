import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { type ConnectionLimits, noConnectionLimits } from "./connection_limits.ts";
import { FrameGuard } from "./frame_guard.ts";
import { DATA_FRAME, FrameScanner } from "./frame_scanner.ts";
import { beginsHttp1, http1Answer } from "./http1_answer.ts";
import { releaseBuffer } from "./release_buffer.ts";

/** A client that speaks HTTP/1 gets so long to take the sentence that it is answered with. */
const HTTP1_ANSWER_MS = 2000;

/**
 * A connection between a client and the server's HTTP/2, which knows how much of each answer is on
 * its way. A server hands it to grpc-js by `createConnectionInjector`.
 *
 * Why: up to Deno 2.9.3, `write()` on an HTTP/2 stream takes any amount at once and says "drained",
 * while a client that does not read leaves it all in memory (denoland/deno#36044). So a sender that
 * must not run ahead of a client counts here what really went out; see `Outlet`. What comes in is watched
 * too, and a client that floods the server is cut before HTTP/2 hears of it; see `FrameGuard`.
 */
export class TappedSocket extends Duplex {
  /** The socket underneath; a TLSSocket where the connection is encrypted. */
  readonly socket: Socket;
  readonly #scanner: FrameScanner;
  readonly #watched = new Map<number, (sentBytes: number) => void>();
  readonly #onCut: (reason: string) => void;
  readonly #endings = new Set<() => void>();
  /** Bytes that came from the client. */
  receivedBytes = 0;

  /**
   * Takes the socket over: from now on it is read, written and destroyed through this.
   *
   * @param options `onGreeted`: is told, once, that the client speaks HTTP/2. `onCut`: is told why a
   *   client that passes a limit is cut.
   */
  constructor(
    socket: Socket,
    { limits = noConnectionLimits, onGreeted, onCut }: {
      readonly limits?: ConnectionLimits;
      readonly onGreeted?: () => void;
      readonly onCut?: (reason: string) => void;
    } = {},
  ) {
    super();
    this.socket = socket;
    this.#onCut = onCut ?? (() => {});
    const guard = new FrameGuard(limits);
    const hello = setTimeout(() => {
      if (!guard.isGreeted) this.cut("it says nothing");
    }, limits.helloTimeoutMs);
    socket.setNoDelay(true); // or each answer waits for the acknowledgement of the one before
    this.#scanner = new FrameScanner((type, streamId, length) => {
      guard.sent(type);
      if (type === DATA_FRAME) this.#watched.get(streamId)?.(length);
    });
    socket.on("data", (chunk: Uint8Array) => {
      this.receivedBytes += chunk.length;
      const wasGreeted = guard.isGreeted;
      const fault = guard.receive(chunk);
      if (fault !== undefined) {
        return !wasGreeted && beginsHttp1(chunk) ? this.#answerHttp1(fault) : this.cut(fault);
      }
      if (!this.push(chunk)) socket.pause();
      // HTTP/2 has copied what it was given at once.
      if (this.readableFlowing && this.readableLength === 0) releaseBuffer(chunk);
      if (guard.isGreeted && !wasGreeted) onGreeted?.();
    });
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
    this.once("close", () => {
      clearTimeout(hello);
      for (const end of this.#endings) end();
      this.#endings.clear();
    });
  }

  /** Where the client is, for grpc-js's `getPeer`; undefined on a Unix-domain socket. */
  get remoteAddress(): string | undefined {
    return this.socket.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.socket.remotePort;
  }

  /** This socket; it can be asked through the proxy that HTTP/2 puts before its sockets. */
  tapped(): TappedSocket {
    return this;
  }

  /** Tells of every piece of a stream's data that leaves for the client, until disposed of. */
  watch(streamId: number, onSent: (sentBytes: number) => void): Disposable {
    this.#watched.set(streamId, onSent);
    return { [Symbol.dispose]: () => void this.#watched.delete(streamId) };
  }

  /** Ends the connection at once. */
  cut(reason: string): void {
    if (this.destroyed) return;
    this.#onCut(reason);
    this.destroy();
  }

  /** Says a sentence to a browser or the like before the connection ends. */
  #answerHttp1(reason: string): void {
    if (this.socket.writableEnded) return;
    this.#onCut(reason);
    const end = () => void this.destroy();
    const late = setTimeout(end, HTTP1_ANSWER_MS);
    this.once("close", () => clearTimeout(late));
    this.socket.removeAllListeners("data").resume(); // what else it says goes nowhere
    this.socket.end(http1Answer(), end);
  }

  /** Calls when the connection is closed, unless disposed of before. */
  whenClosed(end: () => void): Disposable {
    this.#endings.add(end);
    return { [Symbol.dispose]: () => void this.#endings.delete(end) };
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#scanner.scan(chunk);
    if (this.socket.write(chunk)) done();
    else this.socket.once("drain", done);
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: () => void): void {
    this.socket.cork();
    let drained = true;
    for (const { chunk } of chunks) {
      this.#scanner.scan(chunk);
      drained = this.socket.write(chunk);
    }
    this.socket.uncork();
    if (drained) done();
    else this.socket.once("drain", done);
  }

  override _final(done: () => void): void {
    this.socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }
}
