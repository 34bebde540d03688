import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { rgbOfLab, unscaleLab } from "../color/lab.ts";
import type { TrainingConfig } from "../config/training.ts";

/**
 * What the discriminator sees of pictures, with a gradient by their colours.
 *
 * "ab" is L beside ab, as the networks have them. "rgb" is the sRGB picture that people would see,
 * which holds L as well, so that L is not shown once more. Red, green and blue are cut off where sRGB
 * ends, each for itself, as in DDColor (Kang et al., 2023): a colour far outside has no gradient by
 * the channels that are cut off.
 *
 * @param L [B, H, W, 1] in [-1, 1].
 * @param ab [B, H, W, 2], over 110.
 * @returns [B, H, W, 3]; sRGB in [-1, 1].
 */
export function judgedPictures(
  { L, ab }: { readonly L: Tensor; readonly ab: Tensor },
  judge: TrainingConfig["judge"],
): Tensor4D {
  if (judge === "ab") return tf.concat([L, ab], 3) as Tensor4D;
  return tf.sub(tf.div(rgbOfLab(unscaleLab({ L, ab })), 127.5), 1);
}

/**
 * The colours that the losses of colour hold up to the generator: the photo's own with their chroma
 * multiplied at the same lightness and hue, cut off at [-1, 1], beyond which nothing is predicted.
 *
 * @param ab [B, H, W, 2], over 110.
 * @param factor 1: the photo's own, without an operation.
 */
export function saturatedTarget(ab: Tensor, factor: number): Tensor {
  return factor === 1 ? ab : tf.clipByValue(tf.mul(ab, factor), -1, 1);
}
