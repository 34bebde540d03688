import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { resample } from "../engine/kernels/resample.ts";
import type { PhotoDraws } from "./photo_draws.ts";

/** The widest window: width to height as that of torchvision's RandomResizedCrop, or its inverse. */
const widestAspect = 4 / 3;

/** What decides which part of a photo is seen. */
export interface WindowOptions {
  /** Smallest share of the area, in (0, 1]. */
  readonly crop: number;
  /** Largest angle either way, degrees, in [0, 45]. */
  readonly rotate: number;
  /** Mirror half of the photos. */
  readonly flip: boolean;
}

/**
 * Shows of each photo a random window, turned, mirrored or not, brought to the photo's own size by
 * one resampling (random resized crop: Szegedy et al., 2015).
 *
 * A window never leaves its photo, so nothing has to be invented for corners. It has the share of
 * the area that was drawn, evenly from `crop` up to the largest that fits at its angle; its aspect
 * ratio is drawn evenly by its logarithm from 3/4 to 4/3, as far as it fits; its place evenly from
 * all that fit. With `crop` 1 it is the largest square that fits.
 *
 * @param pictures [B, S, S, C].
 */
export function seeThroughWindow(
  pictures: Tensor,
  draws: PhotoDraws,
  options: WindowOptions,
): Tensor4D {
  return resample(pictures, windowMaps(pictures.shape[1] ?? 0, draws, options));
}

/**
 * Where windows lie in photos of side `size`, as the maps of `resample`, [B, 6].
 */
export function windowMaps(
  size: number,
  draws: PhotoDraws,
  { crop, rotate, flip }: WindowOptions,
): Tensor {
  const largest = rotate * Math.PI / 180;
  const angle = draws.uniform("angle", [-largest, largest]);
  const [cos, sin, absSin] = [tf.cos(angle), tf.sin(angle), tf.abs(tf.sin(angle))];
  // A window of w x h (shares of the side) fits when w cos + h sin and w sin + h cos are at most 1.
  const largestShare = tf.div(1, tf.square(tf.add(cos, absSin)));
  const share = draws.uniform("share", [tf.minimum(crop, largestShare), largestShare]);
  // With w = u sqrt(share) and h = sqrt(share) / u, the first is a quadratic inequality in u.
  const inverse = tf.div(1, tf.sqrt(share));
  const discriminant = tf.sub(tf.square(inverse), tf.mul(4, tf.mul(cos, absSin)));
  const fitting = tf.div(tf.add(inverse, tf.sqrt(tf.maximum(discriminant, 0))), tf.mul(2, cos));
  const bound = tf.log(tf.clipByValue(fitting, 1, Math.sqrt(widestAspect)));
  const u = tf.exp(draws.uniform("aspect", [tf.neg(bound), bound]));
  const [width, height] = [tf.mul(u, tf.sqrt(share)), tf.div(tf.sqrt(share), u)];

  const middle = (size - 1) / 2;
  const centre = (name: "windowX" | "windowY", extent: Tensor) => {
    const room = tf.mul(tf.maximum(tf.sub(1, extent), 0), size / 2);
    return tf.add(draws.uniform(name, [tf.neg(room), room]), middle);
  };
  const x = centre("windowX", tf.add(tf.mul(width, cos), tf.mul(height, absSin)));
  const y = centre("windowY", tf.add(tf.mul(width, absSin), tf.mul(height, cos)));
  const along = flip ? tf.where(draws.mirrored(), tf.neg(width), width) : width;
  const linear = [
    tf.mul(along, cos),
    tf.neg(tf.mul(height, sin)),
    tf.mul(along, sin),
    tf.mul(height, cos),
  ];
  const [m0, m1, m3, m4] = linear as [Tensor, Tensor, Tensor, Tensor];
  const start = (at: Tensor, a: Tensor, b: Tensor) => tf.sub(at, tf.mul(tf.add(a, b), middle));
  const maps = [m0, m1, start(x, m0, m1), m3, m4, start(y, m3, m4)];
  return tf.concat(maps.map((column) => tf.reshape(column, [-1, 1])), 1);
}
