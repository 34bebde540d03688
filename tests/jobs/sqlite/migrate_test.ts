import assert from "assert";
import { mkdir, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { migrate } from "../../../src/jobs/sqlite/migrate.ts";
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

for (const name of ["0003_late.sql", "02_short.sql", "b.sql", "0001_twice.sql"]) {
  Deno.test(`migrate() refuses ${name} in place of the second migration`, async () => {
    await using folder = await TemporaryFolder.create();
    using database = new DatabaseSync(":memory:");
    const migrations = await makeMigrations(folder.path, { "0001_a.sql": first, [name]: first });
    assert.throws(() => migrate(database, "x", migrations), /out of order/);
    assert.deepEqual(stateOf(database), [0, ""]);
  });
}
