import { realpath, stat } from "node:fs/promises";
import { reading } from "../files/file_errors.ts";
import { TinctError } from "../errors.ts";
import { PhotoError } from "../images/photo_error.ts";
import { formatOfFile } from "../images/photo_file.ts";
import { walkNamedPhotos } from "../images/named_photos.ts";

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
  /** What could not be listed, is no file or, where it was named itself, no photo; each a sentence. */
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
  const { unlisted, leftOut } = await walkNamedPhotos(operands, {
    isFolder: async (operand) => (await reading(operand, stat(operand))).isDirectory(),
    onPhoto: async ({ path, place, name }, isFound) => {
      const fault = isFound ? undefined : await faultOf(path, name);
      if (fault === undefined) await add(path, place);
      else skipped.push(fault);
    },
    signal,
  });
  const sorted = [...files.values()].sort((a, b) => a.fileName < b.fileName ? -1 : 1);
  return { files: sorted, skipped: [...skipped, ...unlisted], leftOut };
}

/** Why a file is no photo, by its first bytes, a sentence; undefined where it may be one. */
async function faultOf(path: string, name: string): Promise<string | undefined> {
  try {
    await formatOfFile(path, name);
    return undefined;
  } catch (error) {
    if (error instanceof PhotoError) return error.message;
    throw error;
  }
}
