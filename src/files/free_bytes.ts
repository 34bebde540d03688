import { statfs } from "node:fs/promises";

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
