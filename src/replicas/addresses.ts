import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { TinctError } from "../errors.ts";

/** Where each replica is. */
export interface ReplicaAddresses {
  /**
   * `host:port` of each, by rank; the same list in every process. There TensorFlow listens; rank 0
   * itself listens at the next port, too, or at `controlPath`, where the others keep a connection to it.
   */
  readonly addresses: readonly string[];
  /** Which of them this process is, from 0. */
  readonly rank: number;
  /** A Unix-domain socket at which rank 0 listens in place of the next port; absolute. */
  readonly controlPath?: string;
}

/** Where rank 0 listens for the other replicas. */
export type ControlAddress =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

/** The most replicas there may be. */
export const MAX_REPLICAS = 256;

/**
 * Reads a list of addresses.
 *
 * @param list `host:port,host:port,…`, by rank; an IPv6 host in brackets.
 * @throws TinctError `invalid_argument` for a list of less than two, for what is no address, one
 *   that is there twice, or a rank that is not in the list.
 */
export function parseReplicaAddresses(list: string, rank: number): ReplicaAddresses {
  const addresses = list.split(",").map((address) => address.trim());
  const refuse = (what: string) => {
    throw new TinctError("invalid_argument", `--replica-addresses ${what}`);
  };
  if (addresses.length < 2 || addresses.length > MAX_REPLICAS) {
    refuse(`needs two to ${MAX_REPLICAS} addresses, host:port,host:port, not ${list}.`);
  }
  for (const address of addresses) {
    if (!isAddress(address)) refuse(`has ${JSON.stringify(address)}, which is not a HOST:PORT.`);
  }
  const taken = new Set<string>();
  for (const [index, address] of addresses.entries()) {
    for (const each of index === 0 ? [address, controlAddressOf(address)] : [address]) {
      if (taken.has(each)) refuse(`has ${each} twice (rank 0 takes the next port, too).`);
      taken.add(each);
    }
  }
  if (rank >= addresses.length) {
    throw new TinctError(
      "invalid_argument",
      `--rank ${rank} is not among ${addresses.length} addresses: it is 0 to ${
        addresses.length - 1
      }.`,
    );
  }
  return { addresses, rank };
}

/** Host and port of an address. Throws TypeError for what is none. */
export function splitAddress(address: string): { host: string; port: number } {
  const [, host = "", port = ""] = /^(.+):(\d+)$/.exec(address) ?? [];
  if (host === "") throw new TypeError(`${address} is not a HOST:PORT.`);
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}

/** Where rank 0 listens for the other replicas: by default the port after TensorFlow's. */
export function controlAddress({ addresses, controlPath }: ReplicaAddresses): ControlAddress {
  return controlPath !== undefined
    ? { path: controlPath }
    : splitAddress(controlAddressOf(addresses[0] ?? ""));
}

/** Ports that this process has given out lately, at which nobody may listen yet. */
const given = new Set<number>();
/** Some hundred are tried at a time at the most, of 12,000. */
const MAX_GIVEN = 4000;

/**
 * Addresses on loopback that are free right now, for replicas of one machine. Callers at the same
 * time get different ones.
 */
export async function freeLoopbackAddresses(count: number): Promise<string[]> {
  const ports: number[] = [];
  // Below the range from which Linux takes ports for outgoing connections (32768 on).
  for (let tries = 0; ports.length < count && tries < 1000; tries++) {
    const port = randomInt(20_000, 32_000);
    const needed = ports.length === 0 ? [port, port + 1] : [port];
    const known = ports.flatMap((each, index) => index === 0 ? [each, each + 1] : [each]);
    if (needed.some((each) => known.includes(each) || given.has(each))) continue;
    if (given.size > MAX_GIVEN) given.clear();
    needed.forEach((each) => given.add(each));
    if ((await Promise.all(needed.map(isFree))).every(Boolean)) ports.push(port);
  }
  if (ports.length === count) return ports.map((port) => `127.0.0.1:${port}`);
  throw new TinctError("resource_exhausted", `This machine has no ${count} free ports.`);
}

function controlAddressOf(address: string): string {
  const { port } = splitAddress(address);
  return address.replace(/\d+$/, String(port + 1));
}

function isAddress(address: string): boolean {
  const match = /^(?:[\w.-]+|\[[\da-fA-F:.]+\]):(\d{1,5})$/.exec(address);
  const port = Number(match?.[1] ?? 0);
  return port >= 1 && port <= 65_534;
}

/** TensorFlow listens on every network, so the port has to be free on all. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "0.0.0.0" }, () => server.close(() => resolve(true)));
  });
}
