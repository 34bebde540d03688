/** Operations that are worth narrowing for: matrix units multiply bfloat16 and sum up in float32. */
const convolutions = new Set(["Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"]);

/** Those whose results gradients are summed up from, over batches and steps: float32 at once. */
const sums = new Set(["Conv2DBackpropFilter"]);

/** Those that compute in float32 unless all they are given is bfloat16. */
const arithmetic = new Set(["AddV2", "Mul"]);

/**
 * Operations that stand between convolutions: where what they are given is bfloat16 already, they
 * compute in it too, for half the memory traffic. Of each, which inputs have its type `T`; batch norm
 * keeps scales and statistics in float32. Losses, means and updates are not among them.
 */
const followers: Readonly<Record<string, (inputs: number) => readonly number[]>> = {
  AddV2: () => [0, 1],
  BiasAdd: () => [0, 1],
  ConcatV2: (inputs) => Array.from({ length: inputs - 1 }, (_, index) => index),
  FusedBatchNormGradV3: () => [0, 1],
  FusedBatchNormV3: () => [0],
  LeakyRelu: () => [0],
  LeakyReluGrad: () => [0, 1],
  Mul: () => [0, 1],
  PadV2: () => [0, 2],
  Relu: () => [0],
  ReluGrad: () => [0, 1],
  Reshape: () => [0],
  Slice: () => [0],
};

/** How an operation is written where convolutions compute in bfloat16. */
interface Narrowing {
  /** Positions of the inputs to be bfloat16; all others are float32. */
  readonly inputs: ReadonlySet<number>;
  /** Whether its result goes back to float32 at once. */
  readonly widens: boolean;
}

/**
 * Whether an operation computes in bfloat16, as PyTorch's autocast decides it: convolutions do, what
 * stands between them follows, the rest is float32.
 *
 * @param narrow for each input, whether it is bfloat16 already.
 * @param wide for each input, whether it is float32.
 * @returns undefined: it computes in float32.
 */
export function narrowing(
  name: string,
  narrow: readonly boolean[],
  wide: readonly boolean[],
): Narrowing | undefined {
  if (convolutions.has(name)) {
    const inputs = narrow.flatMap((is, index) => is || wide[index] ? [index] : []);
    return { inputs: new Set(inputs), widens: sums.has(name) };
  }
  const typed = followers[name]?.(narrow.length);
  if (typed === undefined || !typed.some((index) => narrow[index])) return undefined;
  // Sums and products are as exact as the widest of what they take, labels of losses for one.
  if (arithmetic.has(name) && !typed.every((index) => narrow[index])) return undefined;
  return { inputs: new Set(typed), widens: false };
}
