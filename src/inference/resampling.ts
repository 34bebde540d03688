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

/** Samples that lie together. */
export interface Stretch {
  readonly first: number;
  readonly count: number;
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
 * @param among the inputs that the matrix is of, all by default; no others may have a part in the
 *   wanted outputs, see `inputsOf`.
 * @returns [count, among.count]; each row adds up to 1.
 */
export function resamplingWeights(
  inputs: number,
  outputs: number,
  { first = 0, count = outputs, among = { first: 0, count: inputs } }: Partial<Stretch> & {
    readonly among?: Stretch;
  } = {},
): Float32Array<ArrayBuffer> {
  const weights = new Float32Array(count * among.count);
  for (let row = 0; row < count; row++) {
    const { center, widening, from, to } = filterAt(inputs, outputs, first + row);
    const values: number[] = [];
    for (let input = from; input <= to; input++) {
      values.push(mitchell((input - center) / widening));
    }
    const sum = values.reduce((total, value) => total + value, 0);
    const at = row * among.count + from - among.first;
    values.forEach((value, i) => weights[at + i] = value / sum);
  }
  return weights;
}

/** The inputs that have a part in some of the outputs; the parameters are those of `resamplingWeights`. */
export function inputsOf(inputs: number, outputs: number, { first, count }: Stretch): Stretch {
  const { from } = filterAt(inputs, outputs, first);
  const { to } = filterAt(inputs, outputs, first + count - 1);
  return { first: from, count: to - from + 1 };
}

/** Where the filter of an output stands among the inputs, and from which to which it reaches. */
function filterAt(inputs: number, outputs: number, output: number) {
  const scale = inputs / outputs;
  const widening = Math.max(scale, 1);
  const center = (Math.min(output, outputs - 1) + 0.5) * scale - 0.5;
  return {
    center,
    widening,
    from: Math.max(0, Math.ceil(center - reach * widening)),
    to: Math.min(inputs - 1, Math.floor(center + reach * widening)),
  };
}
