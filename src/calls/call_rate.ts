import { TinctError } from "../errors.ts";

/** A client may save up so many seconds' calls. */
const BURST_SECONDS = 2;

/** Clients that are remembered before those that have all their calls left are forgotten. */
const MANY_CLIENTS = 10_000;

/** What a client has left. */
interface Allowance {
  calls: number;
  readonly filledMs: number;
}

/** Bounds the calls a second of each client: a token bucket apiece. */
export class CallRate {
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  readonly #left = new Map<string, Allowance>();

  /** @param nowMs a clock that does not go back. */
  constructor(perSecond: number, nowMs: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
  }

  /**
   * Counts a call.
   *
   * @param client its name or address.
   * @throws {TinctError} resource_exhausted, with the time until it may call again.
   */
  take(client: string): void {
    const nowMs = this.#nowMs();
    const calls = this.#callsAt(this.#left.get(client), nowMs);
    if (calls < 1) {
      throw new TinctError(
        "resource_exhausted",
        `${client} makes more than ${this.#perSecond} calls per second; wait, and make fewer.`,
        { kind: "TOO_MANY_CALLS", retryDelayMs: Math.ceil((1 - calls) / this.#perSecond * 1000) },
      );
    }
    if (this.#left.size >= MANY_CLIENTS) this.#forget(nowMs);
    this.#left.set(client, { calls: calls - 1, filledMs: nowMs });
  }

  #callsAt(allowance: Allowance | undefined, nowMs: number): number {
    const most = Math.max(1, BURST_SECONDS * this.#perSecond);
    if (allowance === undefined) return most;
    const seconds = (nowMs - allowance.filledMs) / 1000;
    return Math.min(most, allowance.calls + seconds * this.#perSecond);
  }

  #forget(nowMs: number): void {
    for (const [client, allowance] of this.#left) {
      const hasRested = nowMs - allowance.filledMs > BURST_SECONDS * 1000;
      if (hasRested) this.#left.delete(client);
    }
  }
}
