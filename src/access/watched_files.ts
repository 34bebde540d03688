import { readFile, stat } from "node:fs/promises";
import { messageOf } from "../errors.ts";
import { reading } from "../files/file_errors.ts";

/** Between two looks at the files. */
const LOOK_EVERY_MS = 1000;

/**
 * Files that may change while the server runs, such as certificates that are renewed. They are looked
 * at by their times and sizes, since a mounted secret changes by a symbolic link far above it. A change
 * of who may read them counts, too.
 */
export class WatchedFiles implements Disposable {
  readonly #paths: readonly string[];
  readonly #timer: NodeJS.Timeout;
  readonly #onChange: (contents: readonly Buffer[]) => void;
  readonly #onError: (message: string, cause: unknown) => void;
  #stamp: string;
  #isLooking = false;

  private constructor(
    paths: readonly string[],
    stamp: string,
    onChange: (contents: readonly Buffer[]) => void,
    onError: (message: string, cause: unknown) => void,
  ) {
    this.#paths = paths;
    this.#stamp = stamp;
    this.#onChange = onChange;
    this.#onError = onError;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /**
   * Reads the files and begins to watch them.
   *
   * @param take is given their contents, now and after every change; what it throws now is thrown,
   *   what it throws later is told to `onError`, and the contents before stay in force.
   * @throws {TinctError} as `reading`, where one cannot be read.
   */
  static async open(
    paths: readonly string[],
    take: (contents: readonly Buffer[]) => void,
    onError: (message: string, cause: unknown) => void,
  ): Promise<WatchedFiles> {
    const stamp = await stampOf(paths);
    take(await readAll(paths));
    return new WatchedFiles(paths, stamp, take, onError);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const stamp = await stampOf(this.#paths);
      if (stamp === this.#stamp) return;
      this.#stamp = stamp; // also where it fails, so that it is told once
      this.#onChange(await readAll(this.#paths));
    } catch (error) {
      const names = this.#paths.join(", ");
      this.#onError(
        `${names} changed and cannot be used (${messageOf(error)}); the previous ones stay in use.`,
        error,
      );
    } finally {
      this.#isLooking = false;
    }
  }
}

async function stampOf(paths: readonly string[]): Promise<string> {
  const stamps = await Promise.all(paths.map(async (path) => {
    const found = await stat(path).catch(() => undefined);
    return found === undefined
      ? "gone"
      : `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
  }));
  return stamps.join();
}

function readAll(paths: readonly string[]): Promise<Buffer[]> {
  return Promise.all(paths.map((path) => reading(path, readFile(path))));
}
