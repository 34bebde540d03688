import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { TinctError } from "../errors.ts";
import { photoLibrary } from "./photo_library.ts";
import { systemErrorName } from "../files/file_errors.ts";

/** A scaled sheet. */
interface ScaledSheet {
  /** A PNG. */
  readonly file: Uint8Array;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Scales a sample sheet down by a whole factor.
 *
 * @param path a PNG of our own making; absolute. Nothing else is read.
 * @param limits `factor`: from 1; it grows until the result has at most `maxBytes` bytes, or is one
 *   pixel.
 * @throws {TinctError} not_found where there is no such file; data_loss where it is no PNG, or damaged.
 */
export async function scaleSheet(
  path: string,
  limits: { readonly factor: number; readonly maxBytes: number },
): Promise<ScaledSheet> {
  const png = await read(path);
  if (!png.subarray(0, PNG.length).equals(PNG)) throw damaged("it is not a PNG");
  // Line by line: not all of its pixels are in memory at a time.
  const open = () => photoLibrary()(png, { sequentialRead: true, failOn: "error" });
  try {
    const { width, height } = await open().metadata();
    for (let { factor } = limits;; factor++) {
      const [w, h] = [width, height].map((side) => Math.max(1, Math.floor(side / factor)));
      const { data: file, info } = await open()
        .resize(w, h, { fit: "fill", kernel: "linear" })
        .png({ compressionLevel: 4, adaptiveFiltering: true })
        .toBuffer({ resolveWithObject: true });
      if (file.byteLength <= limits.maxBytes || factor >= Math.max(width, height)) {
        return { file, width: info.width, height: info.height };
      }
    }
  } catch (cause) {
    throw damaged("it is damaged", cause);
  }
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (systemErrorName(cause) !== "ENOENT") throw cause;
    throw new TinctError("not_found", "The sample picture is gone.", { cause });
  }
}

function damaged(why: string, cause?: unknown): TinctError {
  return new TinctError("data_loss", `A sample picture cannot be read: ${why}.`, { cause });
}
