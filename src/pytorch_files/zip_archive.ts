// @ts-types="npm:@types/yauzl@3.4.0"
import type { Entry, ZipFile } from "yauzl";
import { messageOf, TinctError } from "../errors.ts";
import type { OpenFile } from "../files/open_file.ts";
import { damaged, refused, shortened } from "./faults.ts";

/** Where bytes lie in a file. */
export interface Extent {
  readonly position: number;
  readonly sizeBytes: number;
}

/** An archive has an entry for each tensor; so many are looked at. */
const MAX_ENTRIES = 100_000;

/**
 * Reads where the entries of a zip archive lie whose bytes are stored as they are, as torch.save
 * stores them; the entries are not read.
 *
 * @returns the extents by the entries' names.
 * @throws {TinctError} data_loss where it is damaged or cut short; failed_precondition where an entry is
 *   compressed: what it would take unpacked, only unpacking tells.
 */
export async function storedEntries(
  file: OpenFile,
  signal?: AbortSignal,
): Promise<Map<string, Extent>> {
  const { path } = file;
  const extents = new Map<string, Extent>();
  try {
    // Loaded where there is an archive: most processes meet none.
    // @ts-types="npm:@types/yauzl@3.4.0"
    const { fromFdPromise } = await import("yauzl");
    const zip = await fromFdPromise(file.fd, { autoClose: false });
    if (zip.entryCount > MAX_ENTRIES) {
      throw refused(path, `its archive has ${zip.entryCount} entries, and ${MAX_ENTRIES} are read`);
    }
    for await (const entry of zip.eachEntry()) {
      signal?.throwIfAborted();
      if (extents.has(entry.fileName)) {
        throw damaged(path, `two of its entries are called ${shortened(entry.fileName)}`);
      }
      extents.set(entry.fileName, await extentOf(zip, entry, path));
    }
    return extents;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof TinctError) throw error;
    const [why] = messageOf(error).split(". ");
    throw damaged(path, `its zip archive was cut short or damaged (${why})`, error);
  }
}

async function extentOf(zip: ZipFile, entry: Entry, path: string): Promise<Extent> {
  const { fileName, compressionMethod, compressedSize, uncompressedSize } = entry;
  if (compressionMethod !== 0 || compressedSize !== uncompressedSize || entry.isEncrypted()) {
    throw refused(
      path,
      `its entry ${shortened(fileName)} is compressed, to ${compressedSize} bytes of ` +
        `${uncompressedSize}, and torch.save compresses none`,
    );
  }
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  return { position: fileDataStart, sizeBytes: uncompressedSize };
}
