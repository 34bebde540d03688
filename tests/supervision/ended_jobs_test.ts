import assert from "assert";
import type { GetTrainingJobResponse__Output } from "../../src/protocol/generated/tinct/v1/get_training_job_response.ts";
import { answer } from "../service/scene.ts";
import { openWorkingScene, watchUntil } from "../service/working_scene.ts";
import { smallConfig } from "../service/workshop.ts";

Deno.test("a job that is over does nothing, by its phase; with log_every 1 every step had its event", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const maxSteps = 40;
  const jobId = await working.train({ ...smallConfig, maxSteps, logEvery: 1, checkpointEvery: 0 });
  const events = await watchUntil(scene, { jobId }, () => false);
  const steps = events.flatMap(({ losses }) => losses ? [[losses.step, losses.steps]] : []);
  assert.deepEqual(steps, Array.from({ length: maxSteps }, (_, index) => [index + 1, 1]));

  const { job } = await answer<GetTrainingJobResponse__Output>((back) =>
    scene.jobs.getTrainingJob({ jobId }, back)
  );
  assert.ok(job);
  assert.equal(job.state, "JOB_STATE_SUCCEEDED");
  assert.equal(job.progress?.phase, "TRAINING_PHASE_UNSPECIFIED");
  assert.ok(Number(job.progress?.step) > 0, "how far it came stays");
  assert.equal(job.progress?.timeLeft, null);
});
