import { pauseUnlessAborted } from "../abort.ts";
import { TinctError } from "../errors.ts";
import type { Store } from "../jobs/store.ts";

/** How long a lease lasts that is not renewed: milliseconds. */
const LEASE_MS = 30_000;
/** How often one is asked for that another server has. */
const ASK_EVERY_MS = 200;
/** How many times one is renewed while it lasts; where no answer comes, it is lost that much before its end. */
const RENEWALS = 6;

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
  readonly #leaseMs: number;
  /** When it is lost unless it is renewed before, by `performance.now()`. */
  #endMs = Infinity;
  #ending: ReturnType<typeof setTimeout> | undefined;
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
    this.#leaseMs = leaseMs;
    if (store.isShared) this.#lastFrom(takenMs);
    this.#renewing = store.isShared ? this.#renew() : Promise.resolve();
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

  /**
   * To be called before what cannot be taken back. After a stop of this process it knows of the loss before
   * `lost` says so.
   *
   * @throws {TinctError} unavailable where another may have the lease.
   */
  requireHeld(): void {
    if (performance.now() >= this.#endMs) this.#lose();
    this.lost.throwIfAborted();
  }

  /** Gives it back; twice is the same as once. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#renewing;
    clearTimeout(this.#ending);
    if (!this.#store.isShared) return;
    await this.#store.leases.release(this.#name).catch(() => {}); // away: it ends by itself
  }

  /** Never rejects. */
  async #renew(): Promise<void> {
    while (await pauseUnlessAborted(this.#leaseMs / RENEWALS, this.#stop.signal)) {
      if (this.lost.aborted) return;
      const startMs = performance.now();
      try {
        const epoch = await this.#store.leases.hold(this.#name, this.#leaseMs);
        // Of another epoch, another server has had it meanwhile, and may have given it back.
        if (epoch !== this.epoch) return this.#lose();
        this.#lastFrom(startMs);
      } catch {
        // Away: it lasts until its end.
      }
    }
  }

  /** Counts anew. */
  #lastFrom(startMs: number): void {
    this.#endMs = startMs + this.#leaseMs - this.#leaseMs / RENEWALS;
    clearTimeout(this.#ending);
    this.#ending = setTimeout(() => this.#lose(), Math.max(0, this.#endMs - performance.now()));
  }

  #lose(): void {
    if (this.#stop.signal.aborted) return;
    this.#lost.abort(
      new TinctError(
        "unavailable",
        "The server was stopped or cut off from its database for a while, and another server may have " +
          "gone on with this; look at what is there now, and try again.",
      ),
    );
  }
}
