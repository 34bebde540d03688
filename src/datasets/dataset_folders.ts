import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { TinctError } from "../errors.ts";
import { systemErrorName } from "../files/file_errors.ts";
import { nameMisfit, requireName } from "../jobs/names.ts";
import type { Store } from "../jobs/store.ts";
import { UploadFolder } from "./upload_folder.ts";

/** Where datasets lie: those that were uploaded, and folders that someone put there. */
export class DatasetFolders {
  readonly #store: Store;
  readonly #uploads: string;
  readonly #root: string;

  /**
   * @param store knows the uploaded ones; is used, not owned.
   * @param folders absolute. `uploads`: where uploads go. `root`: the data root; each folder in it
   *   is a dataset.
   */
  constructor(store: Store, { uploads, root }: { uploads: string; root: string }) {
    this.#store = store;
    this.#uploads = uploads;
    this.#root = root;
  }

  /** The folder of an uploaded dataset. @throws {TinctError} invalid_argument for what is no name. */
  upload(name: string): UploadFolder {
    requireName("dataset", name);
    return new UploadFolder(join(this.#uploads, name));
  }

  /**
   * The folder that someone put under the data root, or undefined where there is none.
   *
   * @throws {TinctError} invalid_argument for what is no name; permission_denied for a link that
   *   leads out of the data root.
   */
  async placed(name: string): Promise<string | undefined> {
    requireName("dataset", name);
    const folder = join(this.#root, name);
    const found = await stat(folder).catch(() => undefined);
    if (!found?.isDirectory()) return undefined;
    const isWithin = await this.#isWithin(folder);
    if (isWithin === undefined) return undefined;
    if (isWithin) return folder;
    throw new TinctError(
      "permission_denied",
      `The dataset ${name} is a link that leads out of the data root; move its photos there, or ` +
        "start the server with another --photos.",
    );
  }

  /**
   * The names of the folders under the data root; none where there is no such root.
   *
   * @throws {TinctError} unavailable where it cannot be listed.
   */
  async placedNames(): Promise<string[]> {
    const entries = await this.#entries();
    const names = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name).filter((name) => nameMisfit(name) === undefined);
    const isPlaced = await Promise.all(names.map(async (name) => {
      const found = await stat(join(this.#root, name)).catch(() => undefined);
      return found?.isDirectory() && await this.#isWithin(join(this.#root, name));
    }));
    return names.filter((_, index) => isPlaced[index]).sort();
  }

  /** Folders under the data root that are no datasets, since their names are none; hidden ones left out. */
  async misnamed(): Promise<string[]> {
    const entries = await this.#entries();
    return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => name).filter((name) => nameMisfit(name) !== undefined).sort();
  }

  async #entries(): Promise<Dirent[]> {
    try {
      return await readdir(this.#root, { withFileTypes: true });
    } catch (cause) {
      if (systemErrorName(cause) === "ENOENT") return [];
      throw new TinctError(
        "unavailable",
        "The server cannot list its folder of datasets; its operator has to check that.",
        { cause },
      );
    }
  }

  /** Whether a folder, links resolved, lies below the data root; undefined where it is gone by now. */
  async #isWithin(folder: string): Promise<boolean | undefined> {
    const [real, root] = await Promise.all(
      [folder, this.#root].map((path) => realpath(path).catch(() => undefined)),
    );
    return real === undefined || root === undefined ? undefined : real.startsWith(`${root}${sep}`);
  }

  /**
   * Where the photos of a dataset lie that jobs may use.
   *
   * @throws {TinctError} invalid_argument for what is no name; not_found; permission_denied for a link
   *   that leads out; failed_precondition while it is uploaded.
   */
  async folderOf(name: string): Promise<string> {
    const placed = await this.placed(name);
    if (placed !== undefined) return placed;
    const { state } = await this.#store.datasets.get(name);
    if (state === "READY") {
      const folder = this.upload(name);
      await folder.requireReal();
      return folder.path;
    }
    throw new TinctError(
      "failed_precondition",
      `The dataset ${name} is ${state}: finish its upload first.`,
    );
  }
}
