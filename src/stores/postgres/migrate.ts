import { readdirSync, readFileSync } from "node:fs";
import { TinctError } from "../../errors.ts";
import type { Connections } from "./connections.ts";

/** The oldest PostgreSQL that has all that the queries use. */
const OLDEST_VERSION = 120_000;

/**
 * Brings a database to the newest version, all or nothing. Of several servers that start at once one does
 * it, and the others wait for it.
 *
 * @throws {TinctError} failed_precondition for a database of a newer program or of another one, or a
 *   PostgreSQL that is too old.
 */
export async function migrate(connections: Connections): Promise<void> {
  const { name } = connections.place;
  const migrations = readMigrations();
  const refuse = (sentence: string) => new TinctError("failed_precondition", sentence);
  await connections.alone(async (client) => {
    const one = async (sql: string) => (await client.query(sql)).rows[0] ?? {};
    const { server_version_num } = await one("SHOW server_version_num");
    if (Number(server_version_num) < OLDEST_VERSION) {
      throw refuse(`PostgreSQL at ${name} is older than version 12; use a newer one.`);
    }
    const { ours, tables } = await one(
      "SELECT to_regclass('tinct_schema')::text AS ours, (SELECT count(*) FROM pg_tables " +
        "WHERE schemaname = current_schema()) AS tables",
    );
    if (ours === null) {
      if (tables !== 0) {
        throw refuse(`${name} is a database of another program; make one for Tinct alone.`);
      }
      await client.query("CREATE TABLE tinct_schema (version integer NOT NULL)");
      await client.query("INSERT INTO tinct_schema VALUES (0)");
    }
    const version = Number((await one("SELECT version FROM tinct_schema"))["version"]);
    if (version > migrations.length) {
      throw refuse(
        `${name} has version ${version} and this program knows versions up to ` +
          `${migrations.length}: it was written by a newer Tinct; start that one, or give another ` +
          "database.",
      );
    }
    for (const sql of migrations.slice(version)) await client.query(sql);
    await client.query("UPDATE tinct_schema SET version = $1 WHERE version < $1", [
      migrations.length,
    ]);
  });
}

/** The migrations in order; the first makes version 1. */
function readMigrations(): readonly string[] {
  const folder = new URL("./migrations/", import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql")).sort();
  return names.map((name, index) => {
    if (Number(name.slice(0, 4)) !== index + 1) throw new Error(`${name} is out of order.`);
    return readFileSync(new URL(name, folder), "utf8");
  });
}
