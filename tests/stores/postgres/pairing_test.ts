import assert from "assert";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { workersFolder } from "../../../src/files/data_folder.ts";
import type { Store } from "../../../src/jobs/store.ts";
import { openDatasetFolders } from "../../../src/server/server.ts";
import { tidyAtStart } from "../../../src/server/tidy_data_folder.ts";
import { openFolder } from "../../../src/stores/open_folder.ts";
import { readConnectionString } from "../../../src/stores/postgres/connection_string.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { TemporaryFolder } from "../../checkpoints/temporary_folder.ts";
import { newJob } from "../../jobs/small_job.ts";
import { sharedPostgres, testWithPostgres } from "./test_postgres.ts";

async function databaseOf(key: string) {
  return readConnectionString(await (await sharedPostgres()).databaseFor(key));
}

/** A data folder of its own. */
async function newFolder(parent: TemporaryFolder, name: string): Promise<string> {
  await mkdir(parent.join(name));
  return parent.join(name);
}

/** Opens both, does something, and closes them. */
async function open(
  folder: string,
  key: string | undefined,
  work: (store: Store) => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const database = key === undefined ? undefined : await databaseOf(key);
  await using opened = await openFolder(folder, { database });
  await work(opened.store);
}

const refusal = (sentence: RegExp) => failsWith("failed_precondition", sentence);

testWithPostgres("a data folder and a database that were paired go with no others", async (t) => {
  await using parent = await TemporaryFolder.create();
  const one = await newFolder(parent, "one");
  // Servers that begin with both at once.
  await Promise.all([open(one, "one"), open(one, "one"), open(one, "one")]);
  await open(one, "one", (store) => store.jobs.create(newJob("job")));
  const named = await readFile(parent.join("one", "store.json"), "utf8");

  await t.step("several servers at a time, and none without the database", async () => {
    await open(one, "one", async () => {
      await open(
        one,
        "one",
        async (store) => assert.equal((await store.jobs.list()).jobs.length, 1),
      );
      await assert.rejects(open(one, undefined), refusal(/Another server is using/));
    });
    await assert.rejects(open(one, undefined), refusal(/has its jobs in a database.*--store/));
  });
  await t.step(
    "which says of dead servers what the folder's lock shows, not what leases say",
    async () => {
      let far = "";
      const database = await databaseOf("one");
      const folder = async () => await openFolder(one, { database });
      const servers = async (store: Store) =>
        (await store.leases.held("server/")).map(({ holder }) => holder);
      {
        await using first = await folder();
        assert.equal(first.isAlone, true);
        await first.store.leases.renewOwn(600_000); // and is not given back
        await first.store.leases.hold("tidy", 600_000);
        await using second = await folder();
        assert.equal(second.isAlone, false, "the first one may live");
        assert.deepEqual(await servers(second.store), [first.store.owner]);
        // Of a machine whose name begins with this one's; its locks may not reach here.
        far = first.store.owner.replace(/[0-9a-f]{8}$/, "2-$&");
      }
      await (await sharedPostgres()).query(
        database.database,
        `INSERT INTO leases VALUES ('server/${far}', '${far}', 1, 9e15)`,
      );
      await using next = await folder();
      assert.equal(next.isAlone, true);
      assert.deepEqual(await servers(next.store), [far]);
      assert.ok(await next.store.leases.hold("tidy", 1000), "nor has it anything else");
    },
  );
  await t.step("a server that comes while one tidies up keeps its socket", async () => {
    const folder = await newFolder(parent, "sockets");
    await using opened = await openFolder(folder, { database: await databaseOf("sockets") });
    const { store, isAlone } = opened;
    await mkdir(workersFolder(folder, "dead"));
    const { held } = store.leases;
    store.leases.held = async (prefix) => {
      const found = await held(prefix);
      await mkdir(workersFolder(folder, "late")); // its lease came after the look, too
      return found;
    };
    const datasets = await openDatasetFolders(store, folder);
    await tidyAtStart({ store, datasets, dataFolder: folder, isAlone });
    const sockets = (await readdir(folder)).filter((name) => name.startsWith("workers-"));
    assert.deepEqual(sockets, ["workers-late"]);
  });
  await t.step("another folder with the database", async () => {
    const other = await newFolder(parent, "other");
    const told = /belongs to the data folder .*\/one on .*, not to .*\/other: give that folder/;
    await assert.rejects(open(other, "one"), refusal(told));
    await open(other, "another");
    await assert.rejects(open(other, "one"), refusal(told));
  });
  await t.step("another database with the folder", async () => {
    const told =
      /belongs to the database 127\.0\.0\.1:\d+\/\w+, not to 127\.0\.0\.1:\d+\/\w+: give that/;
    await assert.rejects(open(one, "empty"), refusal(told));
    assert.equal(await readFile(parent.join("one", "store.json"), "utf8"), named);
  });
  await t.step("a folder whose jobs are in SQLite", async () => {
    const folder = await newFolder(parent, "sqlite");
    await open(folder, undefined, async (store) => {
      await store.jobs.create(newJob("job"));
      await assert.rejects(open(folder, "fresh"), refusal(/without --store is using/));
    });
    await assert.rejects(open(folder, "fresh"), refusal(/keeps its jobs in a file of its own/));
    await open(folder, undefined, async (store) => void await store.jobs.get("job"));
  });
  await t.step("a server that died between the folder's half and the database's", async () => {
    const folder = await newFolder(parent, "half");
    await open(folder, "half");
    const database = (await databaseOf("half")).database;
    await (await sharedPostgres()).query(database, "DELETE FROM server_values");
    await open(folder, "half");
    await open(folder, "half");
    await mkdir(parent.join("half", "jobs", "job-a"), { recursive: true });
    await (await sharedPostgres()).query(database, "DELETE FROM server_values");
    await assert.rejects(open(folder, "half"), refusal(/bring back the copy of the database/));
  });
  await t.step(
    "servers that begin with one folder and two databases: one of them is refused",
    async () => {
      const folder = await newFolder(parent, "contested");
      const ends = await Promise.allSettled([open(folder, "left"), open(folder, "right")]);
      assert.deepEqual(ends.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
      const loser = ends[0]?.status === "rejected" ? "left" : "right";
      await assert.rejects(open(folder, loser), refusal(/belongs to the database/));
      await open(folder, loser === "left" ? "right" : "left");
    },
  );
  await t.step("a damaged file", async () => {
    const folder = await newFolder(parent, "damaged");
    await open(folder, "damaged");
    await writeFile(parent.join("damaged", "store.json"), "{");
    await assert.rejects(open(folder, "damaged"), failsWith("data_loss", /store\.json is damaged/));
    await rm(parent.join("damaged", "store.json"));
    await assert.rejects(open(folder, "damaged"), refusal(/belongs to the data folder/));
  });
});
