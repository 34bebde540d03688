import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { errorName, type InstallRecord, RECORD_NAME } from "./install_record.ts";

/** An unfinished installation that nobody has written to for so long belongs to no living process. */
const LEFTOVER_AGE_MS = 60 * 60 * 1000;

/**
 * An installation in the making: a hidden folder beside the place it will have. Disposing removes
 * whatever has not been published.
 */
export class UnfinishedInstall implements AsyncDisposable {
  readonly #root: string;
  readonly #target: string;

  private constructor(root: string, target: string) {
    this.#root = root;
    this.#target = target;
  }

  /**
   * Makes an empty one, and removes those that dead processes left behind.
   *
   * @param target the folder that the installation will have.
   * @throws a system error when the folder above may not be written.
   */
  static async begin(target: string): Promise<UnfinishedInstall> {
    const cacheFolder = dirname(target);
    const prefix = `.${basename(target)}.partial-`;
    await mkdir(cacheFolder, { recursive: true });
    for (const name of await readdir(cacheFolder)) {
      if (name.startsWith(prefix)) await removeLeftover(join(cacheFolder, name));
    }
    const unique = `${prefix}${process.pid}-${randomBytes(4).toString("hex")}`;
    const install = new UnfinishedInstall(join(cacheFolder, unique), target);
    await mkdir(install.path, { recursive: true });
    return install;
  }

  /** Takes the installation's files. */
  get path(): string {
    return join(this.#root, "install");
  }

  /** Makes an empty folder on the same disk, for one wheel on its way; it goes when disposed of. */
  async workFolder(name: string): Promise<AsyncDisposable & { readonly path: string }> {
    const path = join(this.#root, name);
    await mkdir(path);
    return {
      path,
      [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
    };
  }

  /** Adds the record, and puts everything but the files' content on the disk (fsync). */
  async finish(record: InstallRecord): Promise<void> {
    const folders = new Set(record.files.flatMap(({ path }) => foldersOf(path)));
    if (folders.has("nvidia/cudnn") && folders.has("nvidia/cuda_nvrtc")) {
      // cuDNN's run path says ../../nvrtc/lib, but the wheel of nvrtc calls its folder cuda_nvrtc.
      await symlink("cuda_nvrtc", join(this.path, "nvidia/nvrtc"));
    }
    const recordPath = join(this.path, RECORD_NAME);
    await writeFile(recordPath, JSON.stringify(record, null, 2) + "\n", { flag: "wx" });
    await sync(recordPath);
    for (const folder of folders) await sync(join(this.path, folder));
    await sync(this.path);
  }

  /**
   * Gives the finished installation its name.
   *
   * @param isComplete whether what stands under that name is an installation to keep; what is
   *   damaged goes.
   * @returns false when another process has been faster, whose installation then stays.
   */
  async publish(isComplete: () => boolean): Promise<boolean> {
    for (let attempt = 0;; attempt++) {
      try {
        await rename(this.path, this.#target);
        await sync(dirname(this.#target));
        return true;
      } catch (error) {
        const isTaken = ["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(errorName(error));
        if (!isTaken || attempt > 2) throw error;
      }
      if (isComplete()) return false;
      await rename(this.#target, join(this.#root, `damaged-${attempt}`)).catch((error: unknown) => {
        if (errorName(error) !== "ENOENT") throw error; // another process has moved it
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#root, { recursive: true, force: true });
  }
}

async function removeLeftover(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true }).catch(() => []); // gone meanwhile
  for (const path of [folder, ...names.map((name) => join(folder, name))]) {
    const changedMs = await stat(path).then((stats) => stats.mtimeMs, () => 0);
    if (Date.now() - changedMs < LEFTOVER_AGE_MS) return;
  }
  await rm(folder, { recursive: true, force: true });
}

/** The folders above a relative path, the nearest first. */
function foldersOf(path: string): string[] {
  const folder = dirname(path);
  return folder === "." ? [] : [folder, ...foldersOf(folder)];
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
