import { createHash } from "node:crypto";
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemErrorName } from "../files/file_errors.ts";
import { fileFacts } from "../files/file_facts.ts";

/** The files of a folder and of all folders below it. */
export interface FolderListing {
  /** Names with "/" between folders, in the order of their code units. */
  readonly names: readonly string[];
  /** The size of each, in bytes. */
  readonly sizes: Float64Array;
  /** Of all of them together. */
  readonly sizeBytes: number;
  /** Another where any file has another name, size or time of change. */
  readonly stamp: string;
  /** The stamps of the folders, by name; the folder itself is "". See `folderStamp`. */
  readonly folders: ReadonlyMap<string, string>;
  /** Whether the folders had not changed for so long that a later change gives them other stamps. */
  readonly isSettled: boolean;
}

/** Files looked at at a time. */
const AHEAD = 32;

/** Clocks of file systems tick at least so often, in milliseconds. */
const TICK_MS = 100;

/**
 * Lists the files of a folder tree. Hidden ones (a leading dot) are left out, links are not followed,
 * and what goes meanwhile is passed over, as are names that are no UTF-8 and folders that this process
 * may not list: one folder of one dataset must not fail the list of all. A dataset's report names it.
 *
 * @param root the folder; one that is not there has no files.
 * @throws the signal's reason, soon after it is aborted.
 */
export async function listFolder(root: string, signal: AbortSignal): Promise<FolderListing> {
  const startMs = Date.now();
  const folders = new Map<string, string>();
  const found: { readonly name: string; readonly size: number; readonly times: string }[] = [];
  let isSettled = true;
  const left = [""];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    const path = join(root, at);
    // Its stamp comes first: what changes while it is read makes another.
    const known = await ifListable(fileFacts(path));
    if (known === undefined) continue;
    const { mtimeMs, ctimeMs } = known;
    isSettled &&= Math.max(mtimeMs, ctimeMs) < startMs - TICK_MS;
    folders.set(at, stampOf(known));
    const files: string[] = [];
    for (const entry of await ifListable(readdir(path, { withFileTypes: true })) ?? []) {
      if (entry.name.startsWith(".")) continue;
      const name = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) left.push(name);
      else if (entry.isFile()) files.push(name);
    }
    for (let from = 0; from < files.length; from += AHEAD) {
      signal.throwIfAborted();
      const some = files.slice(from, from + AHEAD);
      const stats = await Promise.all(some.map((name) => ifListable(fileFacts(join(root, name)))));
      for (const [index, file] of stats.entries()) {
        const name = some[index];
        if (file === undefined || name === undefined) continue;
        found.push({ name, size: file.size, times: stampOf(file) });
      }
    }
    signal.throwIfAborted();
  }
  found.sort((a, b) => a.name < b.name ? -1 : 1);
  const hash = createHash("sha256");
  for (const { name, size, times } of found) hash.update(`${name}\0${size}\0${times}\n`);
  for (const [name, stamp] of [...folders].sort()) hash.update(`${name}\0${stamp}\n`);
  return {
    names: found.map(({ name }) => name),
    sizes: Float64Array.from(found, ({ size }) => size),
    sizeBytes: found.reduce((sum, { size }) => sum + size, 0),
    stamp: hash.digest("base64url"),
    folders,
    isSettled,
  };
}

/** What tells a folder as it was listed from what it has become; undefined where it is gone. */
export async function folderStamp(path: string): Promise<string | undefined> {
  const found = await ifListable(fileFacts(path));
  return found && stampOf(found);
}

function stampOf({ mtimeMs, ctimeMs }: { readonly mtimeMs: number; readonly ctimeMs: number }) {
  return `${mtimeMs} ${ctimeMs}`;
}

/** What is gone, or what the system does not let be looked at, is undefined; other errors are thrown. */
async function ifListable<T extends { readonly mtimeMs: number } | Dirent[]>(
  found: Promise<T>,
): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (systemErrorName(error).startsWith("E")) return undefined;
    throw error;
  }
}
