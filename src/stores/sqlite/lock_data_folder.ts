import { DatabaseSync } from "node:sqlite";
import { lockFile } from "../../files/data_folder.ts";
import { TinctError } from "../../errors.ts";
import { describeSqliteError } from "./sqlite_errors.ts";

/** Who else may use the folder at the same time. */
type Sharing = "alone" | "shared";

/**
 * Takes a data folder for this process, alone or with others that share it, until the lock is disposed of or the process ends in
 * whatever way: the lock is the operating system's, on the file `server.lock`, held by an open
 * transaction. Nothing else may open that file, since closing it would drop the lock.
 *
 * @param folder an existing folder; to be taken alone, on a local disk.
 * @returns the lock, which the caller disposes of after everything that works in the folder.
 * @throws {TinctError} failed_precondition when another server holds it (for "shared": alone) or the folder
 *   is missing, permission_denied.
 */
export function lockDataFolder(folder: string, sharing: Sharing = "alone"): Disposable {
  const path = lockFile(folder);
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(path, { timeout: 0 });
    // In the write-ahead log's mode others could still read; the journal's lock excludes all.
    connection.prepare("PRAGMA journal_mode = DELETE").get();
    if (sharing === "alone") connection.prepare("BEGIN EXCLUSIVE").run();
    else {
      connection.prepare("BEGIN").run();
      connection.prepare("SELECT count(*) FROM sqlite_schema").get(); // takes the lock of readers
    }
  } catch (error) {
    connection?.close();
    const described = describeSqliteError(path, error);
    if (described instanceof TinctError && described.code === "unavailable") {
      throw new TinctError(
        "failed_precondition",
        sharing === "alone"
          ? `Another server is using ${folder}; stop it, or choose another data folder.`
          : `A server without --store is using ${folder}; stop it, or choose another data folder.`,
        { cause: error },
      );
    }
    throw described;
  }
  const held = connection;
  let released = false;
  return {
    [Symbol.dispose]() {
      if (released) return;
      released = true;
      held.close();
    },
  };
}
