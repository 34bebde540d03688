import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import type { ServerResponse } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { messageOf, TinctError } from "../errors.ts";
import type { TlsSource } from "../access/open_access.ts";
import type { Log } from "../log/log.ts";
import { ListenerWatch } from "../protocol/listener_watch.ts";
import { tlsContextOf, tlsServer } from "../protocol/tls_server.ts";
import { type HttpLimits, HttpPlaces } from "./http_places.ts";

/** An open HTTP address beside the gRPC one. Disposing of it cuts its connections and closes it. */
export interface HttpListener extends AsyncDisposable {
  /** "HOST:PORT", with the port that it came to. */
  readonly address: string;
}

/** What an HTTP address is for, in error messages. */
export interface HttpPurpose {
  /** Such as "metrics". */
  readonly name: string;
  /** Where people look for it. */
  readonly usualPort: number;
}

/** What is answered at an HTTP address. */
interface HttpListenerOptions {
  readonly purpose: HttpPurpose;
  /** Speaks HTTPS with these certificates; plain HTTP otherwise. */
  readonly tls?: TlsSource | undefined;
  readonly log: Log;
  /** How many connections there may be, and how long they may be silent; those of tools by default. */
  readonly limits?: Partial<HttpLimits>;
  /** Bodies are read, so that more requests may follow them; none is by default. */
  readonly readsBodies?: boolean;
  /**
   * Answers a request. What it throws is logged, and the client gets a 500.
   *
   * @param goOn tells a client that waits for that (`Expect: 100-continue`) to send its body.
   */
  answer(request: IncomingMessage, response: ServerResponse, goOn: () => void): Promise<void>;
}

const HANDSHAKE_TIMEOUT_MS = 5_000;

/**
 * Opens an HTTP address for an operator's tools. Connections are bounded (`HttpPlaces`): clients that
 * hold one without asking give way to those that ask. A request's body is never read.
 *
 * @param address "HOST:PORT"; port 0: any that is free.
 * @throws {TinctError} invalid_argument for what is no address; failed_precondition where it cannot
 *   be opened.
 */
export async function openHttpListener(
  address: string,
  { purpose, tls, log, limits, readsBodies = false, answer }: HttpListenerOptions,
): Promise<HttpListener> {
  const { host, port } = readHttpAddress(address, purpose);
  const places = new HttpPlaces(limits);
  const take = (request: IncomingMessage, response: ServerResponse, goOn = () => {}) => {
    const { socket } = request;
    if (!places.take(socket)) return;
    response.once("close", () => places.end(socket));
    // One that brings a body has come whole only with it.
    if (!hasBody(request)) places.begin(socket);
    else if (readsBodies) {
      places.arrive(socket);
      const begin = () => places.begin(socket);
      request.once("end", begin);
      response.once("close", () => request.off("end", begin)); // answered without it
    } else {
      places.begin(socket);
      response.setHeader("connection", "close"); // it stays unread, so nothing can follow it
    }
    void answer(request, response, goOn).catch((cause: unknown) => {
      log.write({
        level: "error",
        message: `A request for ${purpose.name} failed.`,
        fields: {},
        cause,
      });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
  const http = createHttpServer(take);
  http.keepAliveTimeout = limits?.idleMs ?? http.keepAliveTimeout;
  http.requestTimeout = 0; // `places` has its own
  http.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    take(request, response, () => response.writeContinue());
  });
  const listener: Server = tls
    ? secureServer(tls, (socket) => places.secure(socket) && http.emit("connection", socket))
    : createServer((socket) => socket.destroyed || http.emit("connection", socket));
  const watch = new ListenerWatch(listener, () =>
    log.write({
      level: "error",
      message:
        `The port for ${purpose.name} accepted no connection any more, as after too many open ` +
        "files, and was opened again; raise the limit of open files or lower --max-connections.",
      fields: {},
    }));
  // Before TLS: whoever says nothing has a place, too, and may be the one that gives way.
  listener.prependListener("connection", (socket: Socket) => {
    if (!watch.accepted(socket)) places.admit(socket);
  });
  listener.listen(port, host.replace(/^\[(.*)\]$/, "$1"));
  try {
    await once(listener, "listening");
  } catch (cause) {
    throw new TinctError(
      "failed_precondition",
      `The server cannot listen on ${address} for ${purpose.name} (${
        messageOf(cause)
      }); give another address.`,
      { cause },
    );
  }
  const opened = listener.address() as AddressInfo;
  watch.begin(opened);
  return {
    address: `${host}:${opened.port}`,
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      if (!listener.listening) return places.closeAll();
      const closed = once(listener, "close");
      listener.close();
      places.closeAll();
      await closed;
    },
  };
}

/**
 * Takes an address apart.
 *
 * @param purpose what it is for, in the error message.
 * @throws {TinctError} invalid_argument for what is no HOST:PORT.
 */
export function readHttpAddress(
  address: string,
  purpose: HttpPurpose,
): { readonly host: string; readonly port: number } {
  const [, host, port] = /^(\[[0-9A-Fa-f:.]+\]|[^\s:/]+):(\d{1,5})$/.exec(address) ?? [];
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new TinctError(
    "invalid_argument",
    `${JSON.stringify(address)} is no address for ${purpose.name}: give HOST:PORT, such as ` +
      `127.0.0.1:${purpose.usualPort}.`,
  );
}

/** Answers a request that the address has nothing for, and says what it has. */
export function refuseRequest(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  path: string,
): boolean {
  const isKnown = url?.split("?")[0] === path;
  if (isKnown && (method === "GET" || method === "HEAD")) return false;
  response.writeHead(isKnown ? 405 : 404, { "content-type": "text/plain" });
  response.end(`GET ${path}\n`);
  return true;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function secureServer(tls: TlsSource, take: (socket: Socket) => void): Server {
  const spoken = { protocols: ["http/1.1"], handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS };
  const server = tlsServer(tls.current, spoken, take);
  tls.changed.add((files) => server.setSecureContext(tlsContextOf(files)));
  return server;
}
