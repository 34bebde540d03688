import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { databaseFile } from "../files/data_folder.ts";
import { makePrivate } from "../files/private_files.ts";
import type { Store } from "../jobs/store.ts";
import { pairFolder, requireUnpaired } from "./pairing.ts";
import type { DatabasePlace } from "./postgres/connection_string.ts";
import { type FolderLock, lockDataFolder } from "./sqlite/lock_data_folder.ts";
import { openSqliteStore } from "./sqlite/open_store.ts";

/** A data folder with its store. Disposing of it closes the store, then lets the folder go. */
interface OpenFolder extends AsyncDisposable {
  readonly store: Store;
  /** Whether no other process used the folder at the start; the leases of servers before are over then. */
  readonly isAlone: boolean;
}

/**
 * Takes a data folder and opens its store: for this server alone the one in the folder, or the one in a
 * database, with all the servers that have the same folder and the same database.
 *
 * @param dataFolder absolute; exists.
 * @param options `database`: undefined for the store in the folder; `signal`: ends the wait for a server that
 *   pairs the two; `onNotice`: told, in a sentence, of what an operator should know.
 * @throws {TinctError} what stands in the way: another server there, a database that cannot be reached or
 *   belongs to another folder.
 */
export async function openFolder(
  dataFolder: string,
  { database, signal, onNotice }: {
    readonly database?: DatabasePlace | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly onNotice?: (sentence: string) => void;
  } = {},
): Promise<OpenFolder> {
  await using owner = new AsyncDisposableStack();
  const lock = owner.use(lockDataFolder(dataFolder, database ? "shared" : "alone"));
  await makePrivate(dataFolder);
  const store = owner.use(
    database ? await openShared(database, onNotice) : await openOwn(dataFolder),
  );
  if (database) await pairFolder(store, dataFolder, { database: database.name, signal });
  const isAlone = database ? await endDeadLeases(store, lock) : true;
  const owned = owner.move();
  return { store, isAlone, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() };
}

/**
 * Ends the leases of servers of this machine that were killed, where no process but this one has the folder.
 * Of other machines' the file system may know no locks, so those leases run out by themselves.
 *
 * @returns whether no other process has it.
 */
async function endDeadLeases({ leases }: Store, lock: FolderLock): Promise<boolean> {
  // First: a server has the folder before it has a lease, so who has one and not the folder is dead.
  const held = await leases.held("server/");
  if (!lock.isAlone()) return false;
  const dead = held.map(({ holder }) => holder).filter((holder) => hostOf(holder) === hostName());
  await leases.endAll(dead);
  return true;
}

async function openOwn(dataFolder: string): Promise<Store> {
  await requireUnpaired(dataFolder);
  return await openSqliteStore(databaseFile(dataFolder));
}

async function openShared(
  database: DatabasePlace,
  onNotice: (sentence: string) => void = () => {},
): Promise<Store> {
  // PostgreSQL's client is loaded only where it is wanted.
  const { openPostgresStore } = await import("./postgres/open_store.ts");
  return await openPostgresStore(database, { owner: newOwner(), onNotice });
}

/**
 * A name that no other server has or had: one that starts anew does not know whether the one before it
 * still lives somewhere. It is part of a folder's name.
 */
function newOwner(): string {
  return `${hostName()}-${randomBytes(4).toString("hex")}`;
}

/** The machine's part of a name that `newOwner` made. */
function hostOf(owner: string): string {
  return owner.replace(/-[0-9a-f]{8}$/, "");
}

/** What the names of this machine's servers begin with; no other machine's do, unless it has the same name. */
function hostName(): string {
  const host = hostname();
  const name = host.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  if (name === host && name.length <= 20) return name;
  // Names of a cluster often differ only in their ends.
  return `${name.slice(0, 11)}-${createHash("sha256").update(host).digest("hex").slice(0, 8)}`;
}
