import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { TinctError } from "../errors.ts";
import { DurableFile } from "../files/durable_file.ts";
import type { ImportedFile } from "../profiles/imported_folder.ts";
import type { ImportModelRequest__Output } from "../protocol/generated/tinct/v1/import_model_request.ts";
import { memberOf } from "../protocol/one_of.ts";
import { MAX_PIECE_BYTES } from "../protocol/pieces.ts";
import { releaseBuffer } from "../protocol/release_buffer.ts";

/**
 * Writes the files of an import as they arrive, one after the other.
 *
 * @param folder is made.
 * @param files as they were announced.
 * @throws {TinctError} invalid_argument where something else arrives than was announced; the signal's
 *   reason, or the system's error where the disk is full.
 */
export async function takeFiles(
  folder: string,
  files: readonly ImportedFile[],
  requests: AsyncIterableIterator<ImportModelRequest__Output>,
  signal: AbortSignal,
): Promise<void> {
  const bytes = new ArrivingBytes(requests);
  await mkdir(folder, { recursive: true });
  for (const [index, { name, sizeBytes, sha256 }] of files.entries()) {
    await using file = await DurableFile.create(join(folder, name), { shownAs: name, signal });
    for (let left = sizeBytes; left > 0;) {
      const piece = await bytes.next(left);
      if (piece === undefined) {
        throw misplaced(`${name} ends ${left} bytes before the ${sizeBytes} that were announced`);
      }
      await file.write(piece);
      left -= piece.length;
    }
    const digest = await file.finish();
    if (digest.sha256 === sha256) continue;
    const description = `is not what has arrived, ${digest.sha256}; send it again`;
    throw new TinctError("invalid_argument", `The SHA-256 of ${name} ${description}.`, {
      violations: [{ field: `start.files[${index}].sha256`, description }],
    });
  }
  if (await bytes.next(1) !== undefined) throw misplaced("More arrived than was announced");
}

/** What is wrong with the messages of an import. */
export function misplaced(what: string, field = "data"): TinctError {
  return new TinctError("invalid_argument", `${what}.`, {
    violations: [{ field, description: `is invalid: ${what}` }],
  });
}

/** The bytes of many messages. A piece's memory goes back when the next one is asked for. */
class ArrivingBytes {
  readonly #requests: AsyncIterableIterator<ImportModelRequest__Output>;
  #piece: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(requests: AsyncIterableIterator<ImportModelRequest__Output>) {
    this.#requests = requests;
  }

  /** The next bytes, at most so many, which last until the next call; undefined at the end. */
  async next(most: number): Promise<Uint8Array | undefined> {
    while (this.#at === this.#piece.length) {
      if (this.#piece.length > 0) releaseBuffer(this.#piece);
      [this.#piece, this.#at] = [new Uint8Array(0), 0];
      const { value, done } = await this.#requests.next();
      if (done) return undefined;
      const part = memberOf(value, "part");
      if (part?.kind !== "data") throw misplaced("After `start` comes `data`", "part");
      if (part.value.length > MAX_PIECE_BYTES) {
        throw misplaced(`A piece may have ${MAX_PIECE_BYTES} bytes, not ${part.value.length}`);
      }
      this.#piece = part.value;
    }
    const from = this.#at;
    this.#at = Math.min(this.#piece.length, from + most);
    return this.#piece.subarray(from, this.#at);
  }
}
