import { randomBytes } from "node:crypto";
import { lstat, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { syncFolder } from "./durable_file.ts";
import { reading, systemErrorName, writing } from "./file_errors.ts";

/**
 * What a hidden name beside the real one is for: `tmp` is unfinished or on its way out and can go;
 * `old` is a sound folder that a new one is about to replace.
 */
type TemporaryKind = "tmp" | "old";

/** What is unfinished bears its target's name only where another writer, or an older one, made it. */
const TEMPORARY_NAME =
  /^\.(?:tinct-tmp|(?<target>.+)\.(?<kind>tmp|old))-(?<pid>\d{1,10})-[0-9a-f]{8}$/;

// What this process is writing right now, by absolute path. A pid alone does not tell: in
// containers every run has the same one.
const inUse = new Set<string>();

/** The end of a name that no other process makes, and this one only once: "4711-9f86d081". */
export function uniqueEnding(): string {
  return `${process.pid}-${randomBytes(4).toString("hex")}`;
}

/**
 * A fresh hidden name beside a path, such as `.tinct-tmp-4711-9f86d081`, taken until it is disposed
 * of. Disposing gives up the name, not the file: remove or rename that first.
 *
 * A target may have a name as long as the file system allows, so the name of what is unfinished does
 * not depend on it. Only a folder that is moved aside bears its target's name, by which it finds back;
 * those folders are named by this program.
 */
export class TemporaryName implements Disposable {
  readonly path: string;

  constructor(target: string, kind: TemporaryKind) {
    const of = kind === "old" ? `${basename(target)}.` : "tinct-";
    const name = `.${of}${kind}-${uniqueEnding()}`;
    this.path = resolve(dirname(target), name);
    inUse.add(this.path);
  }

  [Symbol.dispose](): void {
    inUse.delete(this.path);
  }
}

/**
 * Tidies up after writers that died: what was unfinished is removed, and a folder that had been
 * moved aside for a new one which never came is moved back. Nothing else is touched, nor is what a
 * living process of this machine is writing.
 *
 * @returns the names it found and dealt with.
 * @throws {TinctError} when the folder cannot be read or changed.
 */
export async function removeLeftovers(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await reading(folder, readdir(folder))) {
    const groups = TEMPORARY_NAME.exec(name)?.groups;
    const path = resolve(folder, name);
    if (groups === undefined || inUse.has(path)) continue;
    const pid = Number(groups.pid);
    if (pid !== process.pid && isRunning(pid)) continue;
    const target = join(folder, groups.target ?? "");
    if (groups.kind === "old" && !(await pathExists(target))) {
      await writing(target, rename(path, target));
      await syncFolder(folder);
    } else {
      await writing(path, rm(path, { recursive: true, force: true }));
    }
    found.push(name);
  }
  return found;
}

/** Whether there is anything at a path, a broken link included. */
export async function pathExists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemErrorName(error) === "ENOENT") return false;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is another user's. Anything else, such as a worker that may not ask
    // (no --allow-run), counts as dead: one process at a time writes to a run.
    return systemErrorName(error) === "EPERM";
  }
}
