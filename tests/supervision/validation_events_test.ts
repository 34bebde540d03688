import assert from "assert";
import { receive } from "../../src/protocol/receive.ts";
import { eventOf } from "../../src/supervision/worker_events.ts";
import type { WorkerMessage } from "../../src/fleet/worker_session.ts";
import { loadWorkerContract } from "../../src/protocol/contract.ts";
import { memberOf } from "../../src/protocol/one_of.ts";
import type { WorkRequest } from "../../src/protocol/generated/tinct/worker/v1/work_request.ts";
import { summarize, type Validation } from "../../src/validation/measures.ts";
import { validationMessage } from "../../src/workers/validation_message.ts";
import { jobIn } from "../jobs/small_job.ts";
import { answer, Scene } from "../service/scene.ts";

const measured: Validation = summarize([{
  colorized: { psnr: 24.5, ssim: 0.91, deltaE2000: 7.5, abError: 8.25, l1: 0.04, colorfulness: 30 },
  gray: { psnr: 18.5, ssim: 0.85, deltaE2000: 12.5, abError: 16.5, l1: 0.1, colorfulness: 0.5 },
  realColorfulness: 40,
}]);

/** What a client is to get. */
const expected = {
  photos: 1,
  psnrDb: 24.5,
  ssim: 0.91,
  deltaE2000: 7.5,
  abError: 8.25,
  l1: 0.04,
  colorfulness: 30,
  realColorfulness: 40,
  colorfulnessRatio: 0.75,
  vividDeltaE2000: 10,
  grayPsnrDb: 18.5,
  graySsim: 0.85,
  grayDeltaE2000: 12.5,
  grayAbError: 16.5,
  grayL1: 0.1,
};

/** The event of what a worker sends, through the bytes that the server gets. */
function through(message: WorkRequest) {
  const { requestSerialize, requestDeserialize } = loadWorkerContract()
    .service("tinct.worker.v1.WorkerService").Work;
  const received = memberOf(requestDeserialize(requestSerialize(message)), "message");
  return eventOf(received as WorkerMessage, 1000, "jobs/job-a")!;
}

function pick(from: object | null | undefined): Record<string, unknown> {
  const record: Record<string, unknown> = { ...from };
  return Object.fromEntries(Object.keys(expected).map((name) => [name, record[name]]));
}

Deno.test("StreamMetrics and ListCheckpoints tell every measure that a worker took", async () => {
  await using scene = await Scene.open();
  await jobIn(scene.store, "job-a", "RUNNING");
  const sample = { path: "samples/none.png", step: 4, width: 10, height: 10, photos: 1 };
  await scene.store.events.append("job-a", [
    through({
      validation: { ...validationMessage(4, measured), metric: "delta_e2000", best: true },
    }),
    through({ sample: { ...sample, measures: validationMessage(4, measured) } }),
    through({ checkpoint: { path: "checkpoints/step-00000004", step: 4, epoch: 1, best: true } }),
  ]);
  await scene.store.jobs.trigger("job-a", "succeeded");

  const call = scene.colorization.streamMetrics({ jobId: "job-a" });
  let told: unknown, shown: unknown;
  for await (const { validation, sample } of receive(call)) {
    if (validation) {
      told = pick(validation);
      assert.deepEqual([validation.metric, validation.best], ["delta_e2000", true]);
    }
    if (sample) shown = pick(sample.measures);
  }
  assert.deepEqual(told, expected);
  assert.deepEqual(shown, expected);

  const { checkpoints } = await answer<
    { checkpoints: { validation: object | null; best: boolean }[] }
  >(
    (reply) => scene.jobs.listCheckpoints({ jobId: "job-a" }, reply),
  );
  assert.equal(checkpoints.length, 1);
  assert.deepEqual(pick(checkpoints[0]?.validation), expected);
});

Deno.test("what could not be measured is absent", () => {
  const none = validationMessage(1, { ...measured, colorfulnessRatio: NaN });
  assert.ok(!("colorfulnessRatio" in none));
});
