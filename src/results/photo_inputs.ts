import { realpath, stat } from "node:fs/promises";
import { basename, isAbsolute, join, relative, sep } from "node:path";
import { describeOthers } from "../images/other_formats.ts";
import { listPhotos } from "../images/photo_folder.ts";
import { shown } from "../shown.ts";

/** A photo that was named on the command line, itself or by its folder. */
export interface PhotoInput {
  /** As it is told to the person: no control characters. */
  readonly name: string;
  readonly path: string;
  /** Its path with links resolved; `path` where it leads nowhere. No two inputs have the same. */
  readonly realPath: string;
  /** Where it lies below the folder that was named; of a photo that was named itself its file name. */
  readonly place: string;
}

/** What the command line named. */
interface PhotoInputs {
  readonly photos: readonly PhotoInput[];
  /** What could not be listed, each a sentence. */
  readonly unlisted: readonly string[];
  /** What of the folders was left out for its format, a sentence; undefined: nothing. */
  readonly leftOut: string | undefined;
}

/**
 * Finds the photos, each once. What lies in the folder of results is left out, or a second call would
 * take the results of the first for photos.
 *
 * @param operands paths of photos and folders. One that does not exist is taken for a photo, and
 *   reading it will say so.
 * @param options `outFolder`: the folder of results, which need not exist.
 * @throws {TinctError} as `listPhotos` does.
 */
export async function findPhotos(
  operands: readonly string[],
  { outFolder, signal }: {
    readonly outFolder: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<PhotoInputs> {
  const results = await realpathIfThere(outFolder);
  const photos = new Map<string, PhotoInput>();
  const unlisted: string[] = [];
  const others = new Map<string, number>();
  const add = async (path: string, place: string, name: string) => {
    const realPath = await realpathIfThere(path) ?? path;
    if (photos.has(realPath)) return; // named twice
    photos.set(realPath, { name: shown(name), path, realPath, place });
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
    for (const [format, count] of listing.others) {
      others.set(format, (others.get(format) ?? 0) + count);
    }
    for (const { name, reason } of listing.unreadable) {
      unlisted.push(shown(`${join(operand, name)} ${reason}.`));
    }
  }
  return { photos: [...photos.values()], unlisted, leftOut: describeOthers(others) };
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
