import assert from "assert";
import type { Checkpoint } from "../../src/checkpoints/checkpoint_folder.ts";
import type { SaveRequest } from "../../src/checkpoints/checkpoint_store.ts";
import type { TensorSource } from "../../src/checkpoints/safetensors.ts";
import { type ErrorCode, TinctError } from "../../src/errors.ts";

/** A tensor of float32. */
export function floats(name: string, shape: number[], values: number[]): TensorSource {
  return {
    name,
    dtype: "F32",
    shape,
    data: () => new Uint8Array(new Float32Array(values).buffer),
  };
}

/** Everything of a training's checkpoint, in small; its numbers follow from the step. */
export function trainingState(step: number, metric?: number): SaveRequest {
  return {
    step,
    metric,
    state: { epoch: 2, seed: 7, step, config: { ngf: 64, ganMode: "vanilla" } },
    tensors: {
      "generator.safetensors": [
        floats("model.model.0.weight", [2, 2], [step, 1, 2, 3]),
        floats("model.model.1.bias", [1], [-step]),
      ],
      "discriminator.safetensors": [floats("model.0.weight", [3], [step, 4, 5])],
      "optimizer_G.safetensors": [floats("m", [2], [step, 6])],
      "optimizer_D.safetensors": [floats("m", [2], [step, 7])],
    },
  };
}

/** Fails unless a checkpoint is, in every tensor and number, that of `trainingState(step)`. */
export async function assertHolds(checkpoint: Checkpoint, step: number): Promise<void> {
  const { tensors, state } = trainingState(step);
  assert.deepEqual(checkpoint.info.state, state);
  for (const [fileName, sources] of Object.entries(tensors)) {
    const file = checkpoint.file(fileName);
    for (const { name, data } of sources) assert.deepEqual(await file.read(name), await data());
  }
}

/** For assert.rejects and assert.throws: a TinctError of this code whose message matches all. */
export function failsWith(code: ErrorCode, ...patterns: RegExp[]): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof TinctError, `not a TinctError: ${error}`);
    assert.equal(error.code, code, error.message);
    for (const pattern of patterns) assert.match(error.message, pattern);
    assert.match(error.message, /^[^\n]+\.$/, "one line that ends with a full stop");
    return true;
  };
}
