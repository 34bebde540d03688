import assert from "assert";
import { DatabaseSync } from "node:sqlite";
import { Database } from "../../../src/stores/sqlite/database.ts";
import { openSqliteStore } from "../../../src/stores/sqlite/open_store.ts";
import { removeSome } from "../../../src/stores/sqlite/row_removal.ts";
import { TemporaryFolder } from "../../checkpoints/temporary_folder.ts";
import { jobIn, losses, newJob } from "../../jobs/small_job.ts";
import { checkDatabase } from "./check_database.ts";

/** Makes a database with a deleted job of many events, unless they are gone already. */
async function deleteLargeJob(path: string, eventCount: number): Promise<void> {
  await using store = await openSqliteStore(path);
  await jobIn(store, "large", "RUNNING");
  const events = Array.from({ length: 1000 }, (_, step) => losses(step));
  for (let count = 0; count < eventCount; count += 1000) await store.events.append("large", events);
  await store.jobs.trigger("large", "succeeded");
  await store.jobs.delete("large");
}

/** How many rows of jobs and events there are. */
function countRows(path: string): number {
  using database = new DatabaseSync(path, { readOnly: true });
  const sql = "SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM events) AS n";
  return Number(database.prepare(sql).get()?.["n"]);
}

Deno.test("what a deleted job leaves is removed bit by bit, until nothing is left", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("tinct.db");
  await deleteLargeJob(path, 7000);
  using database = Database.open(path);
  const counts = [countRows(path)];
  while (removeSome(database)) counts.push(countRows(path));
  const removed = counts.slice(1).map((count, index) => (counts[index] ?? 0) - count);
  assert.ok(Math.max(...removed) <= 2000, `${removed} at a time`);
  assert.equal(counts.at(-1), 0);
  checkDatabase(path);
});

Deno.test("an opened store removes what deleted jobs have left, while it answers", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("tinct.db");
  await deleteLargeJob(path, 100_000);
  assert.ok(countRows(path) > 0, "closed before all was removed");
  await using store = await openSqliteStore(path);
  await store.jobs.create(newJob("large"));
  const seen = [];
  while (countRows(path) > 2) { // the new job and its event
    seen.push((await store.jobs.list()).jobs.map(({ id }) => id).join());
  }
  assert.ok(seen.length > 1);
  assert.deepEqual([...new Set(seen)], ["large"]);
});
