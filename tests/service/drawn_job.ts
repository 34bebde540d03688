import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openCheckpointStore } from "../../src/checkpoints/checkpoint_store.ts";
import type { TensorSource } from "../../src/checkpoints/safetensors.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import type { Store } from "../../src/jobs/store.ts";
import { generatorArchitecture } from "../../src/model/generators.ts";
import { type ParameterSpec, pytorchShape } from "../../src/model/parameters.ts";
import { RandomStream } from "../../src/prepared/random_stream.ts";
import { version } from "../../src/version.ts";
import { smallConfig } from "./workshop.ts";

/** The job's one checkpoint is of this step. */
const STEP = 6;

/**
 * A job that has succeeded without ever having run: its generator's values are drawn. For tests of
 * what is done with a model, which need no training.
 *
 * @param dataFolder the server's.
 * @returns the job's id.
 */
export async function drawnJob(
  store: Store,
  dataFolder: string,
  config: Readonly<Record<string, number | string>> = smallConfig,
): Promise<string> {
  const id = "job-drawn";
  const run = join(dataFolder, "jobs", id);
  await mkdir(run, { recursive: true });
  const options = parseTrainingConfig(config);
  const stream = new RandomStream("a generator of the tests");
  const sources = generatorArchitecture(options).parameters.map((spec) => drawn(spec, stream));
  const checkpoints = await openCheckpointStore(run, { programVersion: version });
  await checkpoints.save({
    step: STEP,
    tensors: { "generator.safetensors": sources },
    state: { config: { ...options }, step: STEP },
  });
  await store.jobs.create({ id, dataset: "scenes", config });
  await store.jobs.claim("cpu");
  const path = `jobs/${id}/checkpoints/step-${String(STEP).padStart(8, "0")}`;
  const checkpoint = { step: STEP, epoch: 1, path, sizeBytes: 1000, best: true };
  await store.events.append(id, [{ kind: "checkpoint", payload: {}, checkpoint }]);
  await store.jobs.trigger(id, "succeeded");
  return id;
}

function drawn(spec: ParameterSpec, stream: RandomStream): TensorSource {
  const shape = pytorchShape(spec);
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const isPositive = spec.role === "scale" || spec.role === "runningVariance";
  for (let at = 0; at < values.length; at++) {
    const uniform = stream.next() / 2 ** 32;
    values[at] = isPositive ? 0.5 + uniform : 0.2 * (uniform - 0.5);
  }
  const data = () => new Uint8Array(values.buffer);
  return { name: spec.name, dtype: "F32", shape, data };
}
