import { randomUUID } from "node:crypto";
import { link, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { TinctError } from "../errors.ts";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { databaseFile, runsFolder, storeFile } from "../files/data_folder.ts";
import { syncFolder } from "../files/durable_file.ts";
import { reading, systemErrorName, writing } from "../files/file_errors.ts";
import { foldersIn } from "../files/folder_tree.ts";
import { pathExists } from "../files/temporary_names.ts";
import type { JsonValue } from "../jobs/json.ts";
import type { Store } from "../jobs/store.ts";
import { HeldLease } from "../leases/held_lease.ts";

/** Where the database says which data folder it goes with. */
export const PAIRING_KEY = "data_folder";

/** What stands in the folder and in the database. */
export interface Pairing {
  /** The same in both. */
  readonly id: string;
  /** Where the folder was when they were paired, for sentences. */
  readonly place: string;
  /** In the folder alone: how the database was called, for sentences. */
  readonly database?: string;
  /** In the folder alone: what it has is being carried over, and it still has all of it. */
  readonly unfinished?: boolean;
}

/** A new one. @param database how sentences call it. */
export function newPairing(dataFolder: string, database: string): Pairing {
  return { id: randomUUID(), place: `${dataFolder} on ${hostname()}`, database };
}

/**
 * Sees to it that a data folder and a database belong together: jobs are in one, their files in the
 * other. A new folder and an empty database are paired by an id that is written into both, for ever.
 *
 * @param options `database`: how sentences call it; `signal`: ends the wait for another server.
 * @throws {TinctError} failed_precondition where one of them belongs to another, or the folder has its
 *   jobs in a database of its own.
 */
export async function pairFolder(
  store: Store,
  dataFolder: string,
  { database, signal = new AbortController().signal }: {
    readonly database: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  if (await arePaired(store, dataFolder)) return;
  // Servers that begin with the same database at once; those of the same folder are told apart by its file.
  await using lease = await HeldLease.wait(store, "pair", { signal });
  if (await arePaired(store, dataFolder)) return;
  const inFolder = await pairingIn(dataFolder);
  if (inFolder?.unfinished) {
    throw refusal(
      `What ${dataFolder} has is not all carried over yet: run tinct migrate-store once more.`,
    );
  }
  const inDatabase = pairingOf(await store.values.get(PAIRING_KEY));
  if (inDatabase !== undefined) {
    throw refusal(
      `The database ${database} belongs to the data folder ${inDatabase.place}, not to ` +
        `${dataFolder}: give that folder as --data-dir, or another database as --store.`,
    );
  }
  const isEmpty = await isEmptyStore(store);
  // A server that died in between has written the folder's half.
  const isHalfDone = inFolder?.database === database && isEmpty && await hasNoRuns(dataFolder);
  if (inFolder !== undefined && !isHalfDone) {
    if (inFolder.database === database) {
      throw refusal(
        `The data folder ${dataFolder} has jobs that the database ${database} does not have: bring back ` +
          "the copy of the database that goes with the folder.",
      );
    }
    throw refusal(
      `The data folder ${dataFolder} belongs to the database ${inFolder.database}, not to ${database}: ` +
        "give that one as --store, or a new folder as --data-dir.",
    );
  }
  if (!isEmpty) {
    throw refusal(
      `The database ${database} has jobs of a data folder that it does not name: give an empty ` +
        "database as --store.",
    );
  }
  const file = databaseFile(dataFolder);
  if (inFolder === undefined && await pathExists(file)) {
    throw refusal(
      `The data folder ${dataFolder} keeps its jobs in a file of its own, ${file}: carry them over ` +
        "with tinct migrate-store, or give a new folder as --data-dir.",
    );
  }
  const pairing = inFolder ?? newPairing(dataFolder, database);
  if (inFolder === undefined && !await addPairing(dataFolder, pairing)) {
    throw refusal(
      `Another server has just begun to use ${dataFolder} with another database than ${database}: give ` +
        "that one as --store, or a new folder as --data-dir.",
    );
  }
  lease.requireHeld(); // else it may be another folder's by now
  await store.values.set(PAIRING_KEY, { id: pairing.id, place: pairing.place });
}

async function arePaired(store: Store, dataFolder: string): Promise<boolean> {
  const inFolder = await pairingIn(dataFolder);
  if (inFolder === undefined || inFolder.unfinished) return false;
  return pairingOf(await store.values.get(PAIRING_KEY))?.id === inFolder.id;
}

/** Writes a folder's half where there is none. @returns whether that was so. */
async function addPairing(dataFolder: string, pairing: Pairing): Promise<boolean> {
  const path = storeFile(dataFolder);
  const written = `${path}.${pairing.id}`;
  try {
    await writeFileAtomically(written, `${JSON.stringify(pairing)}\n`);
    await link(written, path); // which replaces nothing
    await syncFolder(dataFolder);
    return true;
  } catch (error) {
    if (systemErrorName(error) === "EEXIST") return false;
    return await writing(path, Promise.reject(error));
  } finally {
    await rm(written, { force: true });
  }
}

/** Takes back the folder's half. */
export async function removePairing(dataFolder: string): Promise<void> {
  await rm(storeFile(dataFolder), { force: true });
  await syncFolder(dataFolder);
}

/**
 * Refuses a data folder that goes with a database for a server without one. A folder that was not carried
 * over to the end still has all, and gives that up.
 *
 * @throws {TinctError} failed_precondition.
 */
export async function requireUnpaired(dataFolder: string): Promise<void> {
  if (!await pathExists(storeFile(dataFolder))) return;
  const pairing = await pairingIn(dataFolder);
  if (pairing?.unfinished && await pathExists(databaseFile(dataFolder))) {
    return await removePairing(dataFolder);
  }
  throw refusal(
    `The data folder ${dataFolder} has its jobs in a database of PostgreSQL: give that one as --store, ` +
      "or another folder as --data-dir.",
  );
}

/** Whether nothing is in a store that anybody would miss. */
async function isEmptyStore({ jobs, models, datasets, sweeps }: Store): Promise<boolean> {
  const page = { pageSize: 1 };
  return (await jobs.list({}, page)).jobs.length === 0 &&
    (await models.list(page)).models.length === 0 &&
    (await datasets.list(page)).datasets.length === 0 &&
    (await sweeps.list(page)).sweeps.length === 0;
}

async function hasNoRuns(dataFolder: string): Promise<boolean> {
  const runs = runsFolder(dataFolder);
  return !await pathExists(runs) || (await foldersIn(runs)).length === 0;
}

/** Writes the folder's half. */
export async function writePairing(dataFolder: string, pairing: Pairing): Promise<void> {
  await writeFileAtomically(storeFile(dataFolder), `${JSON.stringify(pairing)}\n`);
}

/** What stands in a folder. */
export async function pairingIn(dataFolder: string): Promise<Pairing | undefined> {
  const path = storeFile(dataFolder);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemErrorName(error) === "ENOENT") return undefined;
    return await reading(path, Promise.reject(error));
  }
  const pairing = pairingOf(parsed(text));
  if (pairing) return pairing;
  throw new TinctError(
    "data_loss",
    `${path} is damaged; restore it from a copy of the data folder.`,
  );
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What stands in a database. @returns undefined for what is none. */
export function pairingOf(value: JsonValue | undefined): Pairing | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { id, place, database, unfinished } = value as Readonly<
    Record<string, JsonValue | undefined>
  >;
  if (typeof id !== "string" || typeof place !== "string") return undefined;
  return {
    id,
    place,
    ...(typeof database === "string" && { database }),
    ...(unfinished === true && { unfinished }),
  };
}

function refusal(sentence: string): TinctError {
  return new TinctError("failed_precondition", sentence);
}
