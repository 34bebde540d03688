import { rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import type { Server } from "@grpc/grpc-js";
import { messageOf, TinctError } from "../errors.ts";
import { type ListenOptions, listenTapped } from "../protocol/tapped_listener.ts";
import type { TlsSource } from "../access/open_access.ts";

/** An open address. Disposing of it, after the server's own shutdown, closes it. */
export interface OpenAddress extends AsyncDisposable {
  /** What clients dial, with the port that it came to. */
  readonly address: string;
}

/**
 * Opens an address.
 *
 * @param address "HOST:PORT" (port 0: any that is free) or "unix:PATH". The socket file of a server
 *   that died is replaced.
 * @param tls what to prove the server by; plain where it is undefined.
 * @param guards what clients may do.
 * @throws {TinctError} invalid_argument for what is no address; failed_precondition where it is
 *   taken or cannot be opened.
 */
export async function listen(
  server: Server,
  address: string,
  tls?: TlsSource,
  guards: Pick<ListenOptions, "limits" | "onCut" | "onReopened"> = {},
): Promise<OpenAddress> {
  const path = readAddress(address);
  if (path !== undefined) await clearSocket(path);
  try {
    const listener = await listenTapped(server, address, { tls: tls?.current, ...guards });
    tls?.changed.add((files) => listener.setTls(files));
    return {
      address: path === undefined ? address.replace(/:\d+$/, `:${listener.port}`) : address,
      [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
    };
  } catch (cause) {
    throw new TinctError(
      "failed_precondition",
      `The server cannot listen on ${address} (${messageOf(cause)}); stop what uses it, or give ` +
        "another address.",
      { cause },
    );
  }
}

/**
 * Reads an address to listen on.
 *
 * @returns the path of a socket; undefined for HOST:PORT.
 * @throws {TinctError} invalid_argument for what is neither.
 */
export function readAddress(address: string): string | undefined {
  const path = /^unix:(?:\/\/(?=\/))?(.+)$/.exec(address)?.[1];
  if (path !== undefined) return path;
  const port = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/]+):(\d{1,5})$/.exec(address)?.[1];
  if (port !== undefined && Number(port) < 65_536) return undefined;
  throw new TinctError(
    "invalid_argument",
    `${JSON.stringify(address)} is not an address to listen on: give HOST:PORT, such as ` +
      "127.0.0.1:50051, or unix:PATH.",
  );
}

/** Removes a socket that nobody listens on any more. */
async function clearSocket(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return; // nothing there, or binding will say what is wrong
  if (!found.isSocket()) {
    throw new TinctError("failed_precondition", `${path} exists and is not a socket; remove it.`);
  }
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = connect(path, () => resolve(true)).on("error", () => resolve(false));
  const isAlive = await promise;
  probe.destroy();
  if (isAlive) {
    throw new TinctError(
      "failed_precondition",
      `Another program is listening on ${path}; stop it.`,
    );
  }
  await rm(path);
}
