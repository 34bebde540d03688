import type { Store } from "../../../src/jobs/store.ts";

/** Opens the store of a folder, the same one every time. */
export type OpenStore = (folder: string, options?: { now?: () => number }) => Promise<Store>;

/** What the conformance tests are given. */
export interface Bench {
  /** Registers a test that gets an empty store. */
  test(behaviour: string, body: (store: Store, clock: TestClock) => Promise<void>): void;
  /** Registers a test that opens and closes stores itself. */
  testFolder(behaviour: string, body: (open: () => Promise<Store>) => Promise<void>): void;
}

/** A clock that stands still until it is set. */
interface TestClock {
  nowMs: number;
}
