import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** Names of the folders in a folder. */
export async function foldersIn(parent: string): Promise<string[]> {
  const entries = await readdir(parent, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** The paths of all that is in a folder and in those below it, but folders; with "/" between names. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join("/"));
}

/** Whether a path leads to something; what cannot be seen is not there. */
export function isThere(path: string): boolean {
  return existsSync(path);
}

/** Whether a folder lies at a path, or is linked from there. */
export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}

/** Removes a file, or a folder and all in it; what is not there is no error. */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
