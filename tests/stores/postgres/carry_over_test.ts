import assert from "assert";
import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import type { Store } from "../../../src/jobs/store.ts";
import { carryOver } from "../../../src/stores/carry_over.ts";
import { openFolder } from "../../../src/stores/open_folder.ts";
import { readConnectionString } from "../../../src/stores/postgres/connection_string.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { TemporaryFolder } from "../../checkpoints/temporary_folder.ts";
import { jobIn, losses, newJob } from "../../jobs/small_job.ts";
import { smallSpec } from "../../sweeps/small_spec.ts";
import { sharedPostgres, testWithPostgres } from "./test_postgres.ts";

async function databaseOf(key: string) {
  return readConnectionString(await (await sharedPostgres()).databaseFor(key));
}

/** Something of everything, and of what is hard to carry. */
async function fill(store: Store): Promise<void> {
  for (
    const state of ["PAUSED", "SUCCEEDED", "FAILED", "CANCELLED", "RUNNING", "QUEUED"] as const
  ) {
    await jobIn(store, `job-${state.toLowerCase()}`, state);
  }
  const checkpoint = { step: 3, epoch: 0.1, path: "jobs/a/b", sizeBytes: 2 ** 40, best: true };
  const message = 'a "line"\\ with \u0000, \ud83c\udf39, {braces}, NULL and , commas';
  await store.events.append("job-running", [
    ...Array.from({ length: 5000 }, (_, step) => losses(step)),
    { kind: "log", payload: { message, empty: "", list: [null, 0.1, 1e300] } },
    { kind: "checkpoint", payload: { step: 3 }, checkpoint },
  ]);
  const model = { name: "roses", jobId: "job-succeeded", step: 3, sizeBytes: 7, details: { a: 1 } };
  await store.models.promote({ ...model, path: "models/roses/a" });
  await store.models.promote({ ...model, path: "models/roses/b" });
  await store.models.promote({ ...model, name: "gone", path: "models/gone/a" });
  await store.models.delete("gone");
  await store.datasets.begin("half", { client: "me" });
  await store.datasets.begin("whole");
  const counts = { photoCount: 2, sizeBytes: 9, grayCount: 1, brokenCount: 0 };
  await store.datasets.finish("whole", counts, { problems: [] });
  await store.sweeps.create({
    id: "sweep-a",
    displayName: "A",
    spec: smallSpec,
    request: undefined,
  });
  await store.sweeps.addRun("sweep-a", { trial: 0, rung: 0, jobId: "job-succeeded" });
  const ending = { outcome: "measured", value: 0.1, step: 3 } as const;
  await store.sweeps.endRun("sweep-a", "job-succeeded", ending);
  await store.values.set("key", { a: [1, "\u0000"] });
  await store.jobs.create(newJob("job-late"));
  await jobIn(store, "job-deleted", "CANCELLED");
  await store.jobs.delete("job-deleted");
}

/** All that a store tells. */
async function contents(store: Store) {
  const { jobs } = await store.jobs.list({}, { pageSize: 1000 });
  const ofJobs = await Promise.all(jobs.map(async ({ id }) => [
    await store.events.read(id, 1, 10_000),
    await store.events.checkpoints(id),
  ]));
  const { datasets } = await store.datasets.list();
  return {
    jobs,
    ofJobs,
    models: [await store.models.get("roses", 1), await store.models.get("roses", 2)],
    datasets: await Promise.all(datasets.map(({ name }) => store.datasets.get(name))),
    sweeps: (await store.sweeps.list()).sweeps,
    value: await store.values.get("key"),
  };
}

async function read<T>(
  folder: string,
  key: string | undefined,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const database = key === undefined ? undefined : await databaseOf(key);
  await using opened = await openFolder(folder, { database });
  return await work(opened.store);
}

testWithPostgres("a folder's jobs are carried over into a database, all or nothing", async (t) => {
  await using folder = await TemporaryFolder.create();
  const { path } = folder;
  const before = await read(path, undefined, async (store) => {
    await fill(store);
    return await contents(store);
  });
  assert.equal(before.jobs.length, 7);

  await t.step("what stands in the way changes nothing", async () => {
    await read(path, undefined, async () => {
      await assert.rejects(
        carryOver(path, await databaseOf("carried")),
        failsWith("failed_precondition", /Another server is using/),
      );
    });
    await using other = await TemporaryFolder.create();
    await read(other.path, "taken", (store) => store.jobs.create(newJob("job")));
    await assert.rejects(
      carryOver(path, await databaseOf("taken")),
      failsWith("failed_precondition", /is not empty: make one for this data folder/),
    );
    await assert.rejects(
      carryOver(other.join("nothing"), await databaseOf("carried")),
      failsWith("not_found", /^There is no data folder \S*\/nothing; check --data-dir\.$/),
    );
    assert.ok(!existsSync(folder.join("store.json")));
  });

  await t.step(
    "one that is interrupted leaves all in the folder and nothing in the database",
    async () => {
      const stop = new AbortController();
      const seen: string[] = [];
      const carrying = carryOver(path, await databaseOf("carried"), {
        signal: stop.signal,
        onProgress: ({ table }) => {
          seen.push(table);
          if (table === "events") stop.abort(new Error("enough"));
        },
      });
      await assert.rejects(carrying, /enough/);
      assert.deepEqual(new Set(seen), new Set(["jobs", "events"]));
      assert.deepEqual(await read(path, undefined, contents), before);
    },
  );

  await t.step("one that died before its end may also be given up", async () => {
    const mark = { id: "x", place: path, unfinished: true };
    await writeFile(folder.join("store.json"), JSON.stringify(mark));
    await assert.rejects(read(path, "carried", contents), /run tinct migrate-store once more/);
    assert.deepEqual(await read(path, undefined, contents), before);
    assert.ok(!existsSync(folder.join("store.json")));
  });

  await t.step("a file that was kept before is not replaced", async () => {
    await writeFile(folder.join("tinct.db.migrated"), "old");
    await assert.rejects(
      carryOver(path, await databaseOf("carried")),
      failsWith("failed_precondition", /tinct\.db\.migrated is there from before/),
    );
    assert.equal(await readFile(folder.join("tinct.db.migrated"), "utf8"), "old");
    await rm(folder.join("tinct.db.migrated"));
  });

  await t.step("the database has the same as the folder had", async () => {
    let last = { done: 0, total: -1 };
    const { rows, keptFile } = await carryOver(path, await databaseOf("carried"), {
      onProgress: (progress) => last = progress,
    });
    assert.deepEqual([last.done, last.total], [rows, rows]);
    assert.ok(rows > 5000 && existsSync(keptFile) && !existsSync(folder.join("tinct.db")));
    const after = await read(path, "carried", contents);
    assert.deepEqual(after, before);
    await assert.rejects(read(path, undefined, contents), /has its jobs in a database/);
    await assert.rejects(carryOver(path, await databaseOf("carried")), /in a database already/);
  });

  await t.step("one that died after the database had all is gone on with", async () => {
    const pairing = JSON.parse(await readFile(folder.join("store.json"), "utf8"));
    await writeFile(folder.join("store.json"), JSON.stringify({ ...pairing, unfinished: true }));
    await rename(folder.join("tinct.db.migrated"), folder.join("tinct.db"));
    await carryOver(path, await databaseOf("carried"));
    assert.deepEqual(await read(path, "carried", contents), before);
  });

  await t.step(
    "one that died after that and goes on with another database leaves the first one",
    async () => {
      const pairing = JSON.parse(await readFile(folder.join("store.json"), "utf8"));
      const store = { ...pairing, unfinished: true };
      await writeFile(folder.join("store.json"), JSON.stringify(store));
      const { rows } = await carryOver(path, await databaseOf("carried again"));
      assert.ok(rows > 5000);
      assert.deepEqual(await read(path, "carried again", contents), before);
      await assert.rejects(
        read(path, "carried", contents),
        failsWith("failed_precondition", /belongs to the data folder/),
      );
    },
  );

  await t.step("numbers go on where they were", async () => {
    await read(path, "carried again", async (store) => {
      await store.jobs.create(newJob("job-new"));
      const { jobs } = await store.jobs.list({ states: ["QUEUED"] });
      assert.deepEqual(jobs.map(({ id }) => id), ["job-new", "job-late", "job-queued"]);
      assert.equal(jobs[0]?.queuePlace, 3);
      const model = {
        name: "gone",
        jobId: "a",
        step: 1,
        sizeBytes: 1,
        details: {},
        path: "models/b",
      };
      assert.equal((await store.models.promote(model)).model.version, 2);
      const sweep = { id: "sweep-b", displayName: "B", spec: smallSpec, request: undefined };
      await store.sweeps.create(sweep);
      const { sweeps } = await store.sweeps.list();
      assert.deepEqual(sweeps.map(({ id }) => id), ["sweep-b", "sweep-a"]);
    });
  });
});
