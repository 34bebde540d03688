import { RandomStream } from "./random_stream.ts";

/**
 * The order of an epoch: a shuffle (Fisher and Yates, from the end) by the stream of random numbers
 * named "tinct shuffle", the seed and the epoch. The same for ever: a run that is resumed, even by a
 * later version, goes on in the order in which it began.
 *
 * @param indices what is shuffled; left as it is.
 * @param seed an integer.
 * @param epoch an integer from 0.
 * @returns a new array.
 */
export function shuffled(indices: ArrayLike<number>, seed: number, epoch: number): Uint32Array {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed is an integer, not ${seed}.`);
  if (!Number.isSafeInteger(epoch) || epoch < 0) {
    throw new RangeError(`epoch is an integer from 0, not ${epoch}.`);
  }
  const random = new RandomStream(`tinct shuffle ${seed} ${epoch}`);
  const order = Uint32Array.from(indices);
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}
