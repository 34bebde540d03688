import type { Store } from "../../../src/jobs/store.ts";

/** How a store is opened. */
export interface OpenOptions {
  readonly now?: () => number;
  /** See `Store.owner`; the same one every time by default. */
  readonly owner?: string;
}

/** Opens the store of a folder, the same one every time. */
export type OpenStore = (folder: string, options?: OpenOptions) => Promise<Store>;

/** What the conformance tests are given. */
export interface Bench {
  /** Registers a test that gets an empty store. */
  test(behaviour: string, body: (store: Store, clock: TestClock) => Promise<void>): void;
  /** Registers a test that opens and closes stores itself. */
  testFolder(
    behaviour: string,
    body: (open: (options?: OpenOptions) => Promise<Store>) => Promise<void>,
  ): void;
}

/** A clock that stands still until it is set. */
interface TestClock {
  nowMs: number;
}
