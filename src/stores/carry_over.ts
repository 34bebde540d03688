import { rename } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { TinctError } from "../errors.ts";
import { databaseFile } from "../files/data_folder.ts";
import { syncFolder } from "../files/durable_file.ts";
import { makePrivate } from "../files/private_files.ts";
import { pathExists } from "../files/temporary_names.ts";
import { isStoreAway } from "../jobs/store_away.ts";
import {
  newPairing,
  type Pairing,
  PAIRING_KEY,
  pairingIn,
  pairingOf,
  removePairing,
  writePairing,
} from "./pairing.ts";
import type { DatabasePlace } from "./postgres/connection_string.ts";
import { Connections } from "./postgres/connections.ts";
import { migrate } from "./postgres/migrate.ts";
import type { PgClient } from "./postgres/pg_package.ts";
import { lockDataFolder } from "./sqlite/lock_data_folder.ts";
import { openSqliteStore } from "./sqlite/open_store.ts";

/** What is carried over, each after what it refers to. */
const tables = [
  "jobs",
  "events",
  "checkpoints",
  "model_names",
  "models",
  "datasets",
  "sweeps",
  "sweep_runs",
  "server_values",
] as const;

/** What is not: the migrations have made these kinds, and nobody holds a lease. */
const left = ["event_kinds", "leases", "sqlite_sequence"];

/** The most rows, and about the most characters, that are sent at a time. */
const MAX_ROWS = 2000, MAX_CHARACTERS = 4_000_000;

/** How far it has come. */
interface CarryingProgress {
  readonly done: number;
  readonly total: number;
  readonly table: string;
}

/**
 * Carries the jobs of a data folder from its own file over into a database, all or nothing, and pairs the
 * two. Until the database has all of it the folder is as it was; then its file has the name that is
 * returned. A run that was interrupted is gone on with by another.
 *
 * @param dataFolder absolute.
 * @returns how many rows were carried over, and where the folder's own file is kept.
 * @throws {TinctError} not_found where the folder is missing; failed_precondition where a server uses
 *   it, it has no jobs of its own or a file that was kept before, or the database is not empty; what
 *   keeps the database from being reached.
 */
export async function carryOver(
  dataFolder: string,
  place: DatabasePlace,
  { signal, onProgress = () => {} }: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: (progress: CarryingProgress) => void;
  } = {},
): Promise<{ readonly rows: number; readonly keptFile: string }> {
  if (!await pathExists(dataFolder)) {
    throw new TinctError("not_found", `There is no data folder ${dataFolder}; check --data-dir.`);
  }
  using _folder = lockDataFolder(dataFolder);
  const file = databaseFile(dataFolder);
  const keptFile = `${file}.migrated`;
  const begun = await pairingIn(dataFolder);
  if (begun !== undefined && !begun.unfinished) {
    throw refusal(`The data folder ${dataFolder} has its jobs in a database already.`);
  }
  const [isThere, isKept] = [await pathExists(file), await pathExists(keptFile)];
  // A run that died after the renaming left the file under its new name.
  if (!isThere && (begun === undefined || !isKept)) {
    throw refusal(`${dataFolder} has no jobs of its own to carry over: ${file} is not there.`);
  }
  if (isThere && isKept) {
    throw refusal(`${keptFile} is there from before, and would be replaced: move it elsewhere.`);
  }
  await using connections = new Connections(place);
  await migrate(connections);
  const { rows, pairing } = await copyInto(connections, isThere ? file : keptFile, {
    dataFolder,
    begun,
    signal,
    onProgress,
  });
  if (isThere) await rename(file, keptFile);
  await syncFolder(dataFolder);
  await writePairing(dataFolder, { ...pairing, database: place.name, unfinished: false });
  await makePrivate(dataFolder);
  return { rows, keptFile };
}

/** Copies a folder's file into a database, unless an earlier run did. @returns what the two are paired by. */
async function copyInto(
  connections: Connections,
  file: string,
  { dataFolder, begun, ...told }: Pick<Copying, "signal" | "onProgress"> & {
    readonly dataFolder: string;
    readonly begun: Pairing | undefined;
  },
): Promise<{ readonly rows: number; readonly pairing: Pairing }> {
  const { place } = connections;
  // Brings the file to the newest version first.
  await (await openSqliteStore(file))[Symbol.asyncDispose]();
  using source = new DatabaseSync(file);
  requireKnownTables(source);
  try {
    const copied = await connections.alone(async (client) => {
      if (begun !== undefined && await isCarried(client, begun)) {
        return { rows: countAll(source), pairing: begun };
      }
      await requireEmpty(client, place);
      // A new one: the earlier run may have been with another database.
      const pairing = { ...newPairing(dataFolder, place.name), unfinished: true };
      await writePairing(dataFolder, pairing);
      return { rows: await copyAll(source, client, { ...told, pairing }), pairing };
    });
    source.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return copied;
  } catch (error) {
    // Whether a commit without an answer was done is not known: the next run finds out.
    if (isStoreAway(error)) throw error;
    if (begun === undefined) await removePairing(dataFolder);
    else await writePairing(dataFolder, begun);
    throw error;
  }
}

/** What a copy is made with. */
interface Copying {
  readonly pairing: Pairing;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: CarryingProgress) => void;
}

/** Copies all tables within the client's transaction. @returns how many rows there are. */
async function copyAll(
  source: DatabaseSync,
  client: PgClient,
  { pairing, signal, onProgress }: Copying,
): Promise<number> {
  const counts = tables.map((table) => countIn(source, table));
  const total = countAll(source);
  let done = 0;
  for (const [index, table] of tables.entries()) {
    let copied = 0;
    for await (const count of copyTable(source, client, table)) {
      signal?.throwIfAborted();
      copied += count;
      onProgress({ done: done += count, total, table });
    }
    const { count } = (await client.query(`SELECT count(*) FROM ${table}`)).rows[0] ?? {};
    if (copied !== counts[index] || Number(count) !== copied) {
      throw new TypeError(`Of ${counts[index]} rows of ${table} ${Number(count)} have arrived.`);
    }
  }
  for (const table of ["jobs", "sweeps"]) {
    const sequence = `pg_get_serial_sequence('${table}', 'number')`;
    await setSequence(client, sequence, lastNumber(source, table));
  }
  const { last } = source.prepare("SELECT max(queue_position) AS last FROM jobs").get() ?? {};
  await setSequence(client, "'queue_positions'", Number(last ?? 0));
  const { id, place: folder } = pairing;
  await client.query(
    "INSERT INTO server_values (key, value, updated_at_ms) VALUES ($1, $2::json, $3)",
    [PAIRING_KEY, JSON.stringify({ id, place: folder }), Date.now()],
  );
  return total;
}

/** Copies a table's rows. Gives how many, after each part. */
async function* copyTable(
  source: DatabaseSync,
  client: PgClient,
  table: string,
): AsyncGenerator<number, void, undefined> {
  const types = new Map(
    (await client.query(
      "SELECT column_name, udt_name FROM information_schema.columns " +
        "WHERE table_schema = current_schema() AND table_name = $1",
      [table],
    )).rows.map((row) => [String(row["column_name"]), String(row["udt_name"])]),
  );
  const columns = source.prepare(`PRAGMA table_info(${table})`).all().map((row) => {
    return String(row["name"]);
  });
  const given = columns.map((_, index) => `$${index + 1}::text[]`).join(", ");
  const cast = columns.map((name) => `r.${name}::${types.get(name)}`).join(", ");
  const insert = `INSERT INTO ${table} (${columns.join(", ")}) ` +
    `SELECT ${cast} FROM unnest(${given}) AS r (${columns.join(", ")})`;
  let parts = columns.map((): (string | null)[] => []);
  let count = 0, characters = 0;
  const send = async () => {
    await client.query(insert, parts);
    const sent = count;
    parts = columns.map(() => []);
    count = characters = 0;
    return sent;
  };
  for (const row of source.prepare(`SELECT * FROM ${table}`).iterate()) {
    for (const [index, name] of columns.entries()) {
      const value = row[name];
      // PostgreSQL's text cannot hold U+0000, see `valuesOf`.
      const text = value === null ? null : String(value).replaceAll("\0", "\ufffd");
      parts[index]?.push(text);
      characters += text?.length ?? 0;
    }
    count++;
    if (count >= MAX_ROWS || characters >= MAX_CHARACTERS) yield await send();
  }
  if (count > 0) yield await send();
}

/** Whether an earlier run has carried over all of it, and could not say so. */
async function isCarried(client: PgClient, { id }: Pairing): Promise<boolean> {
  const sql = "SELECT value::text AS value FROM server_values WHERE key = $1";
  const [row] = (await client.query(sql, [PAIRING_KEY])).rows;
  return row !== undefined && pairingOf(JSON.parse(String(row["value"])))?.id === id;
}

async function requireEmpty(client: PgClient, { name }: DatabasePlace): Promise<void> {
  for (const table of tables) {
    const { found } = (await client.query(
      `SELECT EXISTS (SELECT 1 FROM ${table}) AS found`,
    )).rows[0] ?? {};
    if (found === "f") continue;
    throw refusal(
      `The database ${name} is not empty: make one for this data folder with createdb.`,
    );
  }
}

function requireKnownTables(source: DatabaseSync): void {
  const known: readonly string[] = [...tables, ...left];
  for (
    const { name } of source.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  ) {
    if (!known.includes(String(name))) {
      throw new TypeError(`Nobody carries over the table ${name}.`);
    }
  }
}

function countAll(source: DatabaseSync): number {
  return tables.reduce((sum, table) => sum + countIn(source, table), 0);
}

function countIn(source: DatabaseSync, table: string): number {
  return Number(source.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.["count"]);
}

/** The last number that a table gave, also to a row that is gone. */
function lastNumber(source: DatabaseSync, table: string): number {
  const row = source.prepare("SELECT seq FROM sqlite_sequence WHERE name = ?").get(table);
  return Number(row?.["seq"] ?? 0);
}

async function setSequence(client: PgClient, sequence: string, last: number): Promise<void> {
  await client.query(`SELECT setval(${sequence}, $1, $2)`, [Math.max(1, last), last > 0]);
}

function refusal(sentence: string): TinctError {
  return new TinctError("failed_precondition", sentence);
}
