import { pauseUnlessAborted } from "../abort.ts";
import { TinctError } from "../errors.ts";
import type { Store } from "../jobs/store.ts";

/** How long a lease lasts that is not renewed: milliseconds. */
const LEASE_MS = 30_000;
/** How often one is asked for that another server has. */
const ASK_EVERY_MS = 200;

/** How a lease is taken. */
interface LeaseOptions {
  /** How long it lasts where it is not renewed, in ms; 30 s by default. */
  readonly leaseMs?: number | undefined;
}

/**
 * What one server at a time does of those that share a store. The lease is renewed until it is disposed
 * of. Where the store is not shared there is nobody to keep out, and nothing is asked of it.
 */
export class HeldLease implements AsyncDisposable {
  /** Aborted where another may have the lease: what it was held for is to stop. */
  readonly lost: AbortSignal;
  /** How often the lease has changed hands; 0 where it is nobody else's. */
  readonly epoch: number;
  readonly #lost = new AbortController();
  readonly #stop = new AbortController();
  readonly #store: Store;
  readonly #name: string;
  readonly #renewing: Promise<void>;

  private constructor(
    store: Store,
    name: string,
    { epoch, leaseMs, takenMs }: Readonly<Record<"epoch" | "leaseMs" | "takenMs", number>>,
  ) {
    this.lost = this.#lost.signal;
    this.epoch = epoch;
    this.#store = store;
    this.#name = name;
    this.#renewing = store.isShared ? this.#renew(leaseMs, takenMs) : Promise.resolve();
  }

  /** Takes a lease by its name. @returns undefined where another server has it. */
  static async take(
    store: Store,
    name: string,
    { leaseMs = LEASE_MS }: LeaseOptions = {},
  ): Promise<HeldLease | undefined> {
    const takenMs = performance.now();
    const epoch = store.isShared ? await store.leases.hold(name, leaseMs) : 0;
    return epoch === undefined
      ? undefined
      : new HeldLease(store, name, { epoch, leaseMs, takenMs });
  }

  /** Takes a lease, and waits for that where another server has it. @throws the signal's reason. */
  static async wait(
    store: Store,
    name: string,
    { signal, ...options }: LeaseOptions & { readonly signal: AbortSignal },
  ): Promise<HeldLease> {
    for (;;) {
      signal.throwIfAborted();
      const held = await HeldLease.take(store, name, options);
      if (held !== undefined) return held;
      await pauseUnlessAborted(ASK_EVERY_MS, signal);
    }
  }

  /** Gives it back; twice is the same as once. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#renewing;
    if (!this.#store.isShared) return;
    await this.#store.leases.release(this.#name).catch(() => {}); // away: it ends by itself
  }

  /** Never rejects. */
  async #renew(leaseMs: number, takenMs: number): Promise<void> {
    let renewedMs = takenMs;
    while (await pauseUnlessAborted(leaseMs / 6, this.#stop.signal)) {
      const startMs = performance.now();
      try {
        if (await this.#store.leases.hold(this.#name, leaseMs) === undefined) break;
        renewedMs = startMs;
      } catch {
        if (performance.now() - renewedMs > 2 * leaseMs / 3) break; // away
      }
    }
    if (this.#stop.signal.aborted) return;
    this.#lost.abort(
      new TinctError(
        "unavailable",
        `Another server may have ${this.#name} now, as this one was stopped or cut off from the ` +
          "database; try again.",
      ),
    );
  }
}
