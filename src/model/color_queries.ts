import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { addBias } from "../engine/kernels/bias.ts";
import { convolution } from "../engine/kernels/convolution.ts";
import { type ColorQueriesShape, positionWaves, queryLayer } from "./color_queries_layers.ts";
import { layerNormAt, linear, linearAt } from "./linear.ts";
import type { Forward } from "./parameters.ts";

const epsilon = 1e-5;

/**
 * What the queries have found in pictures of features (Carion et al., 2020, in the form of Cheng et al.,
 * 2022: attention to the picture first, each norm behind what it is added to).
 *
 * @param pictures one of each level, [B, h, w, channels].
 * @returns [B, queries, width].
 */
export function colorQueries(
  pictures: readonly Tensor[],
  forward: Forward,
  shape: ColorQueriesShape,
): Tensor {
  const { prefix, layers, width, heads } = shape;
  const norm = (x: Tensor, name: string) => layerNormAt(x, name, forward, { epsilon });
  const levelEmbeds = forward.parameter(`${prefix}level_embed.weight`);
  const seen = pictures.map((picture, level) => {
    const [batch = 0, height = 0, width_ = 0] = picture.shape;
    const name = `${prefix}input_proj.${level}`;
    const projected = addBias(
      convolution(picture, forward.parameter(`${name}.weight`), { stride: 1, padding: 0 }),
      tf.add(
        forward.parameter(`${name}.bias`),
        tf.reshape(tf.slice(levelEmbeds, [level, 0], [1, width]), [width]),
      ),
    );
    const [rows, columns] = positions(height, width_, width);
    const placed = tf.add(tf.add(projected, rows), columns);
    const flat = (x: Tensor) => tf.reshape(x, [batch, height * width_, width]);
    return { keys: flat(placed), values: flat(projected) };
  });
  const batch = pictures[0]?.shape[0] ?? 0;
  const embed = forward.parameter(`${prefix}query_embed.weight`);
  const first = tf.expandDims(forward.parameter(`${prefix}query_feat.weight`), 0);
  let x: Tensor = tf.tile(first, [batch, 1, 1]);
  for (let index = 0; index < layers; index++) {
    const { cross, own, feedForward } = queryLayer(prefix, index);
    const { keys, values } = seen[index % seen.length]!;
    const attend = (name: string, keys: Tensor, values: Tensor) =>
      attention({ queries: tf.add(x, embed), keys, values }, forward, { name, heads });
    x = norm(tf.add(x, attend(`${cross}.multihead_attn`, keys, values)), `${cross}.norm`);
    x = norm(tf.add(x, attend(`${own}.self_attn`, tf.add(x, embed), x)), `${own}.norm`);
    const inner = tf.relu(linearAt(x, `${feedForward}.linear1`, forward));
    x = norm(
      tf.add(x, linearAt(inner, `${feedForward}.linear2`, forward)),
      `${feedForward}.norm`,
    );
  }
  x = norm(x, `${prefix}decoder_norm`);
  for (let index = 0; index < 3; index++) {
    x = linearAt(x, `${prefix}color_embed.layers.${index}`, forward);
    if (index < 2) x = tf.relu(x);
  }
  return x;
}

/**
 * Attention of several heads (Vaswani et al., 2017), as PyTorch's MultiheadAttention.
 *
 * @param given queries [B, q, C], keys and values [B, k, C].
 * @returns [B, q, C].
 */
export function attention(
  given: { readonly queries: Tensor; readonly keys: Tensor; readonly values: Tensor },
  forward: Pick<Forward, "parameter">,
  { name, heads }: { readonly name: string; readonly heads: number },
): Tensor {
  const weights = tf.split(forward.parameter(`${name}.in_proj_weight`), 3); // [C, C] each
  const biases = tf.split(forward.parameter(`${name}.in_proj_bias`), 3);
  const [queries, keys, values] = [given.queries, given.keys, given.values].map((x, index) => {
    const [batch = 0, length = 0, channels = 0] = x.shape;
    const projected = linear(x, weights[index]!, biases[index]!);
    const apart = tf.reshape(projected, [batch, length, heads, channels / heads]);
    return tf.transpose(apart, [0, 2, 1, 3]); // [B, heads, length, C / heads]
  }) as [Tensor, Tensor, Tensor];
  const scale = 1 / Math.sqrt(queries.shape[3] ?? 1);
  const shares = tf.softmax(tf.matMul(tf.mul(queries, scale), keys, false, true));
  const found = tf.transpose(tf.matMul(shares, values), [0, 2, 1, 3]);
  const together = tf.reshape(found, given.queries.shape);
  return linear(
    together,
    forward.parameter(`${name}.out_proj.weight`),
    forward.parameter(`${name}.out_proj.bias`),
  );
}

/**
 * Where a picture's rows and columns lie, as sines and cosines of many wavelengths: the first half of
 * the channels tells the row, the second the column.
 *
 * @param channels a multiple of 4.
 * @returns [1, height, 1, channels] and [1, 1, width, channels], to be added.
 */
function positions(height: number, width: number, channels: number): [Tensor, Tensor] {
  return [
    tf.tensor(positionWaves(height, channels, true), [1, height, 1, channels]),
    tf.tensor(positionWaves(width, channels, false), [1, 1, width, channels]),
  ];
}
