import type { Store } from "../../src/jobs/store.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { testDatasets } from "./conformance/datasets.ts";
import { testEvents } from "./conformance/events.ts";
import { testJobs } from "./conformance/jobs.ts";
import { testLists } from "./conformance/lists.ts";
import { testModels } from "./conformance/models.ts";
import { testSweeps } from "./conformance/sweeps.ts";
import { testQueue } from "./conformance/queue.ts";
import { testTriggers } from "./conformance/triggers.ts";

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
export interface TestClock {
  nowMs: number;
}

/** Registers the tests that every kind of store must pass. */
export function testStore(name: string, openStore: OpenStore): void {
  const testFolder: Bench["testFolder"] = (behaviour, body) =>
    Deno.test(`${name}: ${behaviour}`, async () => {
      await using folder = await TemporaryFolder.create();
      await body(() => openStore(folder.path));
    });
  const test: Bench["test"] = (behaviour, body) =>
    Deno.test(`${name}: ${behaviour}`, async () => {
      await using folder = await TemporaryFolder.create();
      const clock = { nowMs: 1_700_000_000_000 };
      await using store = await openStore(folder.path, { now: () => clock.nowMs });
      await body(store, clock);
    });
  for (
    const register of [
      testJobs,
      testTriggers,
      testQueue,
      testLists,
      testEvents,
      testModels,
      testDatasets,
      testSweeps,
    ]
  ) register({ test, testFolder });
}
