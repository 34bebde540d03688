import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import {
  type ChannelCredentials,
  type ClientOptions,
  credentials,
  InterceptingCall,
  type Interceptor,
  setLogger,
} from "@grpc/grpc-js";
import type { Environment, Proxy } from "../config.ts";
import { TinctError } from "../errors.ts";
import { readingError } from "../files/file_errors.ts";
import { shown } from "../shown.ts";
import { isLocal } from "../access/open_access.ts";
import type { ServerOptions } from "./server_options.ts";

/** How a server is reached. */
export interface Connection {
  /** "HOST:PORT" or "unix:PATH". */
  readonly address: string;
  readonly isTls: boolean;
  /** Whether this client proves itself by a certificate. */
  readonly hasCertificate: boolean;
  /** Undefined: it is reached directly. */
  readonly proxy: Proxy | undefined;
  /** What the proxy said last in refusing, such as "status 403"; "": nothing. */
  readonly proxySaid: () => string;
  readonly proof: ChannelCredentials;
  readonly options: ClientOptions;
}

/** Longest message that is received, in bytes: a sample picture and what goes with it. */
const maxReceiveBytes = 8 * 1024 * 1024;

/** The name that is asked for where the server has an address alone; TLS has no addresses there. */
const NO_NAME = "server.invalid";

/**
 * Reads how a server is to be reached; nothing is connected yet. A server of this machine is never
 * reached through a proxy.
 *
 * @param environment whose token is sent where no file is named.
 * @throws {TinctError} invalid_argument, not_found for files that do not fit.
 */
export function connectionTo(
  server: ServerOptions,
  environment: Pick<Environment, "token" | "proxy">,
): Connection {
  const { server: address, tls = false, ca } = server;
  const host = hostOf(address);
  const isTls = tls || ca !== undefined;
  const isAddress = host !== undefined && isIP(host) !== 0;
  const here = isLocal(address);
  const token = tokenOf(server, environment);
  return {
    address,
    isTls,
    hasCertificate: server.cert !== undefined,
    proxy: here ? undefined : environment.proxy,
    proxySaid: here || environment.proxy === undefined ? () => "" : listenToProxy(),
    proof: channelCredentials(server, isAddress ? host : undefined),
    options: {
      "grpc.max_receive_message_length": maxReceiveBytes,
      // A server that comes back is to be found at once.
      "grpc.max_reconnect_backoff_ms": 2000,
      ...(here && { "grpc.enable_http_proxy": 0 }),
      ...(isTls && isAddress && { "grpc.ssl_target_name_override": NO_NAME }),
      ...(token !== undefined && { interceptors: [bearer(token)] }),
    },
  };
}

/** Of proxies grpc-js tells its log alone. */
function listenToProxy(): () => string {
  let said = "";
  setLogger({
    ...console,
    error: (line: unknown) => {
      const words = /^(?:E )?Failed to connect to .* with (status \d+|error .+)$/.exec(String(line))
        ?.[1];
      if (words === undefined) console.error(line);
      else said = words.replace(/^error /, "");
    },
  });
  return () => said;
}

/** The host of an address, without brackets; undefined for a socket's path. */
function hostOf(address: string): string | undefined {
  if (/^unix:./.test(address)) return undefined;
  const [, bracketed, host, port] = /^(?:\[([^[\]]+)\]|([^:/[\]\s]+)):(\d{1,5})$/.exec(address) ??
    [];
  const found = bracketed ?? host;
  if (found !== undefined && Number(port) > 0 && Number(port) < 65_536) return found;
  throw new TinctError(
    "invalid_argument",
    `--server must be HOST:PORT, such as 127.0.0.1:50051, or unix:PATH, not ${
      JSON.stringify(address)
    }.`,
  );
}

/**
 * How the server is made sure of, and this client proved.
 *
 * @param ip of a server without a name, which its certificate must be for.
 */
function channelCredentials(
  { tls = false, ca, cert, key }: ServerOptions,
  ip: string | undefined,
): ChannelCredentials {
  if ((cert === undefined) !== (key === undefined)) {
    throw new TinctError("invalid_argument", "A certificate needs its key: give --cert and --key.");
  }
  if (!tls && ca === undefined) {
    if (cert === undefined) return credentials.createInsecure();
    throw new TinctError("invalid_argument", "--cert needs TLS: give --ca or --tls as well.");
  }
  return credentials.createSsl(
    readPem("--ca", ca, "CERTIFICATE"),
    readPem("--key", key, "PRIVATE KEY"),
    readPem("--cert", cert, "CERTIFICATE"),
    ip === undefined ? {} : { checkServerIdentity: (_, found) => checkServerIdentity(ip, found) },
  );
}

/** Reads a PEM file. @throws {TinctError} invalid_argument where it holds nothing of that kind. */
function readPem(
  flag: string,
  path: string | undefined,
  kind: "CERTIFICATE" | "PRIVATE KEY",
): Buffer | null {
  if (path === undefined) return null;
  const file = readFile(path);
  // "EC PRIVATE KEY" is one, and "TRUSTED CERTIFICATE".
  if (new RegExp(`-----BEGIN (?:[A-Z0-9]+ )*${kind}-----`).test(file.toString("latin1"))) {
    return file;
  }
  throw new TinctError(
    "invalid_argument",
    `${flag} ${
      shown(path)
    } holds no ${kind.toLowerCase()}: give a PEM file, in which a line reads ` +
      `-----BEGIN ${kind}-----.`,
  );
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw readingError(path, cause);
  }
}

/** The token to send; never in the clear to another machine. */
function tokenOf(
  { server, tls = false, ca, tokenFile }: ServerOptions,
  { token }: Pick<Environment, "token">,
): string | undefined {
  const found = tokenFile === undefined ? token : readFile(tokenFile).toString("utf8").trim();
  if (found === undefined) return undefined;
  if (!tls && ca === undefined && !isLocal(server)) {
    throw new TinctError(
      "invalid_argument",
      `The token would travel to ${server} unencrypted: give --tls or --ca.`,
    );
  }
  return found;
}

/** Sends the token with every call. */
function bearer(token: string): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        metadata.set("authorization", `Bearer ${token}`);
        next(metadata, listener);
      },
    });
}
