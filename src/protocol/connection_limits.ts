import { addressKey } from "./address_key.ts";
import { TokenBucket } from "./token_bucket.ts";

/** What a connection may do before it is cut. */
export interface ConnectionLimits {
  /** Connections at a time in all. */
  readonly maxConnections: number;
  /** Connections at a time from one address; those on a Unix-domain socket count as one address. */
  readonly maxPerAddress: number;
  /** New connections from one address in any minute; as for `maxPerAddress`. */
  readonly maxNewPerAddress: number;
  /** A client gets so long to say its first words, in milliseconds. */
  readonly helloTimeoutMs: number;
  /**
   * Frames that carry nothing of a call (pings, settings, empty data), past what answers account for,
   * in any ten seconds.
   */
  readonly maxControlFrames: number;
  /** Calls given up by a reset in any ten seconds. */
  readonly maxResets: number;
  /** Bytes of a call's headers as they are sent, compressed. */
  readonly maxHeaderBytes: number;
}

/** Nothing is limited but the time of the first words: for listeners that no stranger reaches. */
export const noConnectionLimits: ConnectionLimits = {
  maxConnections: Infinity,
  maxPerAddress: Infinity,
  maxNewPerAddress: Infinity,
  helloTimeoutMs: 10_000,
  maxControlFrames: Infinity,
  maxResets: Infinity,
  maxHeaderBytes: Infinity,
};

type CountLimits = Pick<
  ConnectionLimits,
  "maxConnections" | "maxPerAddress" | "maxNewPerAddress"
>;

/**
 * Clients come many at a time, after a restart for instance, but not again and again; and what Deno
 * 2.9.3 keeps of a connection it keeps for good.
 */
const FRESH_MS = 60_000;

/** Addresses that are remembered before those that have been quiet are forgotten. */
const MANY_ADDRESSES = 10_000;

/** What is known of an address. */
interface Address {
  open: number;
  readonly fresh: TokenBucket;
}

/** Counts connections, in all and by address. */
export class ConnectionCount {
  readonly #limits: CountLimits;
  readonly #nowMs: () => number;
  readonly #addresses = new Map<string, Address>();
  #all = 0;

  /** @param nowMs a clock that does not go back. */
  constructor(limits: CountLimits, nowMs: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  /**
   * Lets a connection in.
   *
   * @param address undefined for a Unix-domain socket.
   * @returns what the connection holds until it is closed; undefined where there are too many.
   */
  admit(address?: string): Disposable | undefined {
    const { maxConnections, maxPerAddress } = this.#limits;
    const from = this.#of(addressKey(address));
    if (this.#all >= maxConnections || from.open >= maxPerAddress || !from.fresh.take()) {
      return undefined;
    }
    this.#all++;
    from.open++;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.#all--;
        from.open--;
      },
    };
  }

  #of(address: string): Address {
    const known = this.#addresses.get(address);
    if (known) return known;
    if (this.#addresses.size >= MANY_ADDRESSES) {
      for (const [name, { open, fresh }] of this.#addresses) {
        if (open === 0 && fresh.isFull) this.#addresses.delete(name);
      }
    }
    const fresh = new TokenBucket(this.#limits.maxNewPerAddress, this.#nowMs, FRESH_MS);
    const made = { open: 0, fresh };
    this.#addresses.set(address, made);
    return made;
  }
}
