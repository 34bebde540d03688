import { pauseUnlessAborted } from "../abort.ts";
import { messageOf } from "../errors.ts";
import type { WorkerLog } from "../fleet/fleet_options.ts";
import type { HeldJob, Store } from "../jobs/store.ts";

/** How often a queue is looked at that other servers fill, too: milliseconds. */
const LOOK_EVERY_MS = 1000;
/** How many times a lease is renewed while it lasts. */
const RENEWALS = 6;

/** What the keeper asks of the slots of its server. */
interface LeasedSlots {
  /** Looks for waiting jobs. */
  readonly wake: () => void;
  /** Learns which jobs the store says are here; whatever else runs was taken over. */
  readonly compare: (held: readonly HeldJob[]) => void;
  /** The lease ends then, by `performance.now()`. */
  readonly renew: (endMs: number) => void;
  /** The lease ends after this time: what runs is to stop, with a checkpoint. */
  readonly suspend: (graceMs: number) => void;
}

/** What a keeper is made with. */
interface LeaseKeeperOptions {
  readonly store: Store;
  readonly slots: LeasedSlots;
  readonly leaseMs: number;
  readonly log: WorkerLog;
}

/**
 * Keeps a server's lease where others work with the same store, and takes over from those whose lease is
 * over. Without an answer of the store for two thirds of a lease it has everything stop: at the lease's
 * end others may begin the same jobs.
 *
 * A server takes nothing over before the store has answered it for a whole lease: while the store was
 * away nobody could renew, and those who had jobs come first.
 */
export class LeaseKeeper implements AsyncDisposable {
  readonly #options: LeaseKeeperOptions;
  readonly #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();
  /** When the last renewal began that was answered. */
  #renewedMs = performance.now();
  /** Since when every renewal was answered. */
  #soundSinceMs = performance.now();
  #isSuspended = false;

  private constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** Takes the lease; the caller disposes of the keeper when nothing runs any more. */
  static async begin(options: LeaseKeeperOptions): Promise<LeaseKeeper> {
    const keeper = new LeaseKeeper(options);
    await options.store.leases.renewOwn(options.leaseMs);
    options.slots.renew(keeper.#renewedMs + options.leaseMs);
    keeper.#work = Promise.all([keeper.#renewAgain(), keeper.#lookAgain()]).then(() => {});
    return keeper;
  }

  /** Gives the lease back. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { store } = this.#options;
    this.#stop.abort();
    await this.#work;
    // Others would wait for its end otherwise.
    await store.leases.release(`server/${store.owner}`).catch(() => {});
  }

  async #lookAgain(): Promise<void> {
    const { signal } = this.#stop;
    while (await pauseUnlessAborted(LOOK_EVERY_MS, signal)) this.#options.slots.wake();
  }

  async #renewAgain(): Promise<void> {
    const { leaseMs, log } = this.#options;
    while (await pauseUnlessAborted(leaseMs / RENEWALS, this.#stop.signal)) {
      const suspending = setTimeout(() => this.#suspend(), this.#untilSuspendedMs());
      try {
        await this.#renew();
      } catch (error) {
        this.#soundSinceMs = Infinity;
        if (this.#untilSuspendedMs() === 0) this.#suspend();
        log({ level: "warning", message: `The lease was not renewed: ${messageOf(error)}`, error });
      } finally {
        clearTimeout(suspending);
      }
    }
  }

  async #renew(): Promise<void> {
    const { store, slots, leaseMs, log } = this.#options;
    const startMs = performance.now();
    const held = await store.leases.renewOwn(leaseMs);
    this.#renewedMs = startMs;
    this.#isSuspended = false;
    slots.renew(startMs + leaseMs);
    this.#soundSinceMs = Math.min(this.#soundSinceMs, startMs);
    slots.compare(held);
    if (startMs - this.#soundSinceMs < leaseMs) return;
    for (const { id: jobId, state } of await store.jobs.recover({ own: false })) {
      const message = `The server that had the job is gone; it is ${state} now.`;
      log({ level: "info", message, jobId });
    }
  }

  #untilSuspendedMs(): number {
    const { leaseMs } = this.#options;
    return Math.max(0, this.#renewedMs + 2 * leaseMs / 3 - performance.now());
  }

  #suspend(): void {
    const { slots, leaseMs, log } = this.#options;
    if (this.#isSuspended) return;
    this.#isSuspended = true;
    const message =
      "The store does not answer, and the lease on this server's jobs ends: they stop.";
    log({ level: "error", message });
    slots.suspend(Math.max(0, this.#renewedMs + leaseMs - performance.now()));
  }
}
