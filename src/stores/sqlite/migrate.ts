import { readdirSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { TinctError } from "../../errors.ts";

/** "Tnct": marks a SQLite file as ours (PRAGMA application_id). */
const applicationId = 0x546e6374;

/** A file of `migrations/`. */
interface Migration {
  /** The number its name begins with; they count up from 1. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/**
 * Brings a database to the newest version, one migration a transaction. Two processes may do so at
 * once: the later one finds the work done.
 *
 * @param database not in a transaction.
 * @param path the database, for sentences.
 * @param folder the migrations; those of this program unless a test gives others.
 * @throws {TinctError} failed_precondition for a database of a newer program or of another one;
 *   what SQLite throws otherwise.
 */
export function migrate(
  database: DatabaseSync,
  path: string,
  folder: URL = new URL("./migrations/", import.meta.url),
): void {
  const migrations = readMigrations(folder);
  const newest = migrations.length;
  refuseForeign(database, path, newest);
  for (const migration of migrations) {
    if (readPragma(database, "user_version") >= migration.version) continue;
    database.exec("BEGIN IMMEDIATE");
    try {
      if (readPragma(database, "user_version") < migration.version) {
        database.exec(migration.sql);
        database.exec(`PRAGMA application_id = ${applicationId}`);
        database.exec(`PRAGMA user_version = ${migration.version}`);
      }
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }
  refuseForeign(database, path, newest);
}

function refuseForeign(database: DatabaseSync, path: string, newest: number): void {
  const version = readPragma(database, "user_version");
  const application = readPragma(database, "application_id");
  const tables = database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()?.["tables"];
  if (application !== applicationId && (tables !== 0 || application !== 0)) {
    throw new TinctError(
      "failed_precondition",
      `${path} is a database of another program; choose another data folder.`,
    );
  }
  if (version > newest) {
    throw new TinctError(
      "failed_precondition",
      `${path} has version ${version} and this program knows versions up to ${newest}: it was ` +
        "written by a newer Tinct; start that one, or choose another data folder.",
    );
  }
}

function readPragma(database: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function readMigrations(folder: URL): readonly Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql")).sort();
  return names.map((name, index) => {
    const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    if (version !== index + 1) {
      throw new Error(`Migration ${name} is out of order: ${index + 1} was expected.`);
    }
    return { version, name, sql: readFileSync(new URL(name, folder), "utf8") };
  });
}
