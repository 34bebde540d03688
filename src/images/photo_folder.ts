import type { Dirent } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join, posix, sep } from "node:path";
import { TinctError } from "../errors.ts";
import { isNotUtf8, NOT_UTF8 } from "./names_not_utf8.ts";
import { describeOthers, otherFormatOf, type OtherFormats } from "./other_formats.ts";
import { formatOfExtension, PHOTO_EXTENSIONS } from "./photo_format.ts";
import { systemErrorName, systemReason } from "../files/file_errors.ts";

/** What a folder tree holds by name; nothing has been opened. */
export interface PhotoListing {
  /** The folder, absolute, links resolved. */
  readonly folder: string;
  /** Paths of the photos below it, with "/" between the parts, in the order of their code units. */
  readonly names: string[];
  /** Folders below it that could not be listed, and photos and folders whose names are no text. */
  readonly unreadable: Unreadable[];
  /** Pictures of formats that are not read. */
  readonly others: OtherFormats;
}

/** Something that was skipped, and why, to be read on after the name. */
export interface Unreadable {
  readonly name: string;
  readonly reason: string;
}

/**
 * Lists the photos of a folder and of all folders below it, by their extensions. The order is the
 * same on every machine, whatever its file system and language. Hidden files and folders (a leading
 * dot: trash, thumbnails, the "._" twins that macOS writes) are left out. Links are followed, but no
 * folder is listed twice, so a link to a folder above it ends there.
 *
 * @param options `stayWithin`: links that lead out of the folder are not followed but told of as
 *   unreadable; for folders whose owner may not read all that this process may. `mayBeEmpty`: a folder
 *   without a photo is no error. `shownAs`: what errors call it in place of its path, such as "the dataset roses".
 * @throws {TinctError} not_found, invalid_argument (a file, no photo in it), permission_denied.
 */
export async function listPhotos(
  folder: string,
  { signal, stayWithin = false, mayBeEmpty = false, shownAs }: {
    signal?: AbortSignal | undefined;
    stayWithin?: boolean | undefined;
    mayBeEmpty?: boolean | undefined;
    shownAs?: string | undefined;
  } = {},
): Promise<PhotoListing> {
  const called = shownAs === undefined ? `The folder ${folder}` : `The folder of ${shownAs}`;
  const root = await openRoot(folder, called);
  const names: string[] = [];
  const unreadable: Unreadable[] = [];
  const others = new Map<string, number>();
  const seen = new Set<string>();
  // Links wait until all real folders are listed, so that a photo keeps the name of its real place.
  const real = [""];
  const links: string[] = [];
  for (let at = real.pop() ?? links.shift(); at !== undefined; at = real.pop() ?? links.shift()) {
    signal?.throwIfAborted();
    try {
      const path = await realpath(join(root, at));
      if (seen.has(path)) continue;
      seen.add(path);
      const entries = (await readdir(path, { withFileTypes: true })).sort(byName);
      for (const entry of entries.filter(({ name }) => !name.startsWith("."))) {
        const name = posix.join(at, entry.name);
        if (isNotUtf8(entry.name) && !(await isThere(join(root, name)))) {
          if (entry.isDirectory() || mayBePhoto(entry)) {
            unreadable.push({ name: entry.isDirectory() ? `${name}/` : name, reason: NOT_UTF8 });
          }
        } else if (stayWithin && entry.isSymbolicLink() && await leadsOut(root, name)) {
          unreadable.push({ name, reason: "is a link that leads out of the folder" });
        } else if (entry.isDirectory()) real.push(name);
        else if (entry.isSymbolicLink() && (await isFolder(join(root, name)))) links.push(name);
        else if (mayBePhoto(entry)) names.push(name);
        else {
          const format = entry.isFile() ? otherFormatOf(name) : undefined;
          if (format !== undefined) others.set(format, (others.get(format) ?? 0) + 1);
        }
      }
    } catch (error) {
      if (at === "") throw listingError(called, error);
      unreadable.push({ name: `${at}/`, reason: `cannot be listed (${systemReason(error)})` });
    }
  }
  const odd = unreadable.find(({ reason }) => reason === NOT_UTF8);
  if (names.length === 0 && odd !== undefined && !mayBeEmpty) {
    throw new TinctError("invalid_argument", `${join(shownAs ?? folder, odd.name)} ${NOT_UTF8}.`);
  }
  if (names.length === 0 && !mayBeEmpty) {
    throw new TinctError(
      "invalid_argument",
      `There is no photo in ${
        shownAs ?? folder
      }, nor in the folders below it; a photo's name ends in ` +
        [`${PHOTO_EXTENSIONS.join(", ")}.`, describeOthers(others)].join(" ").trimEnd(),
    );
  }
  return { folder: root, names: names.sort(), unreadable, others };
}

async function openRoot(folder: string, called: string): Promise<string> {
  try {
    if ((await stat(folder)).isDirectory()) return await realpath(folder);
  } catch (error) {
    throw listingError(called, error);
  }
  throw new TinctError(
    "invalid_argument",
    `${called} is a file; give the folder that holds the photos.`,
  );
}

function listingError(called: string, error: unknown): TinctError {
  const code = systemErrorName(error);
  if (code === "ENOENT" || code === "ENOTDIR") {
    if (isNotUtf8(called)) return new TinctError("not_found", `${called} ${NOT_UTF8}.`);
    return new TinctError("not_found", `${called} does not exist; check its path.`, {
      cause: error,
    });
  }
  return new TinctError(
    "permission_denied",
    `${called} cannot be listed (${systemReason(error)}); check its permissions.`,
    { cause: error },
  );
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // A broken link: if its name is a photo's it is listed, and reading it will say what is wrong.
    return false;
  }
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(() => true, () => false);
}

/**
 * Whether a name below a folder is a link that leads out of it. A broken link leads nowhere; reading it
 * will say what is wrong.
 *
 * @param root the folder, links resolved.
 */
export async function leadsOut(root: string, name: string): Promise<boolean> {
  const path = await realpath(join(root, name)).catch(() => undefined);
  return path !== undefined && !`${path}${sep}`.startsWith(`${root}${sep}`);
}

/** Pipes and devices are not: to open one could wait for ever. */
function mayBePhoto(entry: Dirent): boolean {
  return (entry.isFile() || entry.isSymbolicLink()) && formatOfExtension(entry.name) !== undefined;
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
