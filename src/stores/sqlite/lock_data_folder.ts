import { DatabaseSync } from "node:sqlite";
import { lockFile } from "../../files/data_folder.ts";
import { TinctError } from "../../errors.ts";
import { describeSqliteError } from "./sqlite_errors.ts";

/** How long a server that shares the folder waits for one that looks whether it is alone: ms. */
const LOOK_TIMEOUT_MS = 1000;

/** A data folder that this process holds. */
export interface FolderLock extends Disposable {
  /**
   * Whether no other process holds the folder, also none that is stopped. For a folder that is shared it
   * lets go of that for a moment. It is told of processes that the folder's file system knows.
   */
  isAlone(): boolean;
}

/**
 * Takes a data folder for this process, alone or with others that share it, until the lock is disposed of
 * or the process ends in whatever way: the lock is the operating system's, on the file `server.lock`, held
 * by an open transaction. Nothing else may open that file, since closing it would drop the lock.
 *
 * @param folder an existing folder; to be taken alone, on a local disk.
 * @returns the lock, which the caller disposes of after everything that works in the folder.
 * @throws {TinctError} failed_precondition when another server holds it (for "shared": alone) or the folder
 *   is missing, permission_denied.
 */
export function lockDataFolder(
  folder: string,
  sharing: "alone" | "shared" = "alone",
): FolderLock {
  const path = lockFile(folder);
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(path, { timeout: sharing === "alone" ? 0 : LOOK_TIMEOUT_MS });
    // In the write-ahead log's mode others could still read; the journal's lock excludes all.
    connection.prepare("PRAGMA journal_mode = DELETE").get();
    if (sharing === "alone") connection.prepare("BEGIN EXCLUSIVE").run();
    else share(connection);
  } catch (error) {
    connection?.close();
    throw describeTaken(folder, sharing, describeSqliteError(path, error));
  }
  const held = connection;
  let released = false;
  return {
    isAlone() {
      if (sharing === "alone") return true;
      try {
        return isFree(held);
      } catch (error) {
        throw describeTaken(folder, sharing, describeSqliteError(path, error));
      }
    },
    [Symbol.dispose]() {
      if (released) return;
      released = true;
      held.close();
    },
  };
}

/** Takes the lock of readers, which others may have, too. */
function share(connection: DatabaseSync): void {
  connection.prepare("BEGIN").run();
  connection.prepare("SELECT count(*) FROM sqlite_schema").get();
}

/** Whether nobody has the lock but this connection, which has it again afterwards. */
function isFree(connection: DatabaseSync): boolean {
  connection.exec("COMMIT");
  connection.exec("PRAGMA busy_timeout = 0");
  let isFree = true;
  try {
    connection.exec("BEGIN EXCLUSIVE");
    connection.exec("COMMIT");
  } catch {
    isFree = false;
  }
  connection.exec(`PRAGMA busy_timeout = ${LOOK_TIMEOUT_MS}`);
  share(connection);
  return isFree;
}

function describeTaken(folder: string, sharing: "alone" | "shared", error: unknown): unknown {
  if (!(error instanceof TinctError) || error.code !== "unavailable") return error;
  return new TinctError(
    "failed_precondition",
    sharing === "alone"
      ? `Another server is using ${folder}; stop it, or choose another data folder.`
      : `A server without --store is using ${folder}; stop it, or choose another data folder.`,
    { cause: error.cause },
  );
}
