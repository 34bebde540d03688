import { parseTrainingConfig, type TrainingConfig } from "../../src/config/training.ts";
import { stateVariables } from "../../src/training/checkpointing.ts";
import type { Gan } from "../../src/training/gan.ts";
import { smallOptions } from "./small_training.ts";

/**
 * The smallest networks there are. Adam's epsilon is so large that what it makes of a gradient near 0
 * does not hang on the gradient's last digits.
 */
export function replicatedConfigWith(given: Readonly<Record<string, unknown>>): TrainingConfig {
  return parseTrainingConfig({
    ...smallOptions,
    seed: 5,
    dropout: 0.5,
    flip: true,
    lrG: 0.01,
    lrD: 0.01,
    adamEpsilon: 1e-3,
    ...given,
  });
}

/** With the default networks. */
export const replicatedConfig = replicatedConfigWith({});

/** Pictures of a replica at a step: noise that is the same whenever it is asked for. */
export function noisePixels(rank: number, step: number): Uint8Array {
  const { batchSize, size } = replicatedConfig;
  let state = 1 + rank * 7919 + step * 104_729;
  return Uint8Array.from({ length: batchSize * size * size * 3 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes' generator
    return state >>> 24;
  });
}

/** The values of every variable of the state, in their order. */
export async function stateValues(gan: Gan): Promise<Float32Array[]> {
  const values: Float32Array[] = [];
  for (const variable of stateVariables(gan)) {
    const tensor = variable.read();
    values.push(await gan.engine.read(tensor));
    tensor.dispose();
  }
  return values;
}
