/**
 * How far the filter of Mitchell and Netravali (1988) with B = C = 1/3 reaches, in samples. Of the
 * cubic filters it is the one that shows least of its own: hardly any ringing, so that no coloured
 * seam runs along an edge, and little blur.
 */
const reach = 2;

/** Its value at a distance of `x` samples. */
function mitchell(x: number): number {
  const d = Math.abs(x);
  if (d >= reach) return 0;
  return d < 1
    ? (7 * d ** 3 - 12 * d ** 2 + 16 / 3) / 6
    : (-7 / 3 * d ** 3 + 12 * d ** 2 - 20 * d + 32 / 3) / 6;
}

/**
 * The weights with which samples along one axis make up others: what a resized row is, as a matrix.
 * Samples stand for the middles of equal stretches; beyond the ends nothing is. When there are fewer
 * outputs than inputs the filter widens, so that nothing aliases.
 *
 * @param inputs samples there are, from 1.
 * @param outputs samples there are to be on the whole axis, from 1.
 * @param first the first of the outputs that are wanted.
 * @param count how many of them, from `first`; those past the axis's end repeat its last.
 * @returns [count, inputs]; each row adds up to 1.
 */
export function resamplingWeights(
  inputs: number,
  outputs: number,
  { first = 0, count = outputs }: { readonly first?: number; readonly count?: number } = {},
): Float32Array<ArrayBuffer> {
  const scale = inputs / outputs;
  const widening = Math.max(scale, 1);
  const weights = new Float32Array(count * inputs);
  for (let row = 0; row < count; row++) {
    const output = Math.min(first + row, outputs - 1);
    const center = (output + 0.5) * scale - 0.5;
    const from = Math.max(0, Math.ceil(center - reach * widening));
    const to = Math.min(inputs - 1, Math.floor(center + reach * widening));
    const values: number[] = [];
    for (let input = from; input <= to; input++) {
      values.push(mitchell((input - center) / widening));
    }
    const sum = values.reduce((total, value) => total + value, 0);
    values.forEach((value, i) => weights[row * inputs + from + i] = value / sum);
  }
  return weights;
}
