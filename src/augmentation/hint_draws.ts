import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { statelessNormal, statelessUniform, streamOf } from "../engine/kernels/random.ts";

/** Sets these draws apart from those of dropout, augmentation and mixing. */
const streams = { count: 5001, side: 5002, row: 5003, column: 5004 } as const;

/** Most points of a photo while a generator is trained: one photo in 5,000 would have more. */
const MOST_POINTS = 64;

/** The share of photos whose next point is not drawn any more; so one in eight has none. */
const STOP = 1 / 8;

/** Largest side of a point's patch, pixels. */
const MOST_SIDE = 9;

/** Side of the patches that validations give, pixels. */
const VALIDATED_SIDE = 6;

/** Points of a batch, K for each photo; those past a photo's own number cover nothing. */
interface Points {
  /** Which rows and columns each covers: 0 or 1, [B, K, H] and [B, K, W]. */
  readonly rows: Tensor;
  readonly columns: Tensor;
}

/**
 * Hints as a person might give them, drawn as Zhang et al. (2017, "Real-time user-guided image
 * colorization") do: the number of points is geometric with a mean of 7, a patch has a side of 1 to 9
 * pixels and lies around the middle (normal, a quarter of the side), and its colour is the patch's mean.
 * All of it traces.
 *
 * @param ab over 110, [B, S, S, 2].
 * @param seed [2] int32.
 * @returns a, b and the mask (1 where there is a hint), [B, S, S, 3]; 0 elsewhere.
 */
export function drawHints(ab: Tensor, seed: Tensor): Tensor {
  const [batch = 0, size = 0] = ab.shape;
  const shape = [batch, MOST_POINTS, 1];
  const chance = statelessUniform([batch, 1, 1], streamOf(seed, streams.count));
  const count = tf.floor(tf.div(tf.log(tf.sub(1, chance)), Math.log(1 - STOP)));
  const isThere = tf.less(tf.reshape(tf.range(0, MOST_POINTS), [1, MOST_POINTS, 1]), count);
  const sides = tf.add(
    tf.floor(tf.mul(statelessUniform(shape, streamOf(seed, streams.side)), MOST_SIDE)),
    1,
  );
  const around = (stream: number) =>
    tf.add(tf.mul(statelessNormal(shape, streamOf(seed, stream)), size / 4), size / 2);
  const rows = covered(around(streams.row), sides, size);
  const columns = covered(around(streams.column), sides, size);
  return planesOf(ab, { rows: tf.mul(rows, tf.cast(isThere, "float32")), columns });
}

/**
 * As many hints a photo as are asked for, of 6 x 6 pixels and anywhere, as validations give them.
 *
 * @returns as `drawHints`.
 */
export function drawPoints(ab: Tensor, seed: Tensor, count: number): Tensor {
  const [batch = 0, size = 0] = ab.shape;
  const sides = tf.scalar(Math.min(VALIDATED_SIDE, size));
  const along = (stream: number) =>
    covered(tf.mul(statelessUniform([batch, count, 1], streamOf(seed, stream)), size), sides, size);
  return planesOf(ab, { rows: along(streams.row), columns: along(streams.column) });
}

/** The pixels of an axis that patches cover, wholly inside of it: [B, K, size]. */
function covered(centers: Tensor, sides: Tensor, size: number): Tensor {
  const wanted = tf.round(tf.sub(centers, tf.div(sides, 2)));
  const first = tf.maximum(tf.minimum(wanted, tf.sub(size, sides)), 0);
  const pixels = tf.reshape(tf.range(0, size), [1, 1, size]);
  const isInside = tf.logicalAnd(
    tf.greaterEqual(pixels, first),
    tf.less(pixels, tf.add(first, sides)),
  );
  return tf.cast(isInside, "float32");
}

/** Where patches overlap, their colours are averaged. */
function planesOf(ab: Tensor, { rows, columns }: Points): Tensor {
  const [batch = 0, size = 0] = ab.shape;
  const points = rows.shape[1] ?? 0;
  const lines = tf.reshape(
    tf.matMul(rows, tf.reshape(ab, [batch, size, 2 * size])),
    [batch, points, size, 2],
  );
  const sums = tf.sum(tf.mul(lines, tf.expandDims(columns, 3)), 2); // [B, K, 2]
  const pixels = tf.mul(tf.sum(rows, 2, true), tf.sum(columns, 2, true));
  const colors = tf.div(sums, tf.maximum(pixels, 1));
  const spread = (weights?: Tensor) =>
    tf.matMul(weights === undefined ? rows : tf.mul(rows, weights), columns, true);
  const covers = spread();
  const [a, b] = tf.split(colors, 2, 2).map((color) =>
    tf.div(spread(color), tf.maximum(covers, 1))
  );
  return tf.stack([a!, b!, tf.minimum(covers, 1)], 3);
}
