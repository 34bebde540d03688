import { realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { reading } from "../files/file_errors.ts";
import { TinctError } from "../errors.ts";
import { describeOthers } from "../images/other_formats.ts";
import { listPhotos } from "../images/photo_folder.ts";

/** A photo that is to be uploaded. */
export interface UploadFile {
  /** Its name within the dataset, with "/" between folders. */
  readonly fileName: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/** What the command line named. */
interface UploadFiles {
  /** By name. */
  readonly files: readonly UploadFile[];
  /** What could not be listed or is no file, each a sentence. */
  readonly skipped: readonly string[];
  /** What of the folders was left out for its format, a sentence; undefined: nothing. */
  readonly leftOut: string | undefined;
}

/**
 * Finds the photos of folders, which keep their places below them, and files.
 *
 * @throws {TinctError} not_found; invalid_argument: two photos would have one name; as `listPhotos`.
 */
export async function findUploads(
  operands: readonly string[],
  signal: AbortSignal,
): Promise<UploadFiles> {
  const files = new Map<string, UploadFile>();
  const skipped: string[] = [];
  const others = new Map<string, number>();
  const add = async (path: string, fileName: string) => {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || !found.isFile()) {
      skipped.push(`${path} ${found === undefined ? "cannot be read" : "is not a file"}.`);
      return;
    }
    const other = files.get(fileName);
    if (other === undefined) files.set(fileName, { fileName, path, sizeBytes: found.size });
    else if (await realpath(other.path) !== await realpath(path)) {
      throw new TinctError(
        "invalid_argument",
        `${other.path} and ${path} would both be ${fileName} in the dataset: rename one, or give ` +
          "the folder above both.",
      );
    }
  };
  for (const operand of operands) {
    signal.throwIfAborted();
    if (!(await reading(operand, stat(operand))).isDirectory()) {
      await add(operand, basename(operand));
      continue;
    }
    const { folder, names, unreadable, others: here } = await listPhotos(operand, { signal });
    for (const [format, count] of here) others.set(format, (others.get(format) ?? 0) + count);
    for (const name of names) await add(join(folder, name), name);
    for (const { name, reason } of unreadable) skipped.push(`${join(operand, name)} ${reason}.`);
  }
  const sorted = [...files.values()].sort((a, b) => a.fileName < b.fileName ? -1 : 1);
  return { files: sorted, skipped, leftOut: describeOthers(others) };
}
