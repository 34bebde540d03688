import { stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * What this user may still write on a disk.
 *
 * @param path a file or folder on it, which exists.
 * @throws the system's errors as they are; NotCapable where a worker lacks --allow-sys=statfs.
 */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** The same of the disk that a folder is on, or will be on once it is made. */
export async function freeBytesForFolder(folder: string): Promise<number> {
  for (let path = resolve(folder);; path = dirname(path)) {
    const isThere = await stat(path).then(() => true, () => false);
    if (isThere || path === dirname(path)) return await freeBytes(path);
  }
}
