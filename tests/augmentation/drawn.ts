import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { PhotoDraws } from "../../src/augmentation/photo_draws.ts";

/** Calls `make` with the draws of a batch, and gives the values of its result. */
export function drawnValues(
  batch: number,
  [seed, step]: readonly [seed: number, step: number],
  make: (draws: PhotoDraws) => Tensor,
): number[] {
  return tf.tidy(() => {
    const draws = new PhotoDraws(batch, tf.tensor1d([seed, step], "int32"));
    return [...make(draws).dataSync()];
  });
}

/** How far the distribution of values is from an even one on [low, high): Kolmogorov and Smirnov's D. */
export function unevenness(
  values: readonly number[],
  [low, high]: readonly [number, number],
): number {
  const sorted = values.map((value) => (value - low) / (high - low)).sort((a, b) => a - b);
  const { length: n } = sorted;
  return Math.max(...sorted.map((x, i) => Math.max(x - i / n, (i + 1) / n - x)));
}

/** What D stays under in all but one of a million cases, for n draws (Kolmogorov's distribution). */
export function evenWithin(n: number): number {
  return Math.sqrt(Math.log(2 / 1e-6) / 2 / n);
}
