import type { JobEvent } from "../jobs/job_event.ts";

/**
 * Leaves out losses that come too soon after others, for a watcher who wants few. The newest ones
 * are held until something of weight follows, such as a change of state, and then sent before it.
 * Events stay in order.
 */
export class LossPace {
  readonly #minIntervalMs: number;
  #lastMs = -Infinity;
  #held: JobEvent | undefined;

  /** @param minIntervalMs at least so long between two, by their own times; 0: all. */
  constructor(minIntervalMs: number) {
    this.#minIntervalMs = minIntervalMs;
  }

  /** The events to send now, in order. */
  pick(events: readonly JobEvent[]): JobEvent[] {
    if (this.#minIntervalMs === 0) return [...events];
    const picked: JobEvent[] = [];
    for (const event of events) {
      // A clock that runs backwards must not hold them up.
      const isDue = Math.abs(event.timeMs - this.#lastMs) >= this.#minIntervalMs;
      if (event.kind === "losses" && !isDue) {
        this.#held = event;
        continue;
      }
      // Signs of life are as frequent as losses, so they alone do not bring held losses out early.
      if (this.#held && event.kind !== "losses" && (isDue || event.kind !== "heartbeat")) {
        this.#lastMs = this.#held.timeMs;
        picked.push(this.#held);
      }
      this.#held = undefined; // sent, or overtaken
      if (event.kind === "losses") this.#lastMs = event.timeMs;
      picked.push(event);
    }
    return picked;
  }
}
