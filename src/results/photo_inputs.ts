import { realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";
import { type LeftOfNames, type NamedPhoto, walkNamedPhotos } from "../images/named_photos.ts";
import { shown } from "../shown.ts";

/** A photo that was named on the command line, itself or by its folder; its name is as it is told. */
export interface PhotoInput extends NamedPhoto {
  /** Its path with links resolved; `path` where it leads nowhere. No two inputs have the same. */
  readonly realPath: string;
}

/** What the command line named. */
interface PhotoInputs extends LeftOfNames {
  readonly photos: readonly PhotoInput[];
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
  const onPhoto = async ({ path, place, name }: NamedPhoto, isFound: boolean) => {
    if (isFound && results !== undefined && lies(path, results)) return;
    const realPath = await realpathIfThere(path) ?? path;
    if (photos.has(realPath)) return; // named twice
    photos.set(realPath, { name: shown(name), path, realPath, place });
  };
  const { unlisted, leftOut } = await walkNamedPhotos(operands, { isFolder, onPhoto, signal });
  return { photos: [...photos.values()], unlisted: unlisted.map(shown), leftOut };
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
