import { DirectoryReader, numberOf } from "./metadata/directory_reader.ts";
import { isJpegFrame } from "./jpeg_size.ts";
import type { PhotoFormat } from "./photo_format.ts";

/**
 * What keeps an intact photo from being read: a kind of its format that the library does not know and
 * would call damaged. To be read on after the photo's name.
 *
 * @returns undefined where nothing is known to.
 */
export function unsupportedKind(picture: Uint8Array, format: PhotoFormat): string | undefined {
  if (format === "jpeg") return unsupportedJpeg(picture);
  return format === "tiff" ? unsupportedTiff(picture) : undefined;
}

/** By the frame header (ITU-T T.81, B.2.2), whose marker tells the process. */
function unsupportedJpeg(jpeg: Uint8Array): string | undefined {
  let at = 2;
  while (at + 5 <= jpeg.length && jpeg[at] === 0xff && !isJpegFrame(jpeg[at + 1]!)) {
    at += 2 + jpeg[at + 2]! * 256 + jpeg[at + 3]!;
  }
  const marker = jpeg[at] === 0xff ? jpeg[at + 1]! : 0;
  if (!isJpegFrame(marker)) return undefined;
  const bits = jpeg[at + 4]!;
  if (marker === 0xc3 || marker === 0xcb) {
    return "is a lossless JPEG, as in scanners' and cameras' raw files; save it as an ordinary JPEG or as PNG";
  }
  if (![0xc0, 0xc1, 0xc2, 0xc9, 0xca].includes(marker)) {
    return "is a hierarchical JPEG; save it as an ordinary JPEG";
  }
  if (bits === 12) {
    return "has 12 bits per color, which Tinct does not read in a JPEG; save it with 8, or as PNG with 16";
  }
  return undefined;
}

const PHOTOMETRIC = 262;

const COLORS: ReadonlyMap<number, string> = new Map([
  [8, "in CIE L*a*b*"],
  [9, "in ICC L*a*b*"],
  [10, "in ITU L*a*b*"],
  [32803, "a camera's raw file"],
  [32844, "in LogL"],
  [32845, "in LogLuv"],
  [34892, "a camera's raw file"],
]);

function unsupportedTiff(tiff: Uint8Array): string | undefined {
  const reader = DirectoryReader.open(tiff);
  const fields = reader?.read(reader.first)?.fields;
  const colors = numberOf(fields?.find(({ tag }) => tag === PHOTOMETRIC));
  const kind = colors === undefined ? undefined : COLORS.get(colors);
  return kind && `is ${kind}, which Tinct does not read; save it as RGB`;
}
