import assert from "assert";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { migrate } from "../../../src/stores/sqlite/migrate.ts";
import { TemporaryFolder } from "../../checkpoints/temporary_folder.ts";

/** A folder of migrations. */
async function makeMigrations(folder: string, files: Record<string, string>): Promise<URL> {
  await mkdir(folder, { recursive: true });
  for (const [name, sql] of Object.entries(files)) await writeFile(`${folder}/${name}`, sql);
  return pathToFileURL(`${folder}/`);
}

function stateOf(database: DatabaseSync) {
  const tables = database.prepare("SELECT name FROM sqlite_schema ORDER BY name").all();
  const version = database.prepare("PRAGMA user_version").get();
  return [version?.["user_version"], tables.map((row) => row["name"]).join(" ")];
}

const first = "CREATE TABLE a (x); INSERT INTO a VALUES (1);";

Deno.test("migrate() applies what is new, and keeps what is there", async () => {
  await using folder = await TemporaryFolder.create();
  using database = new DatabaseSync(":memory:");
  const migrations = await makeMigrations(folder.path, { "0001_a.sql": first });
  migrate(database, "x", migrations);
  assert.deepEqual(stateOf(database), [1, "a"]);
  database.exec("INSERT INTO a VALUES (2)");
  await makeMigrations(folder.path, {
    "0002_b.sql": "CREATE TABLE b (y); INSERT INTO b SELECT x + 10 FROM a;",
    "0003_c.sql": "CREATE TABLE c (z);",
  });
  migrate(database, "x", migrations);
  migrate(database, "x", migrations);
  assert.deepEqual(stateOf(database), [3, "a b c"]);
  assert.deepEqual(database.prepare("SELECT y FROM b").all().map((row) => row["y"]), [11, 12]);
});

Deno.test("a migration that fails leaves nothing of itself, and all before it", async () => {
  await using folder = await TemporaryFolder.create();
  using database = new DatabaseSync(":memory:");
  const migrations = await makeMigrations(folder.path, {
    "0001_a.sql": first,
    "0002_b.sql": "CREATE TABLE b (y); INSERT INTO a VALUES (5); CREATE TABLE a (again);",
  });
  assert.throws(() => migrate(database, "x", migrations), /already exists/);
  assert.deepEqual(stateOf(database), [1, "a"]);
  assert.equal(database.prepare("SELECT count(*) AS n FROM a").get()?.["n"], 1);
  await makeMigrations(folder.path, { "0002_b.sql": "CREATE TABLE b (y);" });
  migrate(database, "x", migrations);
  assert.deepEqual(stateOf(database), [2, "a b"]);
});

Deno.test("a database of the first version keeps its checkpoints, and takes parts of epochs", async () => {
  await using folder = await TemporaryFolder.create();
  using database = new DatabaseSync(":memory:");
  const name = "0001_first_schema.sql";
  const shipped = new URL("../../../src/stores/sqlite/migrations/", import.meta.url);
  const sql = await readFile(new URL(name, shipped), "utf8");
  migrate(database, "x", await makeMigrations(folder.path, { [name]: sql }));
  database.exec("PRAGMA foreign_keys = ON");
  database.exec(`
    INSERT INTO jobs (number, id, state, queue_position, attempt, lost_workers, display_name, labels,
      dataset, config, last_sequence, created_at_ms, updated_at_ms)
    VALUES (7, 'job', 'QUEUED', 1, 0, 0, '', '{}', 'photos', '{}', 0, 1, 1);
    INSERT INTO checkpoints VALUES (7, 40, 3, 'jobs/job/step-40', 9, 1, 2, 5);
  `);
  migrate(database, "x");
  database.exec("INSERT INTO checkpoints VALUES (7, 50, 3.75, 'jobs/job/step-50', 9, 0, 3, 6)");
  const rows = database.prepare("SELECT * FROM checkpoints ORDER BY step").all();
  assert.deepEqual(rows.map((row) => Object.values(row)), [
    [7, 40, 3, "jobs/job/step-40", 9, 1, 2, 5],
    [7, 50, 3.75, "jobs/job/step-50", 9, 0, 3, 6],
  ]);
  assert.throws(
    () => database.exec("INSERT INTO checkpoints VALUES (8, 1, 0, 'a', 9, 0, 3, 6)"),
    /FOREIGN KEY/,
  );
});

for (const name of ["0003_late.sql", "02_short.sql", "b.sql", "0001_twice.sql"]) {
  Deno.test(`migrate() refuses ${name} in place of the second migration`, async () => {
    await using folder = await TemporaryFolder.create();
    using database = new DatabaseSync(":memory:");
    const migrations = await makeMigrations(folder.path, { "0001_a.sql": first, [name]: first });
    assert.throws(() => migrate(database, "x", migrations), /out of order/);
    assert.deepEqual(stateOf(database), [0, ""]);
  });
}
