import type { ServerHttp2Stream } from "node:http2";
import { TLSSocket } from "node:tls";
import { TappedSocket } from "./tapped_socket.ts";

/** Counts what was written to a server's answer and has not left for the client. */
export class Outlet {
  #pendingBytes = 0;
  #onSent = () => {};

  /** Begins to count for a call, from its next message on. */
  private constructor(stream: ServerHttp2Stream, socket: TappedSocket) {
    const watch = socket.watch(stream.id ?? 0, (sentBytes) => {
      this.#pendingBytes -= sentBytes;
      this.#onSent();
    });
    const write: ServerHttp2Stream["write"] = stream.write.bind(stream);
    stream.write = (chunk: Uint8Array, ...rest: never[]) => {
      this.#pendingBytes += chunk.length;
      return write(chunk, ...rest);
    };
    stream.once("close", () => watch[Symbol.dispose]());
  }

  /** @returns undefined for a client's call, and where the connection is no TappedSocket. */
  static of(call: object): Outlet | undefined {
    const stream = http2StreamOf(call);
    const socket = stream === undefined ? undefined : socketOf(stream);
    return stream && socket ? new Outlet(stream, socket) : undefined;
  }

  /** Bytes that wait in this process for the client to take more. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Sets who is told that bytes have left; there is one at a time. */
  set onSent(listener: () => void) {
    this.#onSent = listener;
  }
}

/** Common name of the certificate that a call's client has proved; undefined where it has none. */
export function clientCommonName(call: object): string | undefined {
  const stream = http2StreamOf(call);
  const socket = stream && socketOf(stream)?.socket;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const name: unknown = socket.getPeerCertificate()?.subject?.CN;
  return typeof name === "string" ? name : undefined;
}

/**
 * The HTTP/2 stream under a server's call. grpc-js (1.14.7, pinned) keeps it private, under
 * interceptors where there are any: `call.call.nextCall.….stream`.
 */
function http2StreamOf(call: object): ServerHttp2Stream | undefined {
  let layer: unknown = Reflect.get(call, "call");
  while (typeof layer === "object" && layer !== null) {
    if ("stream" in layer) return layer.stream as ServerHttp2Stream;
    layer = Reflect.get(layer, "nextCall");
  }
  return undefined;
}

/** The socket under a stream, asked through the proxy that HTTP/2 puts before it. */
function socketOf(stream: ServerHttp2Stream): TappedSocket | undefined {
  const socket: unknown = stream.session?.socket;
  const tapped: unknown = typeof socket === "object" && socket !== null
    ? Reflect.get(socket, "tapped")
    : undefined;
  const found: unknown = typeof tapped === "function" ? tapped() : undefined;
  return found instanceof TappedSocket ? found : undefined;
}
