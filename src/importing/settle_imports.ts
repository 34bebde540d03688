import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { importsFolder, isImportedPath, modelPath, modelsFolder } from "../files/data_folder.ts";
import { foldersIn, isThere, removeTree } from "../files/folder_tree.ts";
import { ensureFolder } from "../files/make_folder.ts";
import type { Store } from "../jobs/store.ts";

/** The file in an imported version's folder that is there until the store knows the version. */
export const UNCLAIMED = "unclaimed";

/**
 * Ends what a dead server began: what had arrived of imports goes, and files of versions that never
 * came to be. A folder without the mark is left alone, whatever the store knows.
 */
export async function settleImports(
  store: Pick<Store, "models">,
  dataFolder: string,
): Promise<void> {
  const arrived = importsFolder(dataFolder);
  await removeTree(arrived);
  await ensureFolder(arrived);
  const models = modelsFolder(dataFolder);
  for (const name of await foldersIn(models)) {
    for (const each of await foldersIn(join(models, name))) {
      const folder = join(models, name, each);
      const mark = join(folder, UNCLAIMED);
      if (!isImportedPath(folder) || !isThere(mark)) continue;
      const isKnown = (await store.models.at(join(modelPath(name), basename(folder)))).length > 0;
      await (isKnown ? rm(mark) : removeTree(folder));
    }
  }
}
