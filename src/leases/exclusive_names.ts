import type { TinctError } from "../errors.ts";
import type { Store } from "../jobs/store.ts";
import { HeldLease } from "./held_lease.ts";

/** Names of one kind; of the calls that change what a name stands for, one at a time has it, others are refused. */
export class ExclusiveNames {
  readonly #store: Store;
  readonly #kind: string;
  readonly #inUse: (name: string) => TinctError;
  /** Those that calls of this server have. */
  readonly #busy = new Set<string>();

  /**
   * @param kind of the leases: "dataset" for those that are called "dataset/NAME".
   * @param inUse the refusal of a call whose name another call has.
   */
  constructor(store: Store, kind: string, inUse: (name: string) => TinctError) {
    this.#store = store;
    this.#kind = kind;
    this.#inUse = inUse;
  }

  /**
   * Does what nobody else may do to a name meanwhile, at this server or another.
   *
   * @param work is to ask the lease before what cannot be taken back.
   * @throws {TinctError} the refusal; what the store throws.
   */
  async alone<T>(name: string, work: (lease: HeldLease) => Promise<T>): Promise<T> {
    if (this.#busy.has(name)) throw this.#inUse(name);
    this.#busy.add(name);
    try {
      await using lease = await HeldLease.take(this.#store, `${this.#kind}/${name}`);
      if (lease === undefined) throw this.#inUse(name);
      return await work(lease);
    } finally {
      this.#busy.delete(name);
    }
  }
}
