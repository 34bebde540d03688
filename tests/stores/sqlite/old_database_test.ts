import assert from "assert";
import { copyFile } from "node:fs/promises";
import { openSqliteStore } from "../../../src/stores/sqlite/open_store.ts";
import { TemporaryFolder } from "../../checkpoints/temporary_folder.ts";
import { losses } from "../../jobs/small_job.ts";
import { checkDatabase } from "./check_database.ts";

/** What version 4 wrote, before there were leases: jobs in every state, and one of all else. */
const old = new URL("../../testdata/stores/version_4.db", import.meta.url);

Deno.test("a database of version 4 keeps all that is in it, and its jobs go on", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("tinct.db");
  await copyFile(old, path);
  await using store = await openSqliteStore(path);
  const { jobs } = await store.jobs.list();
  assert.deepEqual(
    jobs.map(({ id, state, attempt, epoch, owner }) => [id, state, attempt, epoch, owner]),
    [
      ["queued", "QUEUED", 0, 0, undefined],
      ["cancelling", "CANCELLING", 1, 1, "local"],
      ["pausing", "PAUSING", 1, 1, "local"],
      ["running", "RUNNING", 2, 2, "local"],
      ["failed", "FAILED", 1, 0, undefined],
      ["succeeded", "SUCCEEDED", 1, 0, undefined],
      ["cancelled", "CANCELLED", 0, 0, undefined],
      ["paused", "PAUSED", 0, 0, undefined],
    ],
  );
  const events = await store.events.read("running", 1, 100);
  assert.deepEqual(events.map(({ sequence, kind }) => [sequence, kind]), [
    [1, "state"],
    [2, "state"],
    [3, "losses"],
    [4, "losses"],
    [5, "checkpoint"],
    [6, "log"],
    [7, "state"],
  ]);
  assert.equal(events[5]?.payload["message"], "Grüße \u0000 und \ud83c\udf39");
  const [checkpoint] = await store.events.checkpoints("running");
  assert.deepEqual([checkpoint?.step, checkpoint?.epoch, checkpoint?.sequence], [40, 1.5, 5]);
  assert.equal((await store.models.get("roses")).version, 2);
  assert.equal((await store.datasets.get("meadow")).photoCount, 12);
  assert.deepEqual((await store.sweeps.get("s-1")).runs.map(({ value }) => value), [
    21.25,
    undefined,
  ]);
  assert.deepEqual(await store.values.get("greeting"), { text: "hello" });

  // The server that starts is the one that had them: there was no other.
  const moved = await store.jobs.recover();
  assert.deepEqual(moved.map(({ id, state }) => [id, state]), [
    ["running", "QUEUED"],
    ["pausing", "PAUSED"],
    ["cancelling", "CANCELLED"],
  ]);
  const again = await store.jobs.claim("cpu");
  assert.deepEqual([again?.id, again?.attempt, again?.epoch], ["running", 3, 4]);
  assert.equal(await store.events.append("running", [{ ...losses(41), number: 1 }], again), 10);
  checkDatabase(path);
});
