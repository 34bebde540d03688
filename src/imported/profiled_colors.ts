import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { grayOfBytes, lumaOf, valuesOfBytes } from "../color/grays.ts";
import { abOfSrgb } from "../color/lab.ts";
import { lightnessOfBytes } from "../color/recolor.ts";
import type { ColorProfile } from "../profiles/color_profile.ts";

/**
 * What a network sees of pixels, by operations that trace.
 *
 * @param pixels uint8, [B, H, W, 3].
 * @returns [B, H, W, channels].
 */
export function photoInput(pixels: Tensor, { input }: ColorProfile): Tensor4D {
  const { photo, channels, range: [low, high], mean, std } = input;
  const gray = photo === "lightness"
    ? tf.div(tf.add(lightnessOfBytes(pixels), 1), 2)
    : photo === "gray"
    ? grayOfBytes(pixels)
    : lumaOf(valuesOfBytes(pixels));
  const seen = tf.add(tf.mul(gray, high - low), low);
  const repeated = channels === 1 ? seen : tf.concat([seen, seen, seen], 3);
  const centred = mean ? tf.sub(repeated, tf.tensor1d([...mean])) : repeated;
  return (std ? tf.div(centred, tf.tensor1d([...std])) : centred) as Tensor4D;
}

/**
 * What a network sees of hints.
 *
 * @param hints a and b over 110 and a mask, [B, H, W, 3].
 * @returns a and b as the network takes them, [B, H, W, 2], and the mask, [B, H, W, 1].
 */
export function hintsInput(
  hints: Tensor,
  { range: [low, high] }: NonNullable<ColorProfile["hints"]>,
): { readonly ab: Tensor4D; readonly mask: Tensor4D } {
  const [ab, mask] = tf.split(hints, [2, 1], 3) as [Tensor4D, Tensor4D];
  return { ab: tf.add(tf.mul(tf.add(ab, 1), (high - low) / 2), low), mask };
}

/** The luma that is kept, [B, H, W, 1]; undefined where a profile keeps lightness. */
export function lumaKept(pixels: Tensor, { keep }: ColorProfile): Tensor4D | undefined {
  return keep === "luma" ? lumaOf(valuesOfBytes(pixels)) : undefined;
}

/**
 * The colours that a network gives, by operations that trace.
 *
 * @param given [B, H, W, 2 or 3].
 * @param luma see `lumaKept`.
 * @returns a and b over 110, [B, H, W, 2].
 */
export function colorsGiven(
  given: Tensor,
  luma: Tensor | undefined,
  { output: { colors, range: [low, high], mean, std } }: ColorProfile,
): Tensor {
  if (colors === "ab") return tf.sub(tf.mul(tf.sub(given, low), 2 / (high - low)), 1);
  const scaled = std ? tf.mul(given, tf.tensor1d([...std])) : given;
  const moved = mean ? tf.add(scaled, tf.tensor1d([...mean])) : scaled;
  const rgb = tf.div(tf.sub(moved, low), high - low);
  // U and V are differences from Y', so pixels of the same U and V differ by one gray.
  const kept = luma ? tf.add(rgb, tf.sub(luma, lumaOf(rgb))) : rgb;
  return abOfSrgb(tf.clipByValue(kept, 0, 1));
}
