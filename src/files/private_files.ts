import { chmod, lstat } from "node:fs/promises";
import process from "node:process";
import { lastingPaths } from "./data_folder.ts";

/**
 * Takes from others what a server before this one had let them read. The data folder itself is left
 * as it is: it may be somebody else's, and what is new in it is private by this process's umask.
 *
 * @param dataFolder absolute.
 */
export async function makePrivate(dataFolder: string): Promise<void> {
  for (const path of lastingPaths(dataFolder)) {
    const found = await lstat(path).catch(() => undefined); // not there, or not to be seen
    if (found === undefined || found.isSymbolicLink() || (found.mode & 0o077) === 0) continue;
    if (found.uid !== process.getuid?.()) continue;
    await chmod(path, found.mode & 0o700);
  }
}
