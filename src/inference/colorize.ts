import type { Tensor } from "@tensorflow/tfjs";
import { basename } from "node:path";
import type { ColorGuide } from "../hints/color_guide.ts";
import type { DecodePhotoOptions, Photo } from "../images/decode.ts";
import type { Picture } from "../images/encode.ts";
import { readPhotoFile } from "../images/photo_file.ts";
import { decodeWithSquare } from "../images/photo_with_square.ts";
import { squashPicture } from "../images/squash.ts";
import type { Colorizer } from "./colorizer.ts";
import type { RecoloredPixels } from "./photo_recolorer.ts";
import { type Guidance, guideOver, readToning, saysColors, type Toning } from "./guidance.ts";

/** How pictures are colorized. */
interface ColorizeOptions {
  /** Factor on the predicted colours, from 0 (gray); 1 when left out. */
  readonly saturation?: number | undefined;
  /** Colours that a person gives to things in the photo. */
  readonly guidance?: Guidance | undefined;
  /** Its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** What a frame knows of those before it in a video. */
interface FrameInShot {
  /** Waits for the frames before, then changes the frame's colours: see `VideoFrame` in src/video. */
  smooth<T>(
    tone: (change: (ab: Float32Array) => Float32Array) => Promise<T>,
    square: Uint8Array,
    size: number,
  ): Promise<T>;
}

/** What one photo needs of a model, which may take others through the same pass. */
interface ColorModel {
  /**
   * @param square [size, size, 3], which must not change meanwhile.
   * @param guide colours that things are given, for a generator that takes hints.
   * @returns ab, [size, size, 2]; the caller's own.
   */
  predict(square: Uint8Array, guide?: ColorGuide): Promise<Tensor>;
  /** See `Colorizer.tone`. */
  tone: Colorizer["tone"];
  /** See `Colorizer.recolor`. */
  recolor: Colorizer["recolor"];
}

/**
 * Colorizes a decoded picture at its own resolution. Each pixel keeps its lightness, to within the
 * rounding of its 8 or 16 bits, and alpha stays; the picture's own colours do not matter.
 *
 * @param picture its arrays must not change meanwhile.
 * @param options `frame`: its place in a video, which the caller disposes of.
 * @returns the picture in colour; it shares alpha with the given one.
 */
export async function colorizePicture<T extends Picture>(
  picture: T,
  colorizer: Colorizer,
  options: ColorizeOptions & { readonly frame?: FrameInShot | undefined } = {},
): Promise<T & RecoloredPixels> {
  const square = squashPicture(picture, colorizer.size);
  square.catch(() => {}); // where hints are refused first, nobody waits for it
  return await colorizeDecoded({ square, photo: picture }, alone(colorizer), {
    ...options,
    guide: makerOf(options),
    toning: await toningOf(options),
  });
}

/**
 * Decodes a photo and colorizes it, upright, at its own resolution or scaled down to fit.
 *
 * @param source the file's bytes, which must not change meanwhile, or its path.
 * @throws {PhotoError} as decodePhoto.
 */
export async function colorizePhoto(
  source: Uint8Array | string,
  colorizer: Colorizer,
  options: ColorizeOptions & DecodePhotoOptions = {},
): Promise<Photo> {
  const name = options.name ?? (typeof source === "string" ? basename(source) : undefined);
  const bytes = typeof source === "string"
    ? (await readPhotoFile(source, name ?? source)).bytes
    : source;
  const toning = await toningOf(options);
  const decoded = decodeWithSquare(bytes, colorizer.size, { ...options, name });
  return await colorizeDecoded(decoded, alone(colorizer), {
    ...options,
    guide: makerOf(options),
    toning,
  });
}

async function toningOf({ guidance, ...options }: ColorizeOptions & DecodePhotoOptions) {
  return guidance && await readToning(guidance, options);
}

/** What brings the options' guidance over a photo; undefined where there is none. */
function makerOf({ guidance, ...options }: ColorizeOptions & DecodePhotoOptions) {
  if (guidance === undefined || !saysColors(guidance)) return undefined;
  return (photo: Picture) => guideOver(photo, guidance, options);
}

/**
 * Colorizes a photo that is being decoded: it may still be on its way while the colours are predicted.
 * Where it is given colours these come first, so that wrong ones are refused before the model's work.
 *
 * @param model predicts the colours of the square and puts them on the photo.
 * @returns the photo in colour; it shares all but its pixels with the decoded one.
 * @throws what `square`, `photo` and the model throw; the signal's reason.
 */
export async function colorizeDecoded<T extends Picture>(
  { square, photo }: { readonly square: Promise<Uint8Array>; readonly photo: T | Promise<T> },
  model: ColorModel,
  { saturation, guide: makeGuide, toning, frame, signal }:
    & Pick<ColorizeOptions, "saturation" | "signal">
    & {
      readonly guide?: ((photo: T) => Promise<ColorGuide>) | undefined;
      readonly toning?: Toning | undefined;
      /** Its place in a video; it is disposed of by the caller. */
      readonly frame?: FrameInShot | undefined;
    },
): Promise<T & RecoloredPixels> {
  const guide = await makeGuide?.(await photo);
  const seen = await square;
  signal?.throwIfAborted();
  let ab = await model.predict(seen, guide);
  try {
    if (toning) {
      const toned = await model.tone(ab, (values) => toning(values, seen));
      ab.dispose();
      ab = toned;
    }
    if (frame) {
      const own = ab;
      const size = own.shape[0] ?? 0;
      ab = await frame.smooth((change) => model.tone(own, change), seen, size);
      own.dispose();
    }
    const picture = await photo;
    return { ...picture, ...await model.recolor(picture, ab, { saturation, guide, signal }) };
  } finally {
    ab.dispose();
  }
}

/** A colorizer to which a photo comes alone. */
function alone(colorizer: Colorizer): ColorModel {
  return {
    async predict(square, guide) {
      const [ab] = await colorizer.predict([square], [guide]);
      return ab!;
    },
    tone: (ab, toning) => colorizer.tone(ab, toning),
    recolor: (picture, ab, options) => colorizer.recolor(picture, ab, options),
  };
}
