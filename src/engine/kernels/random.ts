import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { DataType } from "../../tensorflow/data_type.ts";
import { registerOperation, runSingle } from "./kernel.ts";

/**
 * Uniform draws in [0, 1) on the device, by the counter-based Philox generator: the same shape and
 * seed give the same values, whatever was drawn before.
 *
 * @param seed [2] int32.
 */
export function statelessUniform(shape: readonly number[], seed: Tensor): Tensor {
  return draw("StatelessUniform", shape, seed);
}

/** Draws from the standard normal distribution, as `statelessUniform`. */
export function statelessNormal(shape: readonly number[], seed: Tensor): Tensor {
  return draw("StatelessNormal", shape, seed);
}

/**
 * The seed of one stream of draws among those that follow from the same seed.
 *
 * @param seed [2] int32.
 */
export function streamOf(seed: Tensor, stream: number): Tensor {
  return tf.add(seed, tf.tensor1d([stream, 0], "int32"));
}

function draw(kernelName: string, shape: readonly number[], seed: Tensor): Tensor {
  return tf.tidy(() => runSingle(kernelName, { shape: tf.tensor1d([...shape], "int32"), seed }));
}

/** Registers the stateless draws; tfjs's own happen in JavaScript and would freeze in a trace. */
export function registerRandom(): void {
  for (const distribution of ["Uniform", "Normal"]) {
    registerOperation(`Stateless${distribution}`, ["shape", "seed"], {
      name: `StatelessRandom${distribution}`,
      attributes: () => [
        { name: "dtype", type: DataType.FLOAT },
        { name: "T", type: DataType.INT32 },
        { name: "Tseed", type: DataType.INT32 },
      ],
    });
  }
}
