import assert from "assert";
import { JobTail } from "../../src/jobs/job_tail.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open_store.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { jobIn, losses } from "./small_job.ts";

Deno.test("a tail holds the newest events, at most twice as many as it is to keep", async () => {
  await using folder = await TemporaryFolder.create();
  await using store = await openSqliteStore(folder.join("tinct.db"));
  await jobIn(store, "job", "RUNNING");
  const tail = new JobTail(store.events, "job", 20);
  tail.begin(2);
  let last = 2;
  for (let step = 1; step <= 100; step++) {
    last = await store.events.append("job", [losses(step), losses(step), losses(step)]);
    tail.noteAppended(last);
    await tail.waitBeyond(last - 1, undefined);
    const held = Array.from({ length: last }, (_, index) => last - index)
      .findIndex((sequence) => tail.eventsFrom(sequence, 1) === undefined);
    assert.ok(held >= Math.min(20, last - 2) && held <= 40, `${held} of ${last}`);
  }
  assert.equal(tail.newest, last);
  assert.deepEqual(
    tail.eventsFrom(last - 9, 4),
    await store.events.read("job", last - 9, 4),
  );
  assert.equal(tail.eventsFrom(1, 4), undefined, "no longer held");
  assert.equal(tail.eventsFrom(last + 1, 4), undefined, "not there yet");
});
