import { extname } from "node:path";
import { counted } from "../words.ts";

/** Pictures that are not read, by their extensions: what people keep beside photos that are. */
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  HEIC: [".heic", ".heif", ".hif"],
  BMP: [".bmp", ".dib"],
  "JPEG XL": [".jxl"],
  "JPEG 2000": [".jp2", ".j2k", ".jpf", ".jpx"],
  Photoshop: [".psd", ".psb"],
  SVG: [".svg", ".svgz"],
  "camera raw": [
    ...[".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".raf", ".orf"],
    ...[".rw2", ".pef", ".srw", ".x3f", ".3fr", ".iiq", ".erf", ".mrw", ".raw"],
  ],
  PDF: [".pdf"],
  TGA: [".tga"],
  "OpenEXR or HDR": [".exr", ".hdr"],
  netpbm: [".ppm", ".pgm", ".pbm", ".pnm"],
};

const FORMAT_OF_EXTENSION: ReadonlyMap<string, string> = new Map(
  Object.entries(FORMATS).flatMap(([format, extensions]) =>
    extensions.map((extension) => [extension, format] as const)
  ),
);

/** How many files of each format were left out, by the format's name. */
export type OtherFormats = ReadonlyMap<string, number>;

/** The format of a picture that is not read, by its name; undefined for every other file. */
export function otherFormatOf(path: string): string | undefined {
  return FORMAT_OF_EXTENSION.get(extname(path).toLowerCase());
}

/**
 * Says how many pictures are left out for their format.
 *
 * @returns a sentence; undefined where there are none.
 */
export function describeOthers(others: OtherFormats): string | undefined {
  const total = [...others.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const parts = [...others].sort(([a], [b]) => a < b ? -1 : 1)
    .sort(([, a], [, b]) => b - a)
    .map(([format, count]) => `${count} ${format}`);
  return `${counted(total, "picture")} ${total === 1 ? "is" : "are"} left out (${
    parts.join(", ")
  }): ` +
    "Tinct reads JPEG, PNG, WebP, TIFF, GIF and AVIF.";
}
