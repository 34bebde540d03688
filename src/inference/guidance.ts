import { TinctError } from "../errors.ts";
import { ColorGuide, type StrokePicture } from "../hints/color_guide.ts";
import { type ColorHint, refuseWrongHints, type ShownSize } from "../hints/color_hint.ts";
import { matchPalette, paletteOf } from "../hints/palette.ts";
import { withoutCast } from "../hints/picture_colors.ts";
import { refineColors } from "../hints/refine_colors.ts";
import {
  type DecodeOptions,
  decodePhoto,
  type DecodePhotoOptions,
  decodeResized,
} from "../images/decode.ts";
import type { Picture } from "../images/encode.ts";
import { isGray } from "../images/gray.ts";
import { PhotoError } from "../images/photo_error.ts";

/** What a person says about the colours of a photo. */
export interface Guidance {
  /** In pixels of the photo as it is shown, at its own resolution. */
  readonly hints?: readonly ColorHint[] | undefined;
  /** A file: a picture of the photo's size as it is shown, with an alpha channel. */
  readonly strokes?: Uint8Array | undefined;
  /** A file: a picture whose palette the predicted colours get. */
  readonly reference?: Uint8Array | undefined;
  /** Take the cast off the predicted colours. */
  readonly removeCast?: boolean | undefined;
  /** Smooth the predicted colours, though not over edges of lightness. */
  readonly refine?: boolean | undefined;
}

/**
 * Changes predicted colours.
 *
 * @param ab [side, side, 2], in the units of L*a*b*.
 * @param square [side, side, 3], what they were predicted for.
 */
export type Toning = (ab: Float32Array, square: Uint8Array) => Float32Array;

/** Pixels along a side of the square that a palette is taken from. */
const PALETTE_SIDE = 256;

/** A photo that is being colorized. */
interface GuidedPicture extends Picture {
  /** Its size before it was scaled down; its own when left out. */
  readonly shown?: ShownSize | undefined;
}

/**
 * What is done to predicted colours before those of hints come in.
 *
 * @param options how photos are decoded, which holds for the reference, too.
 * @returns undefined where they stay as they are.
 * @throws {TinctError} invalid_argument for a reference that cannot be read or is gray; its violation
 *   names `reference`.
 */
export async function readToning(
  { reference, removeCast = false, refine = false }: Guidance,
  options: DecodeOptions = {},
): Promise<Toning | undefined> {
  const refined: Toning = (ab, square) => refine ? refineColors(ab, square) : ab;
  if (reference === undefined) {
    if (!removeCast) return refine ? refined : undefined;
    return (ab, square) => withoutCast(refined(ab, square));
  }
  const named = { ...options, name: "The reference picture" };
  const rgb = await readAbout("reference", () => decodeResized(reference, PALETTE_SIDE, named));
  if (isGray(rgb)) {
    refuseFile(
      "reference",
      "The reference picture is gray; give one in the colours that you want.",
    );
  }
  const palette = paletteOf(rgb);
  return (ab, square) => matchPalette(refined(ab, square), palette);
}

/** Whether it gives colours to things. */
export function saysColors({ hints = [], strokes }: Guidance): boolean {
  return hints.length > 0 || strokes !== undefined;
}

/**
 * Brings what a person says over a photo.
 *
 * @param options how the photo was decoded, which holds for strokes, too.
 * @throws {TinctError} invalid_argument for hints outside of the photo, and for strokes that cannot be
 *   read, are of another size or have no alpha channel; its violations name `hints` and `strokes`.
 */
export async function guideOver(
  photo: GuidedPicture,
  { hints = [], strokes }: Guidance,
  options: DecodePhotoOptions = {},
): Promise<ColorGuide> {
  const { width, height } = photo;
  const shown = photo.shown ?? { width, height };
  refuseWrongHints(hints, shown);
  const picture = strokes && await readStrokes(strokes, photo, shown, options);
  const [across, down] = [width / shown.width, height / shown.height];
  const scaled = hints.map((hint) => ({
    ...hint,
    x: hint.x * across,
    y: hint.y * down,
    radius: hint.radius * across,
  }));
  return await ColorGuide.over(photo, { hints: scaled, strokes: picture }, options.signal);
}

async function readStrokes(
  file: Uint8Array,
  { width, height }: GuidedPicture,
  shown: ShownSize,
  options: DecodePhotoOptions,
): Promise<StrokePicture> {
  const refuse = (is: string): never => refuseFile("strokes", `The stroke picture ${is}.`);
  const requireSize = (size: ShownSize) => {
    if (size.width === shown.width && size.height === shown.height) return;
    refuse(
      `is ${size.width} x ${size.height} pixels, and the photo as it is shown is ` +
        `${shown.width} x ${shown.height}; give one of the same size`,
    );
  };
  const strokes = await readAbout("strokes", () =>
    decodePhoto(file, {
      ...options,
      name: "The stroke picture",
      // Before it is decoded; it may still lie on its side.
      onSize: (size) => {
        const isTurned = size.width === shown.height && size.height === shown.width;
        if (!isTurned) requireSize(size);
      },
    }));
  requireSize(strokes.shown);
  const { rgb, alpha } = strokes;
  if (strokes.width !== width || strokes.height !== height) requireSize(strokes);
  if (alpha === undefined) {
    return refuse(
      "has no alpha channel, so all of it is one stroke; leave transparent what has none",
    );
  }
  if (!alpha.some((each) => each >= 128)) return refuse("has no stroke: all of it is transparent");
  return { rgb, alpha };
}

/** Reads a file that goes with a photo; what is wrong with it is told as the field's fault. */
async function readAbout<T>(field: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof PhotoError)) throw error;
    const violations = [{ field, description: error.reason }];
    throw new TinctError(error.code, error.message, { violations, cause: error });
  }
}

function refuseFile(field: string, message: string): never {
  const violations = [{ field, description: message.replace(/^The \w+ picture |\.$/g, "") }];
  throw new TinctError("invalid_argument", message, { violations });
}
