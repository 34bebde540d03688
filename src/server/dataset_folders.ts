import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { TinctError } from "../errors.ts";
import { requireName } from "../jobs/names.ts";
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

  /** The folder that someone put under the data root, or undefined where there is none. */
  async placed(name: string): Promise<string | undefined> {
    requireName("dataset", name);
    const folder = join(this.#root, name);
    const found = await stat(folder).catch(() => undefined);
    return found?.isDirectory() ? folder : undefined;
  }

  /** The names of the folders under the data root. */
  async placedNames(): Promise<string[]> {
    const entries = await readdir(this.#root, { withFileTypes: true }).catch(() => []);
    const names = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name).filter(isName);
    const placed = await Promise.all(names.map((name) => this.placed(name)));
    return names.filter((_, index) => placed[index] !== undefined).sort();
  }

  /**
   * Where the photos of a dataset lie that jobs may use.
   *
   * @throws {TinctError} invalid_argument for what is no name; not_found; failed_precondition while
   *   it is uploaded.
   */
  async folderOf(name: string): Promise<string> {
    const placed = await this.placed(name);
    if (placed !== undefined) return placed;
    const { state } = await this.#store.datasets.get(name);
    if (state === "READY") return this.upload(name).path;
    throw new TinctError(
      "failed_precondition",
      `The dataset ${name} is ${state}: finish its upload first.`,
    );
  }
}

function isName(name: string): boolean {
  try {
    requireName("dataset", name);
    return true;
  } catch (error) {
    if (error instanceof TinctError) return false;
    throw error;
  }
}
