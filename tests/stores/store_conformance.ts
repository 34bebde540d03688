import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import type { Bench, OpenStore } from "./conformance/bench.ts";
import { testDatasets } from "./conformance/datasets.ts";
import { testEvents } from "./conformance/events.ts";
import { testJobs } from "./conformance/jobs.ts";
import { testLeases } from "./conformance/leases.ts";
import { testLists } from "./conformance/lists.ts";
import { testModels } from "./conformance/models.ts";
import { testSweeps } from "./conformance/sweeps.ts";
import { testQueue } from "./conformance/queue.ts";
import { testTriggers } from "./conformance/triggers.ts";

/**
 * Registers the tests that every kind of store must pass.
 *
 * @param obstacle why they are skipped here; undefined: they are not.
 */
export function testStore(name: string, openStore: OpenStore, obstacle?: string): void {
  if (obstacle !== undefined) {
    Deno.test({ name: `${name}: all that a store does (${obstacle})`, ignore: true, fn: () => {} });
    return;
  }
  const testFolder: Bench["testFolder"] = (behaviour, body) =>
    Deno.test(`${name}: ${behaviour}`, async () => {
      await using folder = await TemporaryFolder.create();
      await body((options) => openStore(folder.path, options));
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
      testLeases,
    ]
  ) register({ test, testFolder });
}
