import assert from "assert";
import { copyFile, readFile, rename, rm } from "node:fs/promises";
import type { GetTrainingJobResponse__Output } from "../../src/protocol/generated/tinct/v1/get_training_job_response.ts";
import type { ListCheckpointsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_checkpoints_response.ts";
import type { TrainRequest } from "../../src/protocol/generated/tinct/v1/train_request.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import { answer } from "../service/scene.ts";
import {
  type Event,
  openWorkingScene,
  stateOf,
  stepsBefore,
  watchUntil,
} from "../service/working_scene.ts";
import { smallConfig } from "../service/workshop.ts";

const tensorFiles = ["generator", "discriminator", "optimizer_G", "optimizer_D"];
const config = {
  ...smallConfig,
  maxSteps: 10,
  validateEvery: 5,
  sampleEvery: 0,
  checkpointEvery: 5,
};

Deno.test("resume_from goes on with another job's steps, start_from begins at 0 with its weights", async (t) => {
  await using working = await openWorkingScene();
  const { scene } = working;
  /** Trains to the end. */
  const train = async (request: TrainRequest): Promise<{ jobId: string; events: Event[] }> => {
    const { job } = await answer<TrainResponse__Output>((back) =>
      scene.colorization.train(request, back)
    );
    const jobId = job?.jobId ?? "";
    const events = await watchUntil(scene, { jobId }, () => false);
    assert.equal(stateOf(events.at(-1)!), "SUCCEEDED", events.at(-1)?.state?.message ?? "");
    return { jobId, events };
  };
  const firstLosses = (events: readonly Event[]) => events.find(({ losses }) => losses)!;
  const stepsOf = async (jobId: string) => {
    const { checkpoints } = await answer<ListCheckpointsResponse__Output>((back) =>
      scene.jobs.listCheckpoints({ jobId }, back)
    );
    return checkpoints.map(({ step }) => step);
  };
  const get = async (jobId: string) =>
    (await answer<GetTrainingJobResponse__Output>((back) =>
      scene.jobs.getTrainingJob({ jobId }, back)
    )).job;
  const file = (jobId: string, step: number, name: string) => {
    const folder = `step-${String(step).padStart(8, "0")}`;
    const path = scene.join("jobs", jobId, "checkpoints", folder, `${name}.safetensors`);
    return readFile(path);
  };

  const first = await train({ dataset: "scenes", config });
  assert.equal(stepsBefore(firstLosses(first.events)), 0);
  assert.deepEqual(await stepsOf(first.jobId), [10, 5]);

  await t.step("resume_from", async () => {
    // Dataset and options are the other job's.
    const { jobId, events } = await train({ resumeFrom: { jobId: first.jobId, step: 5 } });
    const job = await get(jobId);
    assert.deepEqual([job?.dataset, job?.resumeFrom?.step], ["scenes", 5]);
    assert.equal(stepsBefore(firstLosses(events)), 5, "step 6 is its first");
    const taken = events.reduce((sum, { losses }) => sum + (losses?.steps ?? 0), 0);
    assert.equal(taken, 5);
    assert.deepEqual(await stepsOf(jobId), [10, 5]);
    for (const name of tensorFiles) {
      const [mine, uninterrupted] = await Promise.all([
        file(jobId, 10, name),
        file(first.jobId, 10, name),
      ]);
      assert.ok(
        mine.equals(uninterrupted),
        `${name} is not, bit for bit, as if it had never stopped`,
      );
    }
  });

  await t.step("resume_from after photos were renamed, and after others came", async () => {
    const photo = (name: string) => scene.join("photos", "scenes", name);
    await rename(photo("scene-0.png"), photo("z-was-the-first.png"));
    const { jobId } = await train({ resumeFrom: { jobId: first.jobId, step: 5 } });
    for (const name of tensorFiles) {
      assert.ok((await file(jobId, 10, name)).equals(await file(first.jobId, 10, name)), name);
    }
    await copyFile(photo("scene-1.png"), photo("scene-copy.png"));
    const { job } = await answer<TrainResponse__Output>((back) =>
      scene.colorization.train({ resumeFrom: { jobId: first.jobId, step: 5 } }, back)
    );
    const events = await watchUntil(scene, { jobId: job?.jobId ?? "" }, () => false);
    assert.equal(
      events.at(-1)?.state?.failure?.message,
      "The photos differ from those this run was trained on: 1 photo was added (scene-copy.png). " +
        "Put them back, or start a new run with this one's weights (start_from).",
    );
    await rm(photo("scene-copy.png"));
    await rename(photo("z-was-the-first.png"), photo("scene-0.png"));
  });

  await t.step("start_from", async () => {
    const { jobId, events } = await train({
      dataset: "scenes",
      config: { ...config, maxSteps: 2 },
      startFrom: { jobId: first.jobId, step: 5 },
    });
    assert.equal((await get(jobId))?.startFrom?.step, 5);
    assert.equal(stepsBefore(firstLosses(events)), 0, "step 1 is its first");
    const taken = events.reduce((sum, { losses }) => sum + (losses?.steps ?? 0), 0);
    assert.equal(taken, 2);
    assert.deepEqual(await stepsOf(jobId), [2], "its beginning is no checkpoint of its own");
    for (const name of tensorFiles) {
      const [begun, other] = await Promise.all([
        file(jobId, 0, name),
        file(first.jobId, 5, name),
      ]);
      const isSame = begun.equals(other);
      assert.equal(isSame, !name.startsWith("optimizer"), `${name}: the weights alone are its`);
    }
    assert.ok(!(await file(jobId, 2, "generator")).equals(await file(jobId, 0, "generator")));
  });
});
