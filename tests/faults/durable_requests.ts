import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openCheckpointStore } from "../../src/checkpoints/checkpoint_store.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import type { PromoteCheckpointResponse__Output } from "../../src/protocol/generated/tinct/v1/promote_checkpoint_response.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import type { UploadDatasetRequest } from "../../src/protocol/generated/tinct/v1/upload_dataset_request.ts";
import type { UploadDatasetResponse__Output } from "../../src/protocol/generated/tinct/v1/upload_dataset_response.ts";
import { send } from "../../src/protocol/send.ts";
import { trainingState } from "../checkpoints/small_run.ts";
import { answer } from "../service/scene.ts";
import { type ServedFolder, serveFolder } from "./data_folder.ts";

/** The job whose checkpoint is promoted and trained from. */
export const source = "job-a";

/** The files that are uploaded, by name. */
export const photos: ReadonlyMap<string, Buffer> = new Map([
  ["a.jpg", Buffer.from("aaa")],
  ["b/rose.png", Buffer.alloc(3000, 1)],
]);

/** Calls whose acknowledgement must outlive the server, in the order in which they are made. */
export const requests = {
  train: (served: ServedFolder) =>
    answer<TrainResponse__Output>((back) =>
      served.colorization.train({
        dataset: "meadow",
        requestId: "only-once",
        startFrom: { jobId: source, step: 5 },
      }, back)
    ),
  upload: (served: ServedFolder) => upload(served, "flowers"),
  promote: (served: ServedFolder) => promote(served, "roses"),
  deleteDataset: (served: ServedFolder) =>
    answer((back) => served.datasets.deleteDataset({ dataset: "gone" }, back)),
  deleteModel: (served: ServedFolder) =>
    answer((back) => served.models.deleteModel({ name: "old" }, back)),
  deleteJob: (served: ServedFolder) =>
    answer((back) => served.jobs.deleteTrainingJob({ jobId: "job-over" }, back)),
} as const;

/** The name of one of `requests`. */
export type RequestName = keyof typeof requests;

/** Makes a data folder on which every one of `requests` has something to do. */
export async function makeDataFolder(path: string): Promise<void> {
  await mkdir(join(path, "photos", "meadow"), { recursive: true });
  for (const jobId of [source, "job-over"]) {
    await mkdir(join(path, "jobs", jobId), { recursive: true });
    const run = await openCheckpointStore(join(path, "jobs", jobId), { programVersion: "1" });
    await run.save(trainingState(5));
  }
  await writeFile(join(path, "jobs", "job-over", "metrics.jsonl"), "{}\n");
  await using served = await serveFolder(path);
  for (const jobId of [source, "job-over"]) {
    const config = { ...parseTrainingConfig({}) };
    await served.store.jobs.create({ id: jobId, dataset: "meadow", config });
    await served.store.jobs.claim("cpu");
    const folder = `jobs/${jobId}/checkpoints/step-00000005`;
    const checkpoint = { step: 5, epoch: 1, path: folder, sizeBytes: 1000, best: true };
    await served.store.events.append(jobId, [{ kind: "checkpoint", payload: {}, checkpoint }]);
    await served.store.jobs.trigger(jobId, "succeeded");
  }
  await upload(served, "gone");
  await promote(served, "old");
}

function promote(served: ServedFolder, name: string) {
  return answer<PromoteCheckpointResponse__Output>((back) =>
    served.models.promoteCheckpoint({ name, checkpoint: { jobId: source, step: 5 } }, back)
  );
}

function upload(served: ServedFolder, dataset: string) {
  return answer<UploadDatasetResponse__Output>((back) => {
    const call = served.datasets.uploadDataset(back);
    const sending = async () => {
      const messages: UploadDatasetRequest[] = [{ start: { dataset } }];
      for (const [fileName, data] of photos) {
        messages.push({ piece: { fileName, data, last: true } });
      }
      for (const message of [...messages, { finish: {} }]) await send(call, message);
      call.end();
    };
    sending().catch(() => {}); // the call's own error says more
  });
}
