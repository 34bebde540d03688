import { realpath, stat } from "node:fs/promises";
import { basename, extname, isAbsolute, join, relative, sep } from "node:path";
import { listPhotos } from "../images/photo_folder.ts";

/** A photo that was named on the command line, itself or by its folder. */
export interface PhotoInput {
  /** As it is told to the person. */
  readonly name: string;
  readonly path: string;
  /** Where its result goes, below the folder of results, without an extension; no two are the same. */
  readonly stem: string;
}

/** What the command line named. */
export interface PhotoInputs {
  readonly photos: readonly PhotoInput[];
  /** Folders that could not be listed, each a sentence. */
  readonly unlisted: readonly string[];
}

/**
 * Finds the photos. Those of a folder keep their places below it; what lies in the folder of results
 * is left out, or a second call would take the results of the first for photos. A photo of a name
 * that is taken already gets a number after it.
 *
 * @param operands paths of photos and folders. One that does not exist is taken for a photo, and
 *   reading it will say so.
 * @param options `outFolder`: the folder of results, which need not exist; `keepsExtensions`: whether
 *   results have their photos' extensions, so that names that differ in them alone are two.
 * @throws {TinctError} as `listPhotos` does.
 */
export async function findPhotos(
  operands: readonly string[],
  { outFolder, keepsExtensions, signal }: {
    readonly outFolder: string;
    readonly keepsExtensions: boolean;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<PhotoInputs> {
  const results = await realpathIfThere(outFolder);
  const photos: PhotoInput[] = [];
  const unlisted: string[] = [];
  const seen = new Set<string>();
  const taken = new Set<string>();
  const add = async (path: string, place: string, name: string) => {
    const real = await realpathIfThere(path) ?? path;
    if (seen.has(real)) return; // named twice
    seen.add(real);
    const extension = extname(place);
    const stem = place.slice(0, place.length - extension.length);
    // Some file systems do not tell "A" from "a".
    const key = (stem: string) => `${stem}${keepsExtensions ? extension : ""}`.toLowerCase();
    let free = stem;
    for (let number = 2; taken.has(key(free)); number++) free = `${stem}-${number}`;
    taken.add(key(free));
    photos.push({ name, path, stem: free });
  };
  for (const operand of operands) {
    if (!(await isFolder(operand))) {
      await add(operand, basename(operand), operand);
      continue;
    }
    const listing = await listPhotos(operand, { signal });
    for (const name of listing.names) {
      const path = join(listing.folder, name);
      if (results === undefined || !lies(path, results)) await add(path, name, join(operand, name));
    }
    for (const { name, reason } of listing.unreadable) {
      unlisted.push(`${join(operand, name)} ${reason}.`);
    }
  }
  return { photos, unlisted };
}

async function realpathIfThere(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch {
    return undefined; // nothing lies in it
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false; // reading it will say why
  }
}

/** Whether a path lies in a folder; both without links. */
function lies(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
