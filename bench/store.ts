/**
 * What the store takes: the claim of a job and the append of an event, each waited for, in milliseconds.
 *
 *     deno run -A bench/store.ts [postgres://…]
 *
 * Without a database it measures SQLite, in a folder of its own beside the checkout, whose disk counts.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Store } from "../src/jobs/store.ts";
import { readConnectionString } from "../src/stores/postgres/connection_string.ts";
import { openPostgresStore } from "../src/stores/postgres/open_store.ts";
import { openSqliteStore } from "../src/stores/sqlite/open_store.ts";

const JOBS = 200;
const EVENTS_PER_JOB = 5;

/** The time that each call takes. */
async function timed<T>(times: number[], call: () => Promise<T>): Promise<T> {
  const startMs = performance.now();
  const value = await call();
  times.push(performance.now() - startMs);
  return value;
}

function quantile(times: readonly number[], part: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.floor(part * (sorted.length - 1))] ?? NaN).toFixed(2);
}

async function measure(store: Store): Promise<void> {
  const run = crypto.randomUUID().slice(0, 8);
  const [claims, appends]: [number[], number[]] = [[], []];
  for (let index = 0; index < JOBS; index++) {
    await store.jobs.create({
      id: `job-${run}-${index}`,
      dataset: "scenes",
      config: { size: 256 },
    });
  }
  for (let index = 0; index < JOBS; index++) {
    const job = await timed(claims, () => store.jobs.claim(`slot-${run}-${index}`));
    if (job === undefined) throw new Error("Other servers take jobs of this database.");
    for (let number = 1; number <= EVENTS_PER_JOB; number++) {
      const payload = { step: number, loss_D: 0.5, loss_G: 12.25 };
      const event = { kind: "losses", payload, number } as const;
      await timed(appends, () => store.events.append(job.id, [event], job));
    }
    await store.jobs.trigger(job.id, "cancel_requested");
    await store.jobs.trigger(job.id, "cancelled", job);
  }
  for (const [what, times] of [["claim", claims], ["append", appends]] as const) {
    console.log(`${what}: median ${quantile(times, 0.5)} ms, 99% ${quantile(times, 0.99)} ms`);
  }
}

const [database] = process.argv.slice(2);
if (database !== undefined) {
  const place = readConnectionString(database);
  await using store = await openPostgresStore(place, { owner: `bench-${process.pid}` });
  await measure(store);
} else {
  const folder = await mkdtemp(join(process.cwd(), ".store-bench-"));
  try {
    await using store = await openSqliteStore(join(folder, "tinct.db"));
    await measure(store);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
