import { createServer, type Server, TLSSocket } from "node:tls";

/** What a server proves itself by, PEM. */
export interface TlsFiles {
  /** Its certificate, and those between it and the root. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The authorities of clients' certificates; undefined: clients need none. */
  readonly clientCa: Buffer | undefined;
}

/** How a server speaks TLS. */
interface TlsServerOptions {
  /** The protocols that clients may ask for above TLS, the preferred one first. */
  readonly protocols: readonly string[];
  /** A client gets so long to prove itself. */
  readonly handshakeTimeoutMs: number;
}

/**
 * A server of TLS 1.2 or newer, which does not listen yet. A client that cannot prove itself, or is
 * gone, is told so by TLS alone.
 *
 * @param take gets each client that has proved itself, where it has to.
 */
export function tlsServer(
  files: TlsFiles,
  { protocols, handshakeTimeoutMs }: TlsServerOptions,
  take: (socket: TLSSocket) => void,
): Server {
  const asksClients = files.clientCa !== undefined;
  const server = createServer({
    ...tlsContextOf(files),
    requestCert: asksClients,
    rejectUnauthorized: asksClients,
    ALPNProtocols: [...protocols],
    minVersion: "TLSv1.2",
    handshakeTimeout: handshakeTimeoutMs,
  }, take);
  return server.on("tlsClientError", (_error, socket) => socket.destroy());
}

/** The files as `setSecureContext` takes them. */
export function tlsContextOf({ cert, key, clientCa }: TlsFiles) {
  return { cert, key, ...(clientCa && { ca: clientCa }) };
}

/** Common name of the certificate that a connection's client has proved; undefined where it has none. */
export function certificateNameOf(socket: unknown): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const name: unknown = socket.getPeerCertificate()?.subject?.CN;
  return typeof name === "string" ? name : undefined;
}
