import assert from "assert";
import { copyFile, open, readdir, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../../../src/stores/sqlite/open_store.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { SmallDisk } from "../../checkpoints/small_disk.ts";
import { TemporaryFolder } from "../../checkpoints/temporary_folder.ts";
import { jobIn, losses, newJob } from "../../jobs/small_job.ts";
import { checkDatabase } from "./check_database.ts";

/** Makes a database with one job in it. */
async function makeDatabase(path: string): Promise<void> {
  await using store = await openSqliteStore(path);
  await store.jobs.create(newJob("job"));
}

/** Changes a database behind the store's back. */
function change(path: string, sql: string): void {
  using database = new DatabaseSync(path);
  database.exec(sql);
}

const refusals = [
  {
    what: "of a newer program",
    make: async (path: string) => {
      await makeDatabase(path);
      change(path, "PRAGMA user_version = 99");
    },
    refusal: failsWith("failed_precondition", /version 99/, /newer Tinct/),
  },
  {
    what: "of another program",
    make: (path: string) => change(path, "CREATE TABLE notes (text)"),
    refusal: failsWith("failed_precondition", /another program/),
  },
  {
    what: "of another program that marks its files",
    make: (path: string) => change(path, "PRAGMA application_id = 17"),
    refusal: failsWith("failed_precondition", /another program/),
  },
  {
    what: "that is none",
    make: (path: string) => writeFile(path, "This is a text, and no short one.".repeat(100)),
    refusal: failsWith("data_loss", /damaged or not a database/),
  },
  {
    what: "in a folder that is missing",
    make: () => Promise.resolve(),
    name: "missing/tinct.db",
    refusal: failsWith("failed_precondition", /folder must exist/),
  },
] as const;

for (const { what, make, refusal, ...rest } of refusals) {
  Deno.test(`openSqliteStore() refuses a database ${what}`, async () => {
    await using folder = await TemporaryFolder.create();
    const path = folder.join("name" in rest ? rest.name : "tinct.db");
    await make(path);
    await assert.rejects(openSqliteStore(path), refusal);
  });
}

Deno.test("openSqliteStore() refuses a waiting time that is none", async () => {
  await assert.rejects(openSqliteStore("x.db", { busyTimeoutMs: -1 }), RangeError);
});

Deno.test("a damaged page is told as data_loss", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("tinct.db");
  await makeDatabase(path);
  using database = new DatabaseSync(path, { readOnly: true });
  const page = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'models'").get();
  const file = await open(path, "r+");
  await file.write(new Uint8Array(4096).fill(7), 0, 4096, (Number(page?.["rootpage"]) - 1) * 4096);
  await file.close();
  database.close();
  await using store = await openSqliteStore(path);
  await assert.rejects(store.models.get("m"), failsWith("data_loss", /damaged/));
  assert.equal((await store.jobs.get("job")).id, "job", "what is whole can be read");
});

Deno.test("a database that another process keeps locked is unavailable, then usable", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("tinct.db");
  await using store = await openSqliteStore(path, { busyTimeoutMs: 20 });
  using other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  const attempts = [1, 2, 3].map((count) => store.jobs.create(newJob(`job-${count}`)));
  for (const attempt of attempts) {
    await assert.rejects(attempt, failsWith("unavailable", /Another process/));
  }
  assert.deepEqual((await store.jobs.list()).jobs, [], "reading goes on");
  other.exec("ROLLBACK");
  await store.jobs.create(newJob("job-4"));
});

Deno.test("the store's folder holds one file once the store is closed", async () => {
  await using folder = await TemporaryFolder.create();
  await makeDatabase(folder.join("tinct.db"));
  assert.deepEqual(await readdir(folder.path), ["tinct.db"]);
});

Deno.test("a full disk fails a write whole, and once there is space writing goes on", async (t) => {
  await using folder = await TemporaryFolder.create();
  await using disk = await SmallDisk.mount(folder.join("disk"), 4 * 1024 * 1024);
  await t.step({
    name: "on a file system of 4 MiB (mounting one takes root on Linux)",
    ignore: disk === undefined,
    fn: async () => {
      assert.ok(disk);
      const path = `${disk.path}/tinct.db`;
      await using store = await openSqliteStore(path);
      await jobIn(store, "job", "RUNNING");
      await writeFile(`${disk.path}/ballast`, new Uint8Array(1024 * 1024));
      const some = Array.from({ length: 100 }, (_, step) => losses(step));
      let appended = 2;
      const fill = async () => {
        for (;;) appended = await store.events.append("job", some);
      };
      await assert.rejects(fill(), failsWith("resource_exhausted", /disk is full/, /free some/));
      assert.equal((await store.jobs.get("job")).lastSequence, appended);

      // With half a megabyte free: of several that come together, what fits is written, once.
      await writeFile(`${disk.path}/ballast`, new Uint8Array(512 * 1024));
      const [large, missing, small, list] = await Promise.allSettled([
        store.values.set("large", "x".repeat(3_000_000)),
        store.events.append("nobody", some),
        store.events.append("job", [losses(1)]),
        store.models.list(),
      ]);
      assert.ok(large.status === "rejected" && large.reason.code === "resource_exhausted");
      assert.ok(missing.status === "rejected" && missing.reason.code === "not_found");
      assert.deepEqual(small, { status: "fulfilled", value: ++appended });
      assert.equal(list.status, "fulfilled");
      assert.equal((await store.jobs.get("job")).lastSequence, appended);

      await writeFile(`${disk.path}/ballast`, "");
      assert.equal(await store.events.append("job", some), appended + 100);
      assert.equal((await store.events.read("job", appended + 1, 1000)).length, 100);
      await copyFile(path, folder.join("copy.db"));
      await copyFile(`${path}-wal`, folder.join("copy.db-wal"));
      checkDatabase(folder.join("copy.db"));
    },
  });
});
