import { integer, number, type ValuesOf } from "./option.ts";

/** One's own photos have other limits than strangers': what their formats and the decoders can do. */
export const ownPhotoOptions = {
  maxPhotoMegapixels: number(
    1000,
    [0.01, 10_000],
    "most pixels in a photo; larger photos are left out",
    "million pixels",
  ),
  maxPhotoSide: integer(65_535, [256, 1_000_000], "longest side of a photo", "pixels"),
} as const;

/** Their values. */
export type OwnPhotoChoice = ValuesOf<typeof ownPhotoOptions>;

/** The limits that options name. */
export function ownPhotoLimits(
  { maxPhotoMegapixels, maxPhotoSide }: OwnPhotoChoice,
): { readonly maxPixels: number; readonly maxSide: number } {
  return { maxPixels: Math.round(maxPhotoMegapixels * 1e6), maxSide: maxPhotoSide };
}
