import { type ClientHttp2Session, connect, constants } from "node:http2";
import { status as codes } from "@grpc/grpc-js";

/** How a call ended. */
interface OddEnding {
  /** Such as "INTERNAL"; "HTTP 415" where the answer was not gRPC's; "cut" where there was none. */
  readonly code: string;
  readonly message: string;
  readonly milliseconds: number;
}

/** A call that grpc-js's client would not make. */
export interface OddCall {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent as data, prefixes of messages and all. */
  readonly body?: Uint8Array;
  /** Leave the request open after that. */
  readonly halfOpen?: boolean;
}

/** A message as gRPC frames it. @param length what its prefix claims, where that is a lie. */
export function message(
  payload: Uint8Array,
  { compressed = 0, length = payload.length } = {},
): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compressed, 0);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, payload]);
}

/** A connection for odd calls; disposing of it closes it in the ordinary way. */
export class OddClient implements AsyncDisposable {
  readonly #session: ClientHttp2Session;
  readonly #closed: Promise<void>;
  #isStopped = false;

  constructor(address: string) {
    this.#session = connect(`http://${address}`);
    this.#session.on("error", () => {}); // its calls tell of it
    this.#closed = new Promise((resolve) => this.#session.once("close", () => resolve()));
  }

  /** Makes a call and waits for its end. */
  call({
    path = "/tinct.v1.TrainingJobService/ListTrainingJobs",
    headers = {},
    body = message(new Uint8Array()),
    halfOpen = false,
  }: OddCall): Promise<OddEnding> {
    const startedMs = performance.now();
    return new Promise((resolve) => {
      const seen: Record<string, unknown> = {};
      const end = () => {
        const http = seen[constants.HTTP2_HEADER_STATUS];
        const grpc = seen["grpc-status"];
        resolve({
          code: grpc !== undefined
            ? codes[Number(grpc)] ?? String(grpc)
            : http === undefined || http === 200
            ? "cut"
            : `HTTP ${http}`,
          message: decodeURI(String(seen["grpc-message"] ?? "")),
          milliseconds: performance.now() - startedMs,
        });
      };
      if (this.#session.destroyed || this.#session.closed) return end();
      const stream = this.#session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc",
        te: "trailers",
        ...headers,
      });
      stream.on("response", (answer) => void Object.assign(seen, answer));
      stream.on("trailers", (trailers) => {
        Object.assign(seen, trailers);
        if (!halfOpen) return;
        stream.close();
      });
      stream.on("error", () => {}); // "close" follows
      stream.once("end", () => {
        // Deno's client waits to send the rest, though the server's reset says that nobody wants it.
        if (!stream.writableFinished && !halfOpen) {
          this.#isStopped = true;
          stream.destroy();
        } else if (halfOpen) stream.close();
      });
      stream.once("close", end);
      stream.resume();
      if (body.length > 0) stream.write(body);
      if (!halfOpen) stream.end();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#session.destroyed) return;
    this.#session.close();
    // With a request that the server has stopped, Deno's session never closes by itself.
    const late = setTimeout(() => this.#session.destroy(), this.#isStopped ? 100 : 30_000);
    await this.#closed;
    clearTimeout(late);
  }
}
