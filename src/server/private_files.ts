import { chmod, lstat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

/** Folders and files of the server's own in the data folder. */
const folders = ["jobs", "prepared", "models", "datasets"];
const files = ["tinct.db", "tinct.db-wal", "tinct.db-shm", "server.lock"];

/**
 * Takes from others what a server before this one had let them read. The data folder itself is left
 * as it is: it may be somebody else's, and what is new in it is private by this process's umask.
 *
 * @param dataFolder absolute.
 */
export async function makePrivate(dataFolder: string): Promise<void> {
  for (const name of [...folders, ...files]) {
    const path = join(dataFolder, name);
    const found = await lstat(path).catch(() => undefined); // not there, or not to be seen
    if (found === undefined || found.isSymbolicLink() || (found.mode & 0o077) === 0) continue;
    if (found.uid !== process.getuid?.()) continue;
    await chmod(path, found.mode & 0o700);
  }
}
