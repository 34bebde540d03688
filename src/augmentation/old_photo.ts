import tf from "@tensorflow/tfjs";
import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs";
import type { PhotoDraws } from "./photo_draws.ts";

/** How L suffers; 0 for not at all. */
export interface OldPhotoOptions {
  /** Largest sigma, pixels. */
  readonly blur: number;
  /** Largest standard deviation, units of L. */
  readonly grain: number;
  /** Largest side of the hole, as a share of the photo's. */
  readonly cutout: number;
}

/**
 * The lightness of each photo as an old print may have it: out of focus, then grainy, then with a
 * piece lost. How much of each is drawn for each photo, evenly from nothing to the most.
 *
 * @param L scaled to [-1, 1], [B, S, S, 1].
 * @returns the same, cut off at [-1, 1].
 */
export function agePhotos(
  L: Tensor4D,
  draws: PhotoDraws,
  { blur, grain, cutout }: OldPhotoOptions,
): Tensor4D {
  let aged = L;
  if (blur > 0) aged = blurred(aged, draws.uniform("blur", [0, blur]));
  if (grain > 0) aged = grainy(aged, draws, draws.uniform("grain", [0, grain / 50]));
  if (cutout > 0) aged = holed(aged, draws, cutout);
  return aged;
}

/**
 * A Gaussian blur of each picture with its own sigma, as two matrix products, one an axis: on two
 * cores as fast as a depthwise convolution of 13 taps, and no kernel is cut off. At the border the
 * weights that fall outside are spread over the others.
 *
 * @param pictures [B, S, S, 1].
 * @param sigma pixels, [B, 1, 1, 1].
 */
function blurred(pictures: Tensor4D, sigma: Tensor4D): Tensor4D {
  const [batch, size] = pictures.shape;
  const place = tf.range(0, size);
  const squared = tf.squaredDifference(tf.reshape(place, [size, 1]), tf.reshape(place, [1, size]));
  const least = tf.maximum(tf.reshape(sigma, [batch, 1, 1]), 1e-3); // 0 would divide by 0
  const weights = tf.exp(
    tf.mul(tf.reshape(squared, [1, size, size]), tf.div(-0.5, tf.square(least))),
  );
  const rows = tf.div(weights, tf.sum(weights, 2, true)) as Tensor3D; // [B, S, S], each row sums to 1
  const plane = tf.reshape(pictures, [batch, size, size]) as Tensor3D;
  const both = tf.matMul(tf.matMul(rows, plane), rows, false, true);
  return tf.reshape(both, [batch, size, size, 1]);
}

/** Noise of the standard deviation `sigma`, [B, 1, 1, 1], on each pixel. */
function grainy(pictures: Tensor4D, draws: PhotoDraws, sigma: Tensor4D): Tensor4D {
  const [, height, width] = pictures.shape;
  const grain = tf.mul(draws.noise(height, width), sigma);
  return tf.clipByValue(tf.add(pictures, grain) as Tensor4D, -1, 1);
}

/**
 * A rectangle of each picture made of one lightness, drawn as well (cutout: DeVries & Taylor, 2017).
 * Were it always the same lightness, the generator would learn that this one means a hole.
 */
function holed(pictures: Tensor4D, draws: PhotoDraws, largest: number): Tensor4D {
  const [, height, width] = pictures.shape;
  const covers = (length: number, side: "holeWidth" | "holeHeight", at: "holeX" | "holeY") => {
    const half = tf.div(draws.uniform(side, [0, largest]), 2);
    const centre = draws.uniform(at, [half, tf.sub(1, half)]);
    const place = tf.div(tf.add(tf.range(0, length), 0.5), length); // of pixel centres
    const shape = at === "holeX" ? [1, 1, length, 1] : [1, length, 1, 1];
    return tf.less(tf.abs(tf.sub(tf.reshape(place, shape), centre)), half);
  };
  const isHole = tf.logicalAnd(
    covers(height, "holeHeight", "holeY"),
    covers(width, "holeWidth", "holeX"),
  );
  return tf.where(isHole, draws.uniform("holeL", [-1, 1]), pictures);
}
