import { constants, type ServerHttp2Stream } from "node:http2";
import { setTimeout } from "node:timers";
import { TappedSocket } from "./tapped_socket.ts";
import { certificateNameOf } from "./tls_server.ts";

/**
 * The most bytes of a message that HTTP/2 is given before it has sent some on. It copies what it is
 * given, and keeps as much memory until the stream ends: with whole pictures, megabytes a watcher.
 */
const PIECE_BYTES = 32 * 1024;

/** Of a call in progress: a message is written one at a time, see `send`. */
type Done = (error?: Error | null) => void;

/**
 * Hands a server's answer over piece by piece, as the client takes it, and counts what has not left
 * for the client.
 */
export class Outlet {
  readonly #stream: ServerHttp2Stream;
  readonly #write: (piece: Uint8Array, done?: Done) => boolean;
  /** What HTTP/2 was given and has not sent. */
  #givenBytes = 0;
  /** What it is to be given, the oldest first. */
  readonly #waiting: { chunk: Uint8Array; readonly done: Done | undefined }[] = [];
  #onSent = () => {};

  /** Begins to count for a call, from its next message on. */
  private constructor(stream: ServerHttp2Stream, socket: TappedSocket) {
    const watch = socket.watch(stream.id ?? 0, (sentBytes) => {
      this.#givenBytes -= sentBytes;
      this.#giveOn();
      this.#onSent();
    });
    this.#stream = stream;
    this.#write = stream.write.bind(stream);
    stream.write = (chunk: Uint8Array, ...rest: unknown[]) => {
      const done = rest.at(-1);
      this.#waiting.push({ chunk, done: typeof done === "function" ? done as Done : undefined });
      return this.#giveOn();
    };
    stream.once("close", () => {
      watch[Symbol.dispose]();
      // Deno 2.9.3 never lets go of the stream of a client that vanished, nor of what hangs on it.
      this.#waiting.length = 0;
    });
  }

  /** @returns undefined for a client's call, and where the connection is no TappedSocket. */
  static of(call: object): Outlet | undefined {
    const stream = http2StreamOf(call);
    const socket = stream === undefined ? undefined : tappedSocketOf(stream);
    return stream && socket ? new Outlet(stream, socket) : undefined;
  }

  /** Bytes that wait in this process for the client to take more. */
  get pendingBytes(): number {
    return this.#waiting.reduce((sum, { chunk }) => sum + chunk.length, this.#givenBytes);
  }

  /** Sets who is told that bytes have left; there is one at a time. */
  set onSent(listener: () => void) {
    this.#onSent = listener;
  }

  /**
   * Ends the call at once, whatever waits for the client. It learns that by a reset, not by a status,
   * which would have to wait for the rest of a message: ENHANCE_YOUR_CALM, which gRPC's clients show
   * as RESOURCE_EXHAUSTED.
   */
  cut(): void {
    this.#stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  /** Gives HTTP/2 what it may have. @returns whether all is given, and it can take more. */
  #giveOn(): boolean {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      if (this.#givenBytes >= PIECE_BYTES) return false;
      const piece = first.chunk.subarray(0, PIECE_BYTES);
      const isLast = piece.length === first.chunk.length;
      if (isLast) this.#waiting.shift();
      else first.chunk = first.chunk.subarray(PIECE_BYTES);
      this.#givenBytes += piece.length;
      this.#write(piece, isLast ? first.done : undefined);
    }
    return this.#givenBytes < PIECE_BYTES;
  }
}

/**
 * Cuts a call whose answer was given if its client takes nothing of it for so long; until then the
 * answer is kept in memory. See `Outlet.cut`.
 */
export function cutStalled(call: object, maxStallMs: number): void {
  const stream = http2StreamOf(call);
  const socket = stream && tappedSocketOf(stream);
  if (!stream || !socket || stream.closed || stream.destroyed) return;
  const stall = setTimeout(() => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM), maxStallMs);
  stall.unref();
  const watch = socket.watch(stream.id ?? 0, () => void stall.refresh());
  const end = () => {
    clearTimeout(stall);
    watch[Symbol.dispose]();
    closing[Symbol.dispose]();
  };
  const closing = socket.whenClosed(end);
  stream.once("close", end);
}

/** Common name of the certificate that a call's client has proved; undefined where it has none. */
export function certificateName(stream: ServerHttp2Stream): string | undefined {
  return certificateNameOf(tappedSocketOf(stream)?.socket);
}

/**
 * The HTTP/2 stream under a server's call. grpc-js (1.14.7, pinned) keeps it private, under
 * interceptors where there are any: `call.call.nextCall.….stream`.
 */
export function http2StreamOf(call: object): ServerHttp2Stream | undefined {
  let layer: unknown = Reflect.get(call, "call");
  while (typeof layer === "object" && layer !== null) {
    if ("stream" in layer) return layer.stream as ServerHttp2Stream;
    layer = Reflect.get(layer, "nextCall");
  }
  return undefined;
}

/** The socket under a stream, asked through the proxy that HTTP/2 puts before it. */
export function tappedSocketOf(stream: ServerHttp2Stream): TappedSocket | undefined {
  const socket: unknown = stream.session?.socket;
  const tapped: unknown = typeof socket === "object" && socket !== null
    ? Reflect.get(socket, "tapped")
    : undefined;
  const found: unknown = typeof tapped === "function" ? tapped() : undefined;
  return found instanceof TappedSocket ? found : undefined;
}
