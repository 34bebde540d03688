import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { ciede2000 } from "../color/ciede2000.ts";
import { colorfulness } from "../color/colorfulness.ts";
import { differenceColors } from "../color/difference_colors.ts";
import { abScale, labOfBytes, rgbOfLab, scaleLab, unscaleLab } from "../color/lab.ts";
import { ssim } from "../color/ssim.ts";
import { floatToBytes, lookUpBytes } from "../engine/kernels/bytes.ts";
import type { PhotoMeasures } from "./measures.ts";

/** Numbers a photo that `measurePictures` gives. */
export const measuredNumbers = 7;

/** What a pair of photos and predicted colours becomes. */
interface Compared {
  /** L over 50 minus 1 and ab over 110, of the photo. */
  readonly L: Tensor;
  readonly ab: Tensor;
  /** Values in [0, 255], whole: the photo's, and the picture that the predicted ab makes of it. */
  readonly real: Tensor;
  readonly made: Tensor;
  /** The picture's bytes, and CIEDE2000 of each pixel between the two, [B, H, W]. */
  readonly madeBytes: Tensor;
  readonly deltaE: Tensor;
}

/**
 * Measures predicted colours, by operations that trace. PSNR, SSIM, CIEDE2000 and colourfulness are
 * those of 8-bit sRGB pictures, clipped to what sRGB holds and rounded, as they are seen; the ab error
 * and L1 those of the prediction itself, as it is trained.
 *
 * @param pixels the photos, uint8 [B, H, W, 3]; H and W at least 11.
 * @param predicted ab over 110, [B, H, W, 2].
 * @param colorfulnessOf how colourful pictures are counted; see src/color/colorfulness.ts.
 * @returns [B, 7], for `readMeasures`.
 */
export function measurePictures(
  pixels: Tensor,
  predicted: Tensor,
  colorfulnessOf: (rgb: Tensor) => Tensor = colorfulness,
): Tensor {
  const { ab, real, made, deltaE } = compare(pixels, predicted);
  const difference = tf.sub(predicted, ab);
  return tf.stack([
    tf.mean(tf.squaredDifference(made, real), [1, 2, 3]),
    ssim(made, real),
    tf.mean(deltaE, [1, 2]),
    tf.mul(tf.mean(tf.sqrt(tf.sum(tf.square(difference), 3)), [1, 2]), abScale),
    tf.mean(tf.abs(difference), [1, 2, 3]),
    colorfulnessOf(made),
    colorfulnessOf(real),
  ], 1);
}

/** One photo's numbers, of a row of `measurePictures`. */
export function readMeasures(
  row: Float32Array,
): { readonly measures: PhotoMeasures; readonly realColorfulness: number } {
  const [
    mse = NaN,
    ssim = NaN,
    deltaE2000 = NaN,
    abError = NaN,
    l1 = NaN,
    colorfulness = NaN,
    realColorfulness = NaN,
  ] = row;
  return {
    measures: { psnr: psnrOf(mse), ssim, deltaE2000, abError, l1, colorfulness },
    realColorfulness,
  };
}

/** Peak signal-to-noise ratio of bytes, dB; 100 stands for no difference at all. */
function psnrOf(meanSquaredError: number): number {
  return meanSquaredError === 0 ? 100 : 10 * Math.log10(255 ** 2 / meanSquaredError);
}

/**
 * What there is to see of predicted colours, by operations that trace.
 *
 * @param pixels the photos, uint8 [B, H, W, 3].
 * @param predicted ab over 110, [B, H, W, 2].
 * @returns uint8 [B, H, W, 3] each: the photo's lightness as gray; the picture in the predicted
 *   colours; these colours at L = 50; CIEDE2000 between picture and photo (`differenceColors`).
 */
export function showPictures(pixels: Tensor, predicted: Tensor): Tensor[] {
  const { L, madeBytes, deltaE } = compare(pixels, predicted);
  const picture = (L: Tensor, ab: Tensor) => floatToBytes(rgbOfLab(unscaleLab({ L, ab })));
  return [
    picture(L, tf.zerosLike(predicted)),
    madeBytes,
    picture(tf.zerosLike(L), predicted),
    floatToBytes(differenceColors(deltaE)),
  ];
}

function compare(pixels: Tensor, predicted: Tensor): Compared {
  const realLab = labOfBytes(pixels);
  const { L, ab } = scaleLab(realLab);
  const madeBytes = floatToBytes(rgbOfLab(unscaleLab({ L, ab: predicted })));
  return {
    L,
    ab,
    real: floatsOf(pixels),
    made: floatsOf(madeBytes),
    madeBytes,
    deltaE: ciede2000(labOfBytes(madeBytes), realLab),
  };
}

function floatsOf(bytes: Tensor): Tensor {
  return lookUpBytes(tf.range(0, 256), bytes);
}
