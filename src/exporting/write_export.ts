import { join } from "node:path";
import { TinctError } from "../errors.ts";
import { writeFolderAtomically } from "../files/atomic_write.ts";
import { filesIn, isFolder, isThere } from "../files/folder_tree.ts";
import { makeFolder } from "../files/make_folder.ts";
import type { ExportedFile } from "./exported_file.ts";
import { CARD, exportedPaths } from "./export_model.ts";

/** Where an export goes. */
interface ExportPlace {
  /** The folder that the model's own is in; made where it is missing. */
  readonly folder: string;
  /** The name of the model's own folder. */
  readonly name: string;
  /** Whether an export that is there is replaced. */
  readonly replaces: boolean;
}

/**
 * Refuses a place where something is that would be lost.
 *
 * @throws {TinctError} already_exists.
 */
export async function requirePlace({ folder, name, replaces }: ExportPlace): Promise<void> {
  const target = join(folder, name);
  if (!isThere(target)) return;
  if (!replaces) {
    throw new TinctError(
      "already_exists",
      `${target} exists already: give another --out or --name, or --force to replace it.`,
    );
  }
  const elsewhere = "give another --out or --name, or move it away.";
  const refuse = (what: string) =>
    new TinctError("already_exists", `${target} ${what}${elsewhere}`);
  if (!(await isFolder(target))) throw refuse("is no folder that an export wrote: ");
  const files = await filesIn(target);
  const other = files.find((path) => !exportedPaths.includes(path));
  if (other !== undefined) {
    throw refuse(`has ${other}, which no export wrote, and --force would remove it: `);
  }
  const isExport = files.length === 0 || files.some((path) => path !== CARD);
  if (!isExport) throw refuse(`has ${CARD} but no model, so no export wrote it: `);
}

/**
 * Writes an export's files into a folder that appears whole or not at all.
 *
 * @returns the folder.
 * @throws {TinctError} already_exists, as `requirePlace`; resource_exhausted when the disk is full,
 *   permission_denied; what reading the files throws; the signal's reason.
 */
export async function writeExport(
  files: readonly ExportedFile[],
  place: ExportPlace,
  signal?: AbortSignal,
): Promise<string> {
  const target = join(place.folder, place.name);
  await makeFolder(place.folder);
  await requirePlace(place);
  await writeFolderAtomically(target, async (folder) => {
    for (const { path, pieces } of files) {
      await folder.writeFile(path, async (file) => {
        for await (const piece of pieces(signal)) await file.write(piece);
      });
    }
    await requirePlace(place); // of what came meanwhile
  }, { signal, replaces: place.replaces });
  return target;
}
