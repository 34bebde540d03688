import { TinctError } from "../errors.ts";

/** How far an output is from what it should be. */
export interface Difference {
  /** The largest. */
  readonly difference: number;
  /** From the least to the largest of what it should be. */
  readonly range: number;
  /** The difference in parts of the range; NaN where a number is none. */
  readonly relative: number;
}

interface Numbers {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** @throws TinctError `invalid_argument` where the shapes are not the same. */
export function differenceOf(
  made: Numbers & { readonly name: string },
  expected: Numbers,
): Difference {
  if (`${made.shape}` !== `${expected.shape}`) {
    throw new TinctError(
      "invalid_argument",
      `The output ${made.name} has the shape [${made.shape}], not [${expected.shape}] as expected.`,
    );
  }
  let difference = 0;
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < expected.values.length; i++) {
    const wanted = expected.values[i]!;
    const off = Math.abs(made.values[i]! - wanted);
    if (!(off <= difference)) difference = off; // NaN stays
    least = Math.min(least, wanted);
    most = Math.max(most, wanted);
  }
  const range = Math.max(0, most - least);
  return { difference, range, relative: difference === 0 ? 0 : difference / range };
}
