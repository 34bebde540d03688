import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "./durable_file.ts";
import { pathExists } from "./temporary_names.ts";

/** Hidden folders on their way out: what follows is the name they had. */
const PREFIX = ".deleted-";

/**
 * Removes a folder together with what the store says of it, so that a server that dies meanwhile
 * leaves both or neither: the folder is hidden, the store forgets it, the folder goes. What is left
 * of that is settled by `settleRemovals`.
 *
 * @param folder one that is not there is no error.
 * @param forget has the store forget it; where it throws, the folder is back.
 */
export async function removeKnown(folder: string, forget: () => Promise<unknown>): Promise<void> {
  const hidden = join(dirname(folder), PREFIX + basename(folder));
  if (!(await pathExists(folder))) return void await forget();
  await rm(hidden, { recursive: true, force: true });
  await rename(folder, hidden);
  await syncFolder(dirname(folder));
  try {
    await forget();
  } catch (error) {
    await rename(hidden, folder);
    throw error;
  }
  await rm(hidden, { recursive: true, force: true });
}

/**
 * Ends what a dead server began: folders that the store has forgotten go, the others come back.
 *
 * @param parent an existing folder.
 * @param isKnown whether the store knows the folder of this name.
 */
export async function settleRemovals(
  parent: string,
  isKnown: (name: string) => Promise<boolean>,
): Promise<void> {
  for (const entry of await readdir(parent)) {
    if (!entry.startsWith(PREFIX)) continue;
    const hidden = join(parent, entry);
    const name = entry.slice(PREFIX.length);
    const folder = join(parent, name);
    if (await isKnown(name) && !(await pathExists(folder))) await rename(hidden, folder);
    else await rm(hidden, { recursive: true, force: true });
  }
}
