import assert from "assert";
import { mkdir, rm } from "node:fs/promises";
import { findCheckpoint } from "../../src/colorizing/model_finder.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open_store.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { jobIn, newJob } from "../jobs/small_job.ts";

Deno.test("findCheckpoint() takes the wanted checkpoint whose files are there", async () => {
  await using folder = await TemporaryFolder.create();
  await using store = await openSqliteStore(folder.join("tinct.db"));
  await store.jobs.create(newJob("job-1"));
  const find = async (checkpoint?: number | "newest" | "best") =>
    (await findCheckpoint(store, folder.path, { jobId: "job-1", checkpoint })).step;
  await assert.rejects(find(), failsWith("failed_precondition", /no checkpoint yet/));
  const record = async (step: number, best: boolean) => {
    const checkpoint = { step, epoch: 1, path: `jobs/job-1/${step}`, sizeBytes: 1, best };
    await mkdir(folder.join(checkpoint.path), { recursive: true });
    await store.events.append("job-1", [{ kind: "checkpoint", payload: {}, checkpoint }]);
  };
  await record(10, false);
  await assert.rejects(find("best"), failsWith("failed_precondition", /no best checkpoint/));
  for (const step of [20, 30]) await record(step, true);
  await record(40, false);
  assert.deepEqual([await find(), await find("best"), await find(20)], [40, 30, 20]);
  // As a run that keeps few leaves them, before the news of it has come.
  for (const step of [30, 40]) await rm(folder.join(`jobs/job-1/${step}`), { recursive: true });
  assert.deepEqual([await find("newest"), await find("best")], [20, 20]);
  await assert.rejects(find(40), failsWith("not_found", /step 40; those that are kept: 10, 20/));
  await assert.rejects(
    findCheckpoint(store, folder.path, { jobId: "job-9" }),
    failsWith("not_found", /job-9/),
  );
});

Deno.test("findCheckpoint() waits for the news of a running job rather than take an older one", async () => {
  await using folder = await TemporaryFolder.create();
  await using store = await openSqliteStore(folder.join("tinct.db"));
  const job = await jobIn(store, "job-1", "RUNNING");
  const record = async (step: number) => {
    const checkpoint = { step, epoch: 1, path: `jobs/job-1/${step}`, sizeBytes: 1, best: false };
    await mkdir(folder.join(checkpoint.path), { recursive: true });
    await store.events.append(job.id, [{ kind: "checkpoint", payload: {}, checkpoint }]);
  };
  for (const step of [10, 20]) await record(step);
  // 10 was pinned when 20 was written, and 20 made room for 30, of which nobody has heard.
  await rm(folder.join("jobs/job-1/20"), { recursive: true });
  const finding = findCheckpoint(store, folder.path, { jobId: job.id });
  await record(30);
  assert.equal((await finding).step, 30);
  await rm(folder.join("jobs/job-1/30"), { recursive: true });
  assert.equal(
    (await findCheckpoint(store, folder.path, { jobId: job.id })).step,
    10,
    "in the end",
  );
});
