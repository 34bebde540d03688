import { basename, dirname, extname, join } from "node:path";
import type { EncodeFormat } from "../images/encode_format.ts";
import { inOrder } from "../images/in_order.ts";
import { formatOfFile } from "../images/photo_file.ts";
import { formatOfExtension, type PhotoFormat } from "../images/photo_format.ts";
import type { PhotoInput } from "./photo_inputs.ts";

/** What becomes of a photo. */
export interface PlannedResult {
  /** Where it is written; no two photos of a call have the same. */
  readonly path: string;
  readonly format: EncodeFormat;
}

/** A photo and what becomes of it. */
export interface PlannedPhoto extends PhotoInput {
  /** Undefined: it is no photo, or cannot be read; reading it says why. */
  readonly result: PlannedResult | undefined;
}

/** What file systems allow a name, in bytes. */
const MAX_NAME_BYTES = 255;

/** Photos whose first bytes are looked at at a time. */
const concurrency = 8;

const extensions: Readonly<Record<EncodeFormat, string>> = {
  jpeg: ".jpg",
  png: ".png",
  webp: ".webp",
  tiff: ".tiff",
  avif: ".avif",
};

/**
 * Decides what becomes of every photo before the first is colorized, so that names do not depend on
 * which one is done first: x.jpg becomes x.jpg, and where two would become one file, the second gets
 * a number. A name that would become too long is shortened.
 *
 * @param options `format`: of the results; "same": each photo's own as its first bytes show it, and
 *   PNG for what is not written.
 */
export async function planResults(
  photos: readonly PhotoInput[],
  { outFolder, format, signal }: {
    readonly outFolder: string;
    readonly format: EncodeFormat | "same";
    readonly signal?: AbortSignal | undefined;
  },
): Promise<PlannedPhoto[]> {
  const look = (index: number) => {
    const { path, name } = photos[index]!;
    return formatOfFile(path, name).catch(() => undefined); // reading it says why
  };
  const planned: PlannedPhoto[] = [];
  const taken = new Set<string>();
  const looking = { concurrency, ahead: 2 * concurrency, signal };
  for await (const own of inOrder(photos.length, look, looking)) {
    const photo = photos[planned.length]!;
    if (own === undefined) {
      planned.push({ ...photo, result: undefined });
      continue;
    }
    const target = format === "same" ? writtenFormat(own) : format;
    const name = freeName(photo.place, extensionFor(target, own, photo.place), taken);
    planned.push({ ...photo, result: { path: join(outFolder, name), format: target } });
  }
  return planned;
}

function writtenFormat(own: PhotoFormat): EncodeFormat {
  return own in extensions ? own as EncodeFormat : "png";
}

/** The photo's own extension where it fits, such as ".jpeg". */
function extensionFor(target: EncodeFormat, own: PhotoFormat, place: string): string {
  return target === own && formatOfExtension(place) === own ? extname(place) : extensions[target];
}

/** A name that no other result has, with a number after it where need be; it is taken then. */
function freeName(place: string, extension: string, taken: Set<string>): string {
  const folder = dirname(place);
  const stem = basename(place, extname(place));
  for (let number = 1;; number++) {
    const ending = number === 1 ? extension : `-${number}${extension}`;
    const beginning = shortened(stem, MAX_NAME_BYTES - Buffer.byteLength(ending));
    const name = join(folder, beginning + ending);
    // Some file systems do not tell "A" from "a", or the two spellings of "ä".
    const key = name.normalize("NFC").toLowerCase();
    if (taken.has(key)) continue;
    taken.add(key);
    return name;
  }
}

/** The beginning of a name in so many bytes of UTF-8; no character is cut in two. */
function shortened(name: string, bytes: number): string {
  if (Buffer.byteLength(name) <= bytes) return name;
  let kept = "";
  let length = 0;
  for (const char of name) {
    length += Buffer.byteLength(char);
    if (length > bytes) break;
    kept += char;
  }
  return kept;
}
