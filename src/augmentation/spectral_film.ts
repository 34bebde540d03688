import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { labCurve, linearOfBytes } from "../color/cie.ts";
import type { PhotoDraws } from "./photo_draws.ts";

/**
 * The lightness of each photo as another film saw the scene: L* of a mix of its linear red, green and
 * blue in place of its luminance. The shares of a mix add up to 1, so that black, grays and white
 * stay as they are and only colours become lighter or darker.
 *
 * Half of the photos that are drawn are seen by a film that is blind to red, their green and blue in
 * any proportion: plates sensitive to blue alone, and orthochromatic film. The other half are seen by
 * panchromatic film behind a filter of any colour, with all mixes equally likely. (Sensitivities of
 * films: C. E. K. Mees & T. H. James, "The Theory of the Photographic Process", on spectral
 * sensitization. Three primaries stand for whole spectra here.)
 *
 * @param pixels sRGB, uint8, [B, S, S, 3].
 * @param L of the same photos, L*, [B, S, S, 1].
 * @param share of the photos that are seen by another film, in (0, 1].
 * @returns L*, [B, S, S, 1]; the given values where a photo is not drawn.
 */
export function seenByFilm(
  { pixels, L }: { readonly pixels: Tensor; readonly L: Tensor },
  draws: PhotoDraws,
  share: number,
): Tensor4D {
  const mixed = tf.sum(tf.mul(linearOfBytes(pixels), filmMixes(draws)), 3, true);
  const lightness = tf.sub(tf.mul(labCurve(mixed), 116), 16);
  return tf.where(tf.less(draws.uniform("film", [0, 1]), share), lightness, L) as Tensor4D;
}

/** What each photo's film makes of red, green and blue: [B, 1, 1, 3], each from 0, their sum 1. */
export function filmMixes(draws: PhotoDraws): Tensor4D {
  const [first, second] = [draws.uniform("filmFirst", [0, 1]), draws.uniform("filmSecond", [0, 1])];
  const redBlind = tf.concat([tf.zerosLike(first), first, tf.sub(1, first)], 3);
  // Two points on a line of length 1 cut it into three pieces: all mixes are equally likely.
  const [low, high] = [tf.minimum(first, second), tf.maximum(first, second)];
  const panchromatic = tf.concat([low, tf.sub(high, low), tf.sub(1, high)], 3);
  const isRedBlind = tf.less(draws.uniform("filmKind", [0, 1]), 0.5);
  return tf.where(isRedBlind, redBlind, panchromatic) as Tensor4D;
}
