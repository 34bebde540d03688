import { TokenBucket } from "../../protocol/token_bucket.ts";

/** Addresses that are remembered before those that have been quiet are forgotten. */
const MANY_ADDRESSES = 10_000;

/** What is known of a connection. */
interface Record {
  isKnown: boolean;
  hasErred: boolean;
}

/**
 * Counts wrong tokens by address, so that past a limit nobody there gets another one looked at, but
 * for connections by which a right one came and no wrong one: behind a proxy many clients share an
 * address.
 */
export class WrongTokens {
  readonly #maxInTenSeconds: number;
  readonly #nowMs: () => number;
  readonly #addresses = new Map<string, TokenBucket>();
  readonly #connections = new WeakMap<object, Record>();

  /** @param nowMs a clock that does not go back. */
  constructor(maxInTenSeconds: number, nowMs: () => number = () => performance.now()) {
    this.#maxInTenSeconds = maxInTenSeconds;
    this.#nowMs = nowMs;
  }

  /** Whether a token of this connection's may be looked at. */
  mayLook(address: string, connection: object): boolean {
    const { isKnown = false, hasErred = false } = this.#connections.get(connection) ?? {};
    return (isKnown && !hasErred) || !(this.#addresses.get(address)?.isEmpty ?? false);
  }

  /** Notes what a token was. */
  note(address: string, connection: object, wasRight: boolean): void {
    const record = this.#connections.get(connection) ?? { isKnown: false, hasErred: false };
    this.#connections.set(connection, record);
    if (wasRight) record.isKnown = true;
    else {
      record.hasErred = true;
      this.#of(address).take();
    }
  }

  #of(address: string): TokenBucket {
    const known = this.#addresses.get(address);
    if (known) return known;
    if (this.#addresses.size >= MANY_ADDRESSES) {
      for (const [name, bucket] of this.#addresses) {
        if (bucket.isFull) this.#addresses.delete(name);
      }
    }
    const made = new TokenBucket(this.#maxInTenSeconds, this.#nowMs);
    this.#addresses.set(address, made);
    return made;
  }
}
