import { readFile, stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** The version of NVIDIA's driver, such as "550.54.15"; undefined where there is none. */
export async function readNvidiaDriver(): Promise<string | undefined> {
  const text = await readFile("/proc/driver/nvidia/version", "utf8").catch(() => "");
  const version = / (\d+\.\d+(?:\.\d+)?) /.exec(text.split("\n")[0] ?? "")?.[1];
  if (version !== undefined) return version;
  const isInWindows = await stat("/usr/lib/wsl/lib/libcuda.so.1").then(() => true, () => false);
  return isInWindows ? "of Windows" : undefined;
}

/** The free space, in bytes, of the disk that a folder is on, or will be on. */
export async function freeBytes(folder: string): Promise<number> {
  for (let path = resolve(folder);; path = dirname(path)) {
    const isThere = await stat(path).then(() => true, () => false);
    if (!isThere && path !== dirname(path)) continue;
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  }
}
