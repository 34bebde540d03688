import { mkdir } from "node:fs/promises";
import { openCheckpointStore } from "../../src/checkpoints/checkpoint_store.ts";
import { trainingState } from "../checkpoints/small_run.ts";
import { jobIn } from "../jobs/small_job.ts";
import type { Scene } from "../service/scene.ts";

/** Writes checkpoints of a running job, "job-a", and records them. @returns their folders. */
export async function withCheckpoints(
  scene: Scene,
  steps: readonly number[],
  { averaged = false } = {},
): Promise<string[]> {
  await jobIn(scene.store, "job-a", "RUNNING");
  const run = scene.join("jobs", "job-a");
  await mkdir(run, { recursive: true });
  const store = await openCheckpointStore(run, { programVersion: "1", keepLast: 9 });
  const folders: string[] = [];
  for (const step of steps) {
    const request = trainingState(step);
    const generator = request.tensors["generator.safetensors"]!;
    const tensors = {
      ...request.tensors,
      ...(averaged && { "generator_ema.safetensors": generator }),
    };
    const info = await store.save({ ...request, tensors });
    folders.push(info.path);
    const path = info.path.slice(scene.folder.path.length + 1);
    const checkpoint = { step, epoch: step, path, sizeBytes: 1000, best: step === steps[0] };
    await scene.store.events.append("job-a", [{ kind: "checkpoint", payload: {}, checkpoint }]);
  }
  return folders;
}
