import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { encodeSrgb, inverseLabCurve } from "../color/cie.ts";
import { imageNetNormalized } from "../color/imagenet.ts";
import { abScale } from "../color/lab.ts";
import { addBias } from "../engine/kernels/bias.ts";
import { blur } from "../engine/kernels/blur.ts";
import { convolution } from "../engine/kernels/convolution.ts";
import { depthToSpace, shuffleOrder } from "../engine/kernels/pixel_shuffle.ts";
import { colorQueries } from "./color_queries.ts";
import { convnext } from "./convnext.ts";
import { type DdcolorShape, lastFactor, type PixelLevel } from "./ddcolor_layers.ts";
import type { Forward } from "./parameters.ts";

/**
 * The generator: from lightness to colour.
 *
 * @param L [B, H, W, 1] in [-1, 1]; H and W multiples of 32.
 * @returns ab over 110, [B, H, W, 2], linear. The network itself gives ab in the units of L*a*b*.
 */
export function ddcolor(L: Tensor, forward: Forward, shape: DdcolorShape): Tensor4D {
  const { encoder, levels, queries } = shape;
  const picture = normalizedGray(L); // [B, H, W, 3]
  const seen = convnext(picture, forward, encoder);
  let x = seen.pop()!; // [B, H/32, W/32, 768]
  const features = levels.map((level) => x = joined(x, seen.pop()!, level, forward));
  const colors = colorQueries(features, forward, queries); // [B, 100, 256]

  // PyTorch makes a map of each query, at full size, and mixes those to a and b. Here the queries are
  // mixed first: then each pixel's features meet two vectors instead of a hundred, and the shuffle and
  // the blur, which change no feature, move two channels instead of 256.
  const mix = forward.spectralWeight("refine_net.0.0"); // [1, 1, 103, 2]
  const { queries: count, width } = queries;
  const byQuery = tf.reshape(tf.slice(mix, [0, 0, 0, 0], [1, 1, count, 2]), [count, 2]);
  const [batch = 0, height = 0, wide = 0] = x.shape;
  const rows = tf.reshape(tf.transpose(colors, [0, 2, 1]), [-1, count]);
  const mixed = tf.reshape(tf.matMul(rows, byQuery), [batch, width, 2]);
  const maps = tf.reshape(lastFeatures(x, forward), [batch, -1, width]);
  const ab = tf.reshape(tf.matMul(maps, mixed), [batch, height, wide, 2 * lastFactor ** 2]);
  const ofPicture = convolution(picture, tf.slice(mix, [0, 0, count, 0], [1, 1, 3, 2]), {
    stride: 1,
    padding: 0,
  });
  const sum = tf.add(blur(depthToSpace(ab, lastFactor)), ofPicture);
  return tf.div(addBias(sum, forward.parameter("refine_net.0.0.bias")), abScale) as Tensor4D;
}

/** What the network sees: the sRGB gray of each lightness, in three channels, normalized. */
function normalizedGray(L: Tensor): Tensor {
  const luminance = inverseLabCurve(tf.div(tf.add(tf.mul(L, 50), 66), 116)); // (L* + 16) / 116
  return imageNetNormalized(tf.div(encodeSrgb(luminance), 255));
}

/** @param x [B, h, w, input]; `skip` [B, 2 h, 2 w, skip]. */
function joined(
  x: Tensor,
  skip: Tensor,
  { prefix }: PixelLevel,
  forward: Forward,
): Tensor {
  const shuffled = convolution(x, forward.spectralWeight(`${prefix}.shuf.conv.0`), {
    stride: 1,
    padding: 0,
  });
  const up = tf.relu(forward.batchNorm(shuffled, `${prefix}.shuf.conv.1`));
  const doubled = blur(depthToSpace(shuffleOrder(up)));
  // Nothing that was doubled is negative: it needs no second ReLU.
  const beside = tf.concat([doubled, tf.relu(forward.batchNorm(skip, `${prefix}.bn`))], 3);
  const y = convolution(beside, forward.spectralWeight(`${prefix}.conv.0`), {
    stride: 1,
    padding: 1,
  });
  return forward.batchNorm(tf.relu(y), `${prefix}.conv.2`);
}

/** The features of the picture's own pixels, sixteen pixels side by side: [B, h, w, 16 width]. */
function lastFeatures(x: Tensor, forward: Forward): Tensor {
  const name = "decoder.last_shuf.conv.0";
  const weight = shuffleOrder(forward.spectralWeight(name), lastFactor);
  const bias = shuffleOrder(forward.parameter(`${name}.bias`), lastFactor);
  return tf.relu(addBias(convolution(x, weight, { stride: 1, padding: 0 }), bias));
}
