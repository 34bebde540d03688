import { once } from "node:events";
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";

/** How a proxy ends what goes on for too long, each as some proxy does. */
export type Cut =
  | "internal" // nginx at its limit of time: RST_STREAM with INTERNAL_ERROR
  | "cancel" // RST_STREAM with CANCEL
  | "no error" // RST_STREAM with NO_ERROR
  | "no status" // the answer ends without a grpc-status
  | "page" // INTERNAL_ERROR, and the next call gets a page with status 504, as from nginx
  | "connection"; // the connection is closed

/** A proxy of HTTP/2 in the clear that passes on all it gets, until it is told to cut. */
export class CuttingProxy implements AsyncDisposable {
  readonly address: string;
  readonly #server: Http2Server;
  readonly #upstream: ClientHttp2Session;
  readonly #streams = new Set<ServerHttp2Stream>();
  readonly #sessions = new Set<ServerHttp2Session>();
  /** What happens to the next watchers, each after the first that it gets. */
  readonly #planned: Cut[];
  #pages = 0;
  /** How many calls came. */
  calls = 0;

  private constructor(server: Http2Server, upstream: ClientHttp2Session, planned: readonly Cut[]) {
    this.#planned = [...planned];
    this.#server = server;
    this.#upstream = upstream;
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("session", (session: ServerHttp2Session) => {
      this.#sessions.add(session);
      session.on("error", () => {});
      session.once("close", () => this.#sessions.delete(session));
    });
    server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      this.#pass(stream, headers);
    });
  }

  /**
   * Opens one in front of a server, HOST:PORT.
   *
   * @param planned how the first calls of StreamMetrics are cut, each after its first event.
   */
  static async open(server: string, planned: readonly Cut[] = []): Promise<CuttingProxy> {
    const upstream = connect(`http://${server}`);
    upstream.on("error", () => {});
    const proxy = createServer();
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    return new CuttingProxy(proxy, upstream, planned);
  }

  /** Cuts all calls that are under way. */
  cut(how: Cut): void {
    if (how === "page") this.#pages++; // the call that is under way is cut, and the next gets it
    if (how === "connection") {
      for (const session of this.#sessions) session.destroy();
      return;
    }
    for (const stream of this.#streams) {
      if (how === "no status") stream.end();
      else if (how === "cancel") stream.close(constants.NGHTTP2_CANCEL);
      else if (how === "no error") stream.close(constants.NGHTTP2_NO_ERROR);
      else stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    }
  }

  #pass(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    this.calls++;
    stream.on("error", () => {});
    if (this.#pages > 0) {
      this.#pages--;
      stream.respond({ ":status": 504, "content-type": "text/html" });
      stream.end("<html>\r\n<head><title>504 Gateway Time-out</title></head></html>\r\n");
      return;
    }
    this.#streams.add(stream);
    const onward = this.#upstream.request({ ...headers, ":authority": "localhost" });
    let trailers: IncomingHttpHeaders = {};
    onward.on("error", () => {});
    onward.on("trailers", (given: IncomingHttpHeaders) => trailers = given);
    onward.on("response", (given) => {
      if (stream.destroyed) return;
      if (given["grpc-status"] !== undefined) {
        stream.respond(given, { endStream: true });
        return;
      }
      stream.respond(given, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers(trailers));
      if (String(headers[":path"]).endsWith("/StreamMetrics")) {
        const planned = this.#planned.shift();
        if (planned !== undefined) onward.once("data", () => setImmediate(() => this.cut(planned)));
      }
      onward.pipe(stream);
    });
    stream.pipe(onward);
    stream.once("close", () => {
      this.#streams.delete(stream);
      onward.close(constants.NGHTTP2_CANCEL);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    this.#upstream.destroy();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}
