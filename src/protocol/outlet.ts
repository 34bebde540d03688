import type { ServerDuplexStream, ServerWritableStream } from "@grpc/grpc-js";
import type { ServerHttp2Stream } from "node:http2";
import { TinctError } from "../errors.ts";
import { TappedSocket } from "./tapped_socket.ts";

/** A call whose answer streams. */
export type StreamingCall<Request, Response> =
  | ServerWritableStream<Request, Response>
  | ServerDuplexStream<Request, Response>;

/** The answering side of a server's call, with a true measure of what its client has not taken. */
export class Outlet<Request, Response> implements Disposable {
  readonly #call: StreamingCall<Request, Response>;
  readonly #maxPendingBytes: number;
  readonly #watch: Disposable;
  #pendingBytes = 0;
  #ended = false;
  #wake = () => {};

  /**
   * Takes over the writing of a call that nothing was written to yet. Dispose of it when the call is
   * over.
   *
   * @param options `maxPendingBytes`: with more than that on its way the outlet is `full`.
   * @throws TypeError where the connection is no TappedSocket.
   */
  constructor(
    call: StreamingCall<Request, Response>,
    { maxPendingBytes = 256 * 1024 }: { readonly maxPendingBytes?: number } = {},
  ) {
    this.#call = call;
    this.#maxPendingBytes = maxPendingBytes;
    const stream = http2StreamOf(call);
    this.#watch = socketOf(stream).watch(stream.id ?? 0, (sentBytes) => {
      this.#pendingBytes -= sentBytes;
      this.#wake();
    });
    const write: ServerHttp2Stream["write"] = stream.write.bind(stream);
    stream.write = (chunk: Uint8Array, ...rest: never[]) => {
      this.#pendingBytes += chunk.length;
      return write(chunk, ...rest);
    };
    for (const event of ["close", "cancelled", "error"]) {
      call.once(event, () => {
        this.#ended = true;
        this.#wake();
      });
    }
  }

  /** Bytes that were sent and wait in this process for the client to take more. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Whether a message sent now would wait. */
  get full(): boolean {
    return this.#pendingBytes > this.#maxPendingBytes;
  }

  /**
   * Sends a message, then waits while the outlet is full. One sender at a time: await each call.
   *
   * @throws {TinctError} cancelled, where the client gave up the call or its connection was cut.
   */
  async send(
    message: Response,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    signal?.throwIfAborted();
    this.#requireCall();
    let handedOver = false;
    this.#call.write(message, () => {
      handedOver = true;
      this.#wake();
    });
    const wake = () => this.#wake();
    signal?.addEventListener("abort", wake);
    try {
      while (!handedOver || this.full) {
        await new Promise<void>((resolve) => this.#wake = resolve);
        signal?.throwIfAborted();
        this.#requireCall();
      }
    } finally {
      this.#wake = () => {};
      signal?.removeEventListener("abort", wake);
    }
  }

  /** Stops the counting; the call itself is its owner's to end. */
  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #requireCall(): void {
    if (!this.#ended && !this.#call.cancelled) return;
    throw new TinctError("cancelled", "The client gave up the call before it was answered.");
  }
}

/**
 * The HTTP/2 stream under a call. grpc-js (1.14.7, pinned) keeps it private, under interceptors where
 * there are any: `call.call.nextCall.….stream`.
 */
function http2StreamOf(call: object): ServerHttp2Stream {
  let layer: unknown = Reflect.get(call, "call");
  while (typeof layer === "object" && layer !== null && "nextCall" in layer) layer = layer.nextCall;
  if (typeof layer === "object" && layer !== null && "stream" in layer) {
    return layer.stream as ServerHttp2Stream;
  }
  throw new TypeError("This version of grpc-js keeps a call's HTTP/2 stream somewhere else.");
}

function socketOf(stream: ServerHttp2Stream): TappedSocket {
  const socket: unknown = stream.session?.socket;
  const tapped: unknown = typeof socket === "object" && socket !== null
    ? Reflect.get(socket, "tapped")
    : undefined;
  const found: unknown = typeof tapped === "function" ? tapped() : undefined;
  if (found instanceof TappedSocket) return found;
  throw new TypeError("The call came over a connection that is no TappedSocket.");
}
