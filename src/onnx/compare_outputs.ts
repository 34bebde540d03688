import tf from "@tensorflow/tfjs";
import { TinctError } from "../errors.ts";
import type { NpyArray } from "./npy_file.ts";
import type { OnnxNetwork } from "./onnx_network.ts";

/** How far an output is from what it should be. */
interface OutputDifference {
  readonly name: string;
  /** The largest. */
  readonly difference: number;
  /** From the least to the largest of what it should be. */
  readonly range: number;
  /** The difference in parts of the range; NaN where a number is none. */
  readonly relative: number;
}

/**
 * Computes a network once and compares its outputs with what they should be.
 *
 * @param given in the order of the inputs.
 * @param expected in the order of the outputs.
 * @throws TinctError `invalid_argument` for shapes that the network does not take or give.
 */
export async function compareOutputs(
  network: OnnxNetwork,
  given: readonly NpyArray[],
  expected: readonly NpyArray[],
): Promise<OutputDifference[]> {
  network.requireShapes(given.map(({ shape }) => shape));
  using compiled = network.compile();
  const tensors = given.map(({ values, shape, dtype }) => tf.tensor(values, [...shape], dtype));
  try {
    const made = await compiled.call(...tensors);
    try {
      const differences: OutputDifference[] = [];
      for (const [index, wanted] of expected.entries()) {
        const { shape } = made[index]!;
        const name = network.outputs[index]!;
        if (`${shape}` !== `${wanted.shape}`) {
          throw new TinctError(
            "invalid_argument",
            `The output ${name} has the shape [${shape}], not [${wanted.shape}] as expected.`,
          );
        }
        differences.push({ name, ...differenceOf(await made[index]!.data(), wanted.values) });
      }
      return differences;
    } finally {
      tf.dispose(made);
    }
  } finally {
    tf.dispose(tensors);
  }
}

function differenceOf(made: ArrayLike<number>, expected: ArrayLike<number>) {
  let difference = 0;
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < expected.length; i++) {
    const wanted = expected[i]!;
    difference = Math.max(difference, Math.abs(made[i]! - wanted)); // NaN stays
    least = Math.min(least, wanted);
    most = Math.max(most, wanted);
  }
  const range = Math.max(0, most - least);
  return { difference, range, relative: difference === 0 ? 0 : difference / range };
}
