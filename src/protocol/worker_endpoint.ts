import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import type { TlsFiles } from "./tls_server.ts";

/** Where a worker dials its server. */
export interface WorkerEndpoint {
  /** `unix:PATH` with an absolute path, or `HOST:PORT`, where the certificate is for the name HOST. */
  readonly address: string;
  /** The authority that vouches for the server, in PEM; `HOST:PORT` needs one. */
  readonly tls?: { readonly authority: string } | undefined;
}

/** Where a server listens for its workers. */
export interface ListeningEndpoint {
  /** See `WorkerEndpoint`; of port 0 the system makes a free one. */
  readonly address: string;
  /** By what the server proves who it is; `HOST:PORT` needs it. */
  readonly tls?: TlsFiles | undefined;
}

/** A Unix-domain socket, which needs no TLS on either side. */
export interface SocketEndpoint {
  readonly address: string;
  readonly tls?: never;
}

const UNIX = "unix:";

/** The endpoint at a Unix-domain socket. @param path absolute. */
export function unixEndpoint(path: string): SocketEndpoint {
  return { address: `${UNIX}${path}` };
}

/** The path of an address at a Unix-domain socket; undefined for `HOST:PORT`. */
export function socketPathOf(address: string): string | undefined {
  return address.startsWith(UNIX) ? address.slice(UNIX.length) : undefined;
}

/** How a worker speaks at an endpoint. @throws {TypeError} for `HOST:PORT` without TLS. */
export function diallingCredentials(endpoint: WorkerEndpoint): ChannelCredentials {
  requirePrivate(endpoint);
  const { tls } = endpoint;
  return tls ? credentials.createSsl(Buffer.from(tls.authority)) : credentials.createInsecure();
}

/**
 * Refuses an endpoint where a worker's token would cross a network in the clear.
 *
 * @throws {TypeError} for `HOST:PORT` without TLS.
 */
export function requirePrivate(
  { address, tls }: Pick<WorkerEndpoint, "address"> & { readonly tls?: unknown },
): void {
  if (tls !== undefined || socketPathOf(address) !== undefined) return;
  throw new TypeError(`Workers are reached at ${address} by TLS alone.`);
}
