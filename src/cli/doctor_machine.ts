import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { freeBytes as freeBytesAt } from "../files/free_bytes.ts";

/** The free space, in bytes, of the disk that a folder is on, or will be on. */
export async function freeBytes(folder: string): Promise<number> {
  for (let path = resolve(folder);; path = dirname(path)) {
    const isThere = await stat(path).then(() => true, () => false);
    if (!isThere && path !== dirname(path)) continue;
    return await freeBytesAt(path);
  }
}
