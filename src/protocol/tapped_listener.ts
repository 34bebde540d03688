import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Server as TlsServer } from "node:tls";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import { ConnectionCount, type ConnectionLimits, noConnectionLimits } from "./connection_limits.ts";
import { ListenerWatch } from "./listener_watch.ts";
import { TappedSocket } from "./tapped_socket.ts";
import { tlsContextOf, type TlsFiles, tlsServer } from "./tls_server.ts";

/** How an address is opened. */
export interface ListenOptions {
  /** Speaks TLS 1.2 or newer with it; plain HTTP/2 otherwise. */
  readonly tls?: TlsFiles | undefined;
  /** What clients may do; everything by default. */
  readonly limits?: ConnectionLimits;
  /**
   * Is told of a client that was cut for passing a limit, and why; not of connections that were too
   * many.
   */
  readonly onCut?: (reason: string, address: string | undefined) => void;
  /** Is told when the port accepted nothing any more and was opened again; see `ListenerWatch`. */
  readonly onReopened?: () => void;
}

/** An open address. Disposing of it, after the server's own shutdown, closes it and cuts what is left. */
export interface TappedListener extends AsyncDisposable {
  /** The port that clients dial; 0 for a Unix-domain socket. */
  readonly port: number;
  /** Goes over to other certificates, from the next connection on. */
  setTls(files: TlsFiles): void;
}

/**
 * Opens an address for a server in place of its `bindAsync`, over sockets that can tell what a
 * client has not taken, so that `send` waits for slow ones; see `TappedSocket`.
 *
 * @param address "HOST:PORT" (port 0: any that is free) or "unix:PATH".
 * @throws the system's error where the address cannot be opened.
 */
export async function listenTapped(
  server: Server,
  address: string,
  { tls, limits = noConnectionLimits, onCut = () => {}, onReopened = () => {} }: ListenOptions = {},
): Promise<TappedListener> {
  const sockets = new Set<TappedSocket>();
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const take = (socket: Socket) => {
    if (socket.destroyed) return;
    const tapped = new TappedSocket(socket, {
      limits,
      // Not before: Deno 2.9.3 leaks about 25 KB with every HTTP/2 session.
      onGreeted: () => injector.injectConnection(tapped),
      onCut: (why) => onCut(why, socket.remoteAddress),
    });
    sockets.add(tapped);
    tapped.once("close", () => sockets.delete(tapped));
  };
  const secure = tls && secureServer(tls, take);
  const listener = secure ?? createServer(take);
  const count = new ConnectionCount(limits);
  const watch = new ListenerWatch(listener, onReopened);
  // Before TLS: a handshake costs more than a refusal.
  listener.prependListener("connection", (socket: Socket) => {
    if (watch.accepted(socket)) return;
    const place = count.admit(socket.remoteAddress);
    if (place) socket.once("close", () => place[Symbol.dispose]());
    else socket.destroy();
  });
  const [, path, host, port] = /^(?:unix:(?:\/\/(?=\/))?(.+)|(.*):(\d+))$/.exec(address) ?? [];
  if (path !== undefined) listener.listen(path);
  else listener.listen(Number(port), host?.replace(/^\[(.*)\]$/, "$1"));
  await once(listener, "listening");
  const place = path === undefined ? listener.address() as AddressInfo : { path };
  watch.begin(place);
  return {
    port: "port" in place ? place.port : 0,
    setTls(files) {
      secure?.setSecureContext(tlsContextOf(files));
    },
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      if (!listener.listening) return;
      const closed = once(listener, "close");
      listener.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A client gets so long to prove itself. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

function secureServer(files: TlsFiles, take: (socket: Socket) => void): TlsServer {
  const spoken = { protocols: ["h2", "http/1.1"], handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS };
  return tlsServer(files, spoken, (socket) => {
    // A client that asks for HTTP/1 gets a sentence; the greeting decides, see `TappedSocket`.
    if (socket.alpnProtocol === "h2" || socket.alpnProtocol === "http/1.1") take(socket);
    else socket.destroy();
  });
}
