import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";

/** The Gaussian window of 11 pixels (Wang et al., 2004). */
const radius = 5;
const sigma = 1.5;

/** (0.01 * 255)^2 and (0.03 * 255)^2. */
const c1 = 6.5025;
const c2 = 58.5225;

const weights = gaussian();

/**
 * Structural similarity (Wang, Bovik, Sheikh & Simoncelli, 2004), by operations that trace: the mean
 * over all places whose 11x11 window lies in the picture and over the three channels. It is
 * scikit-image's `structural_similarity` with `gaussian_weights=True, sigma=1.5,
 * use_sample_covariance=False, data_range=255, channel_axis=-1`.
 *
 * @param first sRGB values in [0, 255], [B, H, W, 3]; H and W at least 11.
 * @param second the same.
 * @returns [B], at most 1.
 */
export function ssim(first: Tensor, second: Tensor): Tensor {
  const [batch = 0] = first.shape;
  // Second moments are differences of large numbers: nearer to 0 they lose fewer digits.
  const [x, y] = [first, second].map((rgb) => tf.sub(rgb, 127.5)) as [Tensor, Tensor];
  const moments = blur(tf.concat([
    x,
    y,
    tf.add(tf.square(x), tf.square(y)),
    tf.mul(x, y),
  ], 3));
  const [muX, muY, squares, products] = tf.split(moments, 4, 3) as [Tensor, Tensor, Tensor, Tensor];
  const muXY = tf.mul(muX, muY);
  const muSquares = tf.add(tf.square(muX), tf.square(muY));
  const covariance = tf.sub(products, muXY);
  const variances = tf.sub(squares, muSquares);
  // The means of the values as they were: mu + 127.5.
  const shift = tf.mul(tf.add(muX, muY), 127.5);
  const trueMuXY = tf.add(tf.add(muXY, shift), 127.5 ** 2);
  const trueMuSquares = tf.add(tf.add(muSquares, tf.mul(shift, 2)), 2 * 127.5 ** 2);
  const map = tf.mul(
    tf.div(tf.add(tf.mul(trueMuXY, 2), c1), tf.add(trueMuSquares, c1)),
    tf.div(tf.add(tf.mul(covariance, 2), c2), tf.add(variances, c2)),
  );
  return tf.mean(tf.reshape(map, [batch, -1]), 1);
}

/** [B, H, W, C] to [B, H - 10, W - 10, C]. */
function blur(planes: Tensor): Tensor4D {
  const channels = planes.shape[3] ?? 0;
  const line = tf.tensor1d(weights);
  const kernel = (height: number, width: number) =>
    tf.tile(tf.reshape(line, [height, width, 1, 1]), [1, 1, channels, 1]) as Tensor4D;
  const length = 2 * radius + 1;
  const down = tf.depthwiseConv2d(planes as Tensor4D, kernel(length, 1), 1, "valid");
  return tf.depthwiseConv2d(down, kernel(1, length), 1, "valid");
}

function gaussian(): number[] {
  const values = Array.from(
    { length: 2 * radius + 1 },
    (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = values.reduce((a, b) => a + b, 0);
  return values.map((value) => value / sum);
}
