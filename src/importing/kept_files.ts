import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TinctError } from "../errors.ts";
import { OpenFile } from "../files/open_file.ts";
import { encodeImport, IMPORT_FILE, type ImportRecord } from "../profiles/imported_folder.ts";

/** Whether a version's folder still has all that was imported; it may be damaged or gone. */
export async function areKept(
  folder: string,
  record: ImportRecord,
  signal: AbortSignal,
): Promise<boolean> {
  const text = await readFile(join(folder, IMPORT_FILE), "utf8").catch(() => undefined);
  if (text !== encodeImport(record)) return false;
  for (const { name, sizeBytes, sha256 } of record.files) {
    try {
      await using file = await OpenFile.open(join(folder, name), { refuseLinks: true });
      if (file.sizeBytes !== sizeBytes) return false;
      if ((await file.digest({ signal })).sha256 !== sha256) return false;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TinctError)) throw error;
      return false;
    }
  }
  return true;
}
