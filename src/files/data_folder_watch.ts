import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { databaseFile } from "./data_folder.ts";

/** How often the folder is looked at, in milliseconds. */
const LOOK_MS = 1000;

/**
 * Watches whether the data folder is still the one that the server began with: it may be deleted,
 * moved away or unmounted under a running server, which then has no ground to stand on.
 */
export class DataFolderWatch implements Disposable {
  readonly #paths: readonly string[];
  readonly #known: readonly (Stats | undefined)[];
  readonly #onChange: (isThere: boolean) => void;
  #isThere = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    paths: readonly string[],
    known: readonly (Stats | undefined)[],
    onChange: (isThere: boolean) => void,
  ) {
    this.#paths = paths;
    this.#known = known;
    this.#onChange = onChange;
    this.#lookLater();
  }

  /** @param onChange is told when the folder or its database is gone or another, and when it is back. */
  static async begin(
    dataFolder: string,
    onChange: (isThere: boolean) => void,
  ): Promise<DataFolderWatch> {
    const paths = [dataFolder, databaseFile(dataFolder)];
    return new DataFolderWatch(paths, await Promise.all(paths.map(look)), onChange);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #lookLater(): void {
    const timer = setTimeout(async () => {
      const found = await Promise.all(this.#paths.map(look));
      if (this.#timer !== timer) return; // disposed of meanwhile
      const isThere = found.every((now, index) => isSame(now, this.#known[index]));
      if (isThere !== this.#isThere) this.#onChange(isThere);
      this.#isThere = isThere;
      this.#lookLater();
    }, LOOK_MS);
    this.#timer = timer;
  }
}

async function look(path: string): Promise<Stats | undefined> {
  return await stat(path).catch(() => undefined); // whatever keeps it from us, it is not there
}

function isSame(now: Stats | undefined, before: Stats | undefined): boolean {
  return now?.ino === before?.ino && now?.dev === before?.dev;
}
