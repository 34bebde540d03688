import { stream } from "../../web_parts/contract/calls.ts";
import type { ColorizedPhoto } from "../../web_parts/contract/messages.ts";
import { pictureBlob } from "../../web_parts/parts/picture_url.ts";
import { bytes } from "../../web_parts/words.ts";
import { base64Of } from "../../web_parts/pictures/base64.ts";
import { smallPicture } from "../../web_parts/pictures/palette.ts";
import type { Photo, Result, Wish } from "./photos.ts";
import { strokesPng } from "../../web_parts/pictures/strokes.ts";

/** What a request has beside its files, at most, in bytes. */
const ENVELOPE = 2 ** 18;

/** Quality of a JPEG that is sent in place of a file which is too large. */
const SENT_QUALITY = 0.97;

/**
 * Colorizes a photo at its own resolution.
 *
 * @param maxBytes the largest message that the server takes.
 * @throws {CallError | Error} why there is no result.
 */
export async function colorizePhoto(
  photo: Photo,
  wish: Wish,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Result> {
  const { reference, format, ...settings } = wish;
  const strokes = await strokesOf(photo);
  const room = maxBytes - ENVELOPE - strokes.length - (reference?.base64.length ?? 0);
  const { image, isResent } = await imageOf(photo.file, room);
  // Browsers show no TIFF; PNG loses nothing of it either.
  const isTiff = /\.tiff?$/i.test(photo.name) || photo.file.type === "image/tiff";
  const asSent = isTiff || (isResent && photo.file.type === "image/png")
    ? "IMAGE_FORMAT_PNG"
    : "IMAGE_FORMAT_UNSPECIFIED";
  const request = {
    image,
    settings: {
      ...settings,
      format: format === "IMAGE_FORMAT_UNSPECIFIED" ? asSent : format,
      hints: photo.hints.map(({ x, y, a, b }) => ({
        x,
        y,
        radius: hintRadius(photo),
        ab: { a, b },
      })),
      ...(strokes !== "" && { strokes }),
      ...(reference && { reference: reference.base64 }),
    },
  };
  let answer: ColorizedPhoto | undefined;
  const pieces: string[] = [];
  const call = stream<{ photo?: ColorizedPhoto; data?: string }>(
    "ColorizationService/ColorizeInPieces",
    request,
    signal,
  );
  for await (const piece of call) {
    answer ??= piece.photo;
    if (piece.data !== undefined) pieces.push(piece.data);
  }
  if (!answer) throw new Error(`The server's answer to ${photo.name} has no picture.`);
  const blob = pictureBlob(pieces, answer.format);
  const remark = isResent
    ? `The file has ${bytes(photo.file.size)}, more than one call brings. A JPEG of the same ` +
      "resolution went in its place, without date, camera and place; `tinct colorize` sends files " +
      "of any size."
    : "";
  return { blob, url: URL.createObjectURL(blob), answer, remark };
}

/** The strokes in base64; empty: there are none. */
async function strokesOf({ size, strokes }: Photo): Promise<string> {
  if (strokes.length === 0 || !size) return "";
  const png = await strokesPng(strokes, size.width, size.height);
  return png ? await base64Of(png) : "";
}

/** A photo in base64, as it is or, where it has more than `room` so, as a JPEG. */
async function imageOf(file: File, room: number): Promise<{ image: string; isResent: boolean }> {
  if (file.size * 4 / 3 <= room) return { image: await base64Of(file), isResent: false };
  const jpeg = await smallPicture(file, Infinity)
    .then((picture) => picture.convertToBlob({ type: "image/jpeg", quality: SENT_QUALITY }))
    .catch(() => undefined); // no picture that this browser can read
  if (jpeg && jpeg.size * 4 / 3 <= room) return { image: await base64Of(jpeg), isResent: true };
  throw new Error(
    `${file.name} has ${bytes(file.size)}, and one call brings at most ${bytes(room * 3 / 4)}: ` +
      "use `tinct colorize --server`, which sends files of any size.",
  );
}

/** A hint is a disc as wide as what a person aims at on a screen. */
function hintRadius({ size }: Photo): number {
  return Math.min(
    100,
    Math.max(2, Math.round(Math.max(size?.width ?? 0, size?.height ?? 0) / 300)),
  );
}
