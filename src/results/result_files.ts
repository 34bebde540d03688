import { mkdir, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { systemErrorName, writing } from "../files/file_errors.ts";
import { pathExists } from "../files/temporary_names.ts";
import { TinctError } from "../errors.ts";
import type { PhotoInput } from "./photo_inputs.ts";

/** Writes results, local or remote ones, and none over a photo of the call. */
export class ResultFiles {
  readonly #inputs: ReadonlySet<string>;
  readonly #overwrite: boolean;

  /**
   * @param photos all photos of the call: none of them is ever replaced.
   * @param options `overwrite`: replace other files.
   */
  constructor(photos: readonly PhotoInput[], { overwrite }: { readonly overwrite: boolean }) {
    this.#inputs = new Set(photos.map(({ realPath }) => realPath));
    this.#overwrite = overwrite;
  }

  /**
   * Refuses a result that may not be written, before it is computed.
   *
   * @throws {TinctError} already_exists.
   */
  async refuseTaken(path: string): Promise<void> {
    const found = await realpathIfThere(path);
    if (found === undefined) return;
    if (this.#inputs.has(found)) {
      throw new TinctError(
        "already_exists",
        `the result would replace the photo ${path}; give another --out.`,
      );
    }
    if (this.#overwrite) return;
    throw taken(path);
  }

  /**
   * Writes a result, whole or not at all, and makes its folder if need be.
   *
   * @throws {TinctError} as `refuseTaken` and `writeFileAtomically`.
   */
  async write(path: string, picture: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.refuseTaken(path); // another program may have been here
    const folder = dirname(path);
    await writing(folder, mkdir(folder, { recursive: true }));
    // What is there and was not refused is a link that leads nowhere.
    const replaces = this.#overwrite || await pathExists(path);
    try {
      await writeFileAtomically(path, picture, { signal, replaces });
    } catch (error) {
      if (error instanceof TinctError && error.code === "already_exists") throw taken(path, error);
      throw error;
    }
  }
}

function taken(path: string, cause?: unknown): TinctError {
  return new TinctError("already_exists", `${path} exists already; --overwrite replaces it.`, {
    cause,
  });
}

async function realpathIfThere(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    // A link that leads nowhere is there, too; the result takes its place.
    if (systemErrorName(error) !== "ENOENT") await writing(path, Promise.reject(error));
    return undefined;
  }
}
