import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { Metadata, type Server, type StatusObject } from "@grpc/grpc-js";

/** Lets a call in (true), or has ended it itself. */
type AdmitStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => boolean;

/** What kind of call a path leads to. */
export type CallKind = "unary" | "serverStream" | "clientStream" | "bidi";

/** What grpc-js (1.14.7, pinned) calls for every stream of a client's, and keeps private. */
const STREAM_HANDLERS = ["_streamHandler", "_channelzHandler"];

/**
 * Has every call pass `admit` before grpc-js makes anything of it: there are its headers, and nothing
 * was read of what follows. Must be called before the server's first address is opened.
 */
export function gateStreams(server: Server, admit: AdmitStream): void {
  for (const name of STREAM_HANDLERS) {
    const inner: unknown = Reflect.get(server, name);
    if (typeof inner !== "function") throw new TypeError(`grpc-js has no ${name} any more.`);
    const gated = (
      interceptors: unknown,
      stream: ServerHttp2Stream,
      headers: IncomingHttpHeaders,
    ) => {
      stream.on("error", () => {}); // "close" follows, which ends the call
      if (admit(stream, headers)) inner.call(server, interceptors, stream, headers);
    };
    Reflect.set(server, name, gated);
  }
}

/** What a path leads to; undefined: nowhere. */
export function callKindOf(server: Server, path: string): CallKind | undefined {
  const handlers: unknown = Reflect.get(server, "handlers");
  if (!(handlers instanceof Map)) throw new TypeError("grpc-js has no map of handlers any more.");
  return (handlers as Map<string, { readonly type: CallKind }>).get(path)?.type;
}

/**
 * Ends a call with a status, and tells the client to keep what it has not sent (a reset with NO_ERROR
 * after the whole answer; RFC 9113, 8.1).
 */
export function endStream(stream: ServerHttp2Stream, status: Partial<StatusObject>): void {
  if (stream.destroyed || stream.closed) return;
  const { code, details = "", metadata = new Metadata() } = status;
  stream.respond({
    ":status": 200,
    "content-type": "application/grpc+proto",
    "grpc-status": String(code),
    "grpc-message": encodeURI(details),
    ...metadata.toHttp2Headers(),
  }, { endStream: true });
  stopSending(stream);
}

/** Answers what is no gRPC with a sentence. */
export function endPlainly(stream: ServerHttp2Stream, httpStatus: number, sentence: string): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ":status": httpStatus, "content-type": "text/plain; charset=utf-8" });
  stream.end(sentence, () => stopSending(stream));
}

/** Has a client whose call was answered send no more of its request. */
export function stopSending(stream: ServerHttp2Stream): void {
  if (!stream.destroyed && !stream.closed) stream.close(constants.NGHTTP2_NO_ERROR);
}
