import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";

/** A hue as the direction of (a', b'): its cosine and sine, both 0 where there is no chroma. */
interface Direction {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/** A colour of CIEDE2000: the chroma C' and its direction. */
interface Chroma {
  readonly length: Tensor;
  readonly direction: Direction;
}

/**
 * The colour difference CIEDE2000 (Sharma, Wu & Dalal, 2005: "The CIEDE2000 color-difference formula:
 * implementation notes, supplementary test data, and mathematical observations"), all weights 1, by
 * operations that trace.
 *
 * Hues are kept as directions instead of angles: their functions follow from the angle's cosine and
 * sine by the addition theorems, which spares most of the trigonometry and leaves no jump at 360
 * degrees for float32 to fall over.
 *
 * @param first L*a*b*, of any shape that ends in 3.
 * @param second the same; the difference is the same both ways.
 * @returns the difference of each pixel, from 0; the shape without its last dimension.
 */
export function ciede2000(first: Tensor, second: Tensor): Tensor {
  const [L1, a1, b1] = planesOf(first);
  const [L2, a2, b2] = planesOf(second);
  const meanC = half(tf.add(length(a1, b1), length(a2, b2)));
  // a' = (1 + G) a
  const stretch = tf.sub(1.5, tf.mul(0.5, tf.sqrt(seventh(meanC))));
  const one = chromaOf(tf.mul(a1, stretch), b1);
  const two = chromaOf(tf.mul(a2, stretch), b2);

  const { mean, chord } = bisect(one.direction, two.direction);
  const dL = tf.sub(L2, L1);
  const dC = tf.sub(two.length, one.length);
  const dH = tf.mul(tf.sqrt(tf.mul(one.length, two.length)), chord);

  const meanL = tf.square(tf.sub(half(tf.add(L1, L2)), 50));
  const meanCp = half(tf.add(one.length, two.length));
  const sL = tf.add(1, tf.div(tf.mul(0.015, meanL), tf.sqrt(tf.add(20, meanL))));
  const sC = tf.add(1, tf.mul(0.045, meanCp));
  const sH = tf.add(1, tf.mul(0.015, tf.mul(meanCp, hueWeight(mean))));
  const rC = tf.mul(2, tf.sqrt(seventh(meanCp)));
  const rT = tf.neg(tf.mul(sinOfTwice(blueness(mean)), rC));

  const [partL, partC, partH] = [tf.div(dL, sL), tf.div(dC, sC), tf.div(dH, sH)];
  const squares = tf.add(tf.square(partL), tf.add(tf.square(partC), tf.square(partH)));
  const turned = tf.mul(rT, tf.mul(partC, partH));
  const flat = tf.sqrt(tf.maximum(tf.add(squares, turned), 0));
  return tf.reshape(flat, first.shape.slice(0, -1));
}

/** L, a and b, flat: operations on planes take less time than those on triples. */
function planesOf(lab: Tensor): [Tensor, Tensor, Tensor] {
  const planes = tf.transpose(tf.reshape(lab, [-1, 3]));
  return tf.unstack(planes) as [Tensor, Tensor, Tensor];
}

function half(x: Tensor): Tensor {
  return tf.mul(x, 0.5);
}

function length(x: Tensor, y: Tensor): Tensor {
  return tf.sqrt(tf.add(tf.square(x), tf.square(y)));
}

/** C^7 / (C^7 + 25^7). */
function seventh(c: Tensor): Tensor {
  const part = tf.mul(c, 1 / 25);
  const square = tf.square(part);
  const power = tf.mul(tf.mul(tf.square(square), square), part);
  return tf.div(power, tf.add(power, 1));
}

function chromaOf(a: Tensor, b: Tensor): Chroma {
  const c = length(a, b);
  // Where there is no chroma, 0 stays 0.
  const scale = tf.div(1, tf.maximum(c, 1e-20));
  return { length: c, direction: { cos: tf.mul(a, scale), sin: tf.mul(b, scale) } };
}

/**
 * The mean hue, on the side where the two are nearer, and 2 sin(dh / 2), the signed chord between
 * them. Where one has no chroma the mean is the other's hue.
 */
function bisect(one: Direction, two: Direction): { mean: Direction; chord: Tensor } {
  const cross = tf.sub(tf.mul(one.cos, two.sin), tf.mul(one.sin, two.cos));
  const dot = tf.add(tf.mul(one.cos, two.cos), tf.mul(one.sin, two.sin));
  const [dCos, dSin] = [tf.sub(two.cos, one.cos), tf.sub(two.sin, one.sin)];
  // Opposite hues are as near both ways: the formula then counts from the smaller of the angles.
  const side = tf.where(tf.equal(one.sin, 0), one.cos, one.sin);
  const sign = tf.where(tf.equal(cross, 0), tf.sign(side), tf.sign(cross));
  // The sum of near hues and the normal of the chord between far ones point to the mean: each is long
  // where the other is short.
  const isNear = tf.greaterEqual(dot, 0);
  const x = tf.where(isNear, tf.add(one.cos, two.cos), tf.mul(sign, dSin));
  const y = tf.where(isNear, tf.add(one.sin, two.sin), tf.neg(tf.mul(sign, dCos)));
  return { mean: chromaOf(x, y).direction, chord: tf.mul(sign, length(dCos, dSin)) };
}

/** T = 1 - 0.17 cos(h - 30) + 0.24 cos 2h + 0.32 cos(3h + 6) - 0.20 cos(4h - 63), h in degrees. */
function hueWeight({ cos: c1, sin: s1 }: Direction): Tensor {
  const c2 = tf.sub(tf.mul(2, tf.square(c1)), 1);
  const s2 = tf.mul(2, tf.mul(s1, c1));
  const c3 = tf.sub(tf.mul(c2, c1), tf.mul(s2, s1));
  const s3 = tf.add(tf.mul(s2, c1), tf.mul(c2, s1));
  const c4 = tf.sub(tf.mul(2, tf.square(c2)), 1);
  const s4 = tf.mul(2, tf.mul(s2, c2));
  const turned = (factor: number, c: Tensor, s: Tensor, degrees: number) => {
    const angle = degrees * Math.PI / 180;
    return tf.add(tf.mul(c, factor * Math.cos(angle)), tf.mul(s, -factor * Math.sin(angle)));
  };
  const parts = [
    turned(-0.17, c1, s1, -30),
    tf.mul(0.24, c2),
    turned(0.32, c3, s3, 6),
    turned(-0.2, c4, s4, -63),
  ];
  return parts.reduce((sum, part) => tf.add(sum, part), tf.scalar(1));
}

/** 30 exp(-((h - 275) / 25)^2), in radians. */
function blueness({ cos, sin }: Direction): Tensor {
  // The distance from 275 degrees is the angle to that direction: no turn needs to be counted off.
  const [c, s] = [Math.cos(275 * Math.PI / 180), Math.sin(275 * Math.PI / 180)];
  const across = tf.sub(tf.mul(sin, c), tf.mul(cos, s));
  const along = tf.add(tf.mul(cos, c), tf.mul(sin, s));
  const off = tf.mul(tf.atan2(across, along), 180 / Math.PI / 25);
  return tf.mul(tf.exp(tf.neg(tf.square(off))), Math.PI / 6);
}

function sinOfTwice(angle: Tensor): Tensor {
  return tf.sin(tf.mul(angle, 2));
}
