/**
 * Run by store_crash_test.ts: works on a store until it is killed, several things at a time, and
 * prints a line of JSON for each that was acknowledged. Arguments: the database, the round.
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { openSqliteStore } from "../../../src/stores/sqlite/open_store.ts";
import type { Store } from "../../../src/jobs/store.ts";
import { losses, newJob } from "../../jobs/small_job.ts";

/** One thing that the store has acknowledged. */
export type Acknowledged =
  | { readonly kind: "job"; readonly id: string }
  | { readonly kind: "state"; readonly id: string; readonly state: string }
  | { readonly kind: "events"; readonly id: string; readonly lastSequence: number }
  | { readonly kind: "checkpoint"; readonly id: string; readonly step: number }
  | { readonly kind: "model"; readonly name: string; readonly version: number };

function acknowledge(done: Acknowledged): void {
  writeSync(1, `${JSON.stringify(done)}\n`);
}

/** Runs one job after another on a slot, for ever. */
async function work(store: Store, slot: string, round: string): Promise<never> {
  for (let count = 0;; count++) {
    await store.jobs.create(newJob(`job-${round}-${slot}-${count}`));
    acknowledge({ kind: "job", id: `job-${round}-${slot}-${count}` });
    const job = await store.jobs.claim(slot);
    if (!job) continue;
    const { id } = job;
    acknowledge({ kind: "state", id, state: job.state });
    for (let step = 1; step <= 8; step++) {
      const several = Array.from({ length: step }, () => losses(step));
      const lastSequence = await store.events.append(id, several, { attempt: job.attempt });
      acknowledge({ kind: "events", id, lastSequence });
    }
    const checkpoint = { step: 8, epoch: 1, path: `jobs/${id}/8`, sizeBytes: 1, best: true };
    await store.events.append(id, [{ kind: "checkpoint", payload: {}, checkpoint }]);
    acknowledge({ kind: "checkpoint", id, step: 8 });
    const path = `models/${id}`;
    const { model } = await store.models.promote({
      name: `model-${slot}`,
      jobId: id,
      step: 8,
      path,
      sizeBytes: 1,
      details: {},
    });
    acknowledge({ kind: "model", name: model.name, version: model.version });
    const { state } = await store.jobs.trigger(id, "succeeded");
    acknowledge({ kind: "state", id, state });
  }
}

if (import.meta.main) {
  const [path = "", round = ""] = process.argv.slice(2);
  const store = await openSqliteStore(path);
  await store.jobs.recover();
  await Promise.all(["0", "1", "2", "3"].map((slot) => work(store, slot, round)));
}
