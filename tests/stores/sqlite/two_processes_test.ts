import assert from "assert";
import { openSqliteStore } from "../../../src/stores/sqlite/open_store.ts";
import { lockDataFolder } from "../../../src/stores/sqlite/lock_data_folder.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { TemporaryFolder } from "../../checkpoints/temporary_folder.ts";
import { jobIn, losses } from "../../jobs/small_job.ts";
import { checkDatabase } from "./check_database.ts";
import { ChildProgram } from "./child_program.ts";

Deno.test("two processes that append to a job at once get every number once", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("tinct.db");
  await using store = await openSqliteStore(path);
  await jobIn(store, "job", "RUNNING");
  await using first = new ChildProgram("./append_events.ts", path, "job", "first", "150");
  await using second = new ChildProgram("./append_events.ts", path, "job", "second", "150");
  assert.deepEqual(await Promise.all([first.said(), second.said()]), ["ready", "ready"]);
  first.tell("go");
  second.tell("go");
  for (let step = 0; step < 50; step++) await store.events.append("job", [losses(step)]);
  assert.deepEqual(await Promise.all([first.ended(), second.ended()]), [0, 0]);

  const events = await store.events.read("job", 3, 10_000);
  assert.deepEqual(events.map(({ sequence }) => sequence), events.map((_, index) => index + 3));
  for (const who of ["first", "second"]) {
    const own = events.filter(({ payload }) => payload["who"] === who);
    assert.deepEqual(own.map(({ payload }) => payload["index"]), own.map((_, index) => index));
    assert.equal(own.length, 150);
  }
  assert.equal(events.length, 350);
  checkDatabase(path);
});

Deno.test("processes that open a new database at once all find it made", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("tinct.db");
  const open = async () => {
    await using store = await openSqliteStore(path);
    return (await store.jobs.list()).jobs;
  };
  assert.deepEqual(await Promise.all([open(), open(), open()]), [[], [], []]);
  checkDatabase(path);
});

Deno.test("lockDataFolder() excludes every other server until its holder is gone", async () => {
  await using folder = await TemporaryFolder.create();
  await using other = new ChildProgram("./hold_lock.ts", folder.path);
  assert.equal(await other.said(), "locked");
  const refusal = failsWith("failed_precondition", /Another server is using/);
  assert.throws(() => lockDataFolder(folder.path), refusal);
  await other.kill();
  const lock = lockDataFolder(folder.path);
  assert.throws(() => lockDataFolder(folder.path), refusal);
  lock[Symbol.dispose]();
  lock[Symbol.dispose]();
  lockDataFolder(folder.path)[Symbol.dispose]();
});

Deno.test("lockDataFolder() refuses a folder that is not there", async () => {
  await using folder = await TemporaryFolder.create();
  assert.throws(
    () => lockDataFolder(folder.join("missing")),
    failsWith("failed_precondition", /folder must exist/),
  );
});
