import { TinctError } from "../errors.ts";

/** Tensors that are squares or means of squares: a batch norm's variances, Adam's second moments. */
const NEVER_NEGATIVE = /\.running_var$|^exp_avg_sq\./;

/**
 * Refuses numbers with which a model computes nothing of use, and would say nothing of it: NaN and
 * infinity, and variances under 0, whose roots are NaN.
 *
 * @param values of one tensor. A million take about a millisecond.
 * @param tensor its name, and the file that it is from.
 * @throws {TinctError} failed_precondition that names the tensor, the first wrong value and its place.
 */
export function refuseUnsound(
  values: Float32Array,
  { name, path }: { readonly name: string; readonly path: string },
): void {
  const least = NEVER_NEGATIVE.test(name) ? 0 : -Infinity;
  // 0 x is 0 for every number and NaN for what is none; one sum is quicker than a question for each.
  let zero = 0, smallest = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    zero += value * 0;
    if (value < smallest) smallest = value;
  }
  if (zero === 0 && smallest >= least) return;
  const isWrong = (value: number) => !Number.isFinite(value) || value < least;
  const at = values.findIndex(isWrong);
  const count = values.reduce((sum, value) => sum + (isWrong(value) ? 1 : 0), 0);
  const what = least === 0 ? "finite and at least 0" : "finite";
  throw new TinctError(
    "failed_precondition",
    `${path}: ${count} of the ${values.length} numbers of ${name} ${count === 1 ? "is" : "are"} ` +
      `not ${what}; the first is ${values[at]}, number ${at + 1}. A model with it gives wrong ` +
      "colours: take another checkpoint, or save the weights again.",
  );
}
