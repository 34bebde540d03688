import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import { TappedSocket } from "./tapped_socket.ts";

/** What a server proves itself by, PEM. */
export interface TlsFiles {
  /** Its certificate, and those between it and the root. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The authorities of clients' certificates; undefined: clients need none. */
  readonly clientCa: Buffer | undefined;
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
 * @param options `tls`: speaks TLS 1.2 or newer with it; plain HTTP/2 otherwise.
 * @throws the system's error where the address cannot be opened.
 */
export async function listenTapped(
  server: Server,
  address: string,
  { tls }: { tls?: TlsFiles | undefined } = {},
): Promise<TappedListener> {
  const sockets = new Set<TappedSocket>();
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const take = (socket: Socket) => {
    const tapped = new TappedSocket(socket);
    sockets.add(tapped);
    tapped.once("close", () => sockets.delete(tapped));
    injector.injectConnection(tapped);
  };
  const secure = tls && secureServer(tls, take);
  const listener = secure ?? createServer(take);
  const [, path, host, port] = /^(?:unix:(?:\/\/(?=\/))?(.+)|(.*):(\d+))$/.exec(address) ?? [];
  if (path !== undefined) listener.listen(path);
  else listener.listen(Number(port), host?.replace(/^\[(.*)\]$/, "$1"));
  await once(listener, "listening");
  return {
    port: path === undefined ? (listener.address() as AddressInfo).port : 0,
    setTls(files) {
      secure?.setSecureContext(contextOf(files));
    },
    async [Symbol.asyncDispose]() {
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
  const server = createTlsServer({
    ...contextOf(files),
    requestCert: files.clientCa !== undefined,
    rejectUnauthorized: files.clientCa !== undefined,
    ALPNProtocols: ["h2"],
    minVersion: "TLSv1.2",
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  }, (socket) => {
    // Whoever speaks something else would only be told so by HTTP/2.
    if (socket.alpnProtocol === "h2") take(socket);
    else socket.destroy();
  });
  // A client that cannot prove itself, or is gone: its business, told to it by TLS.
  return server.on("tlsClientError", (_error, socket) => socket.destroy());
}

function contextOf({ cert, key, clientCa }: TlsFiles) {
  return { cert, key, ...(clientCa && { ca: clientCa }) };
}
