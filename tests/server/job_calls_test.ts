import assert from "assert";
import type { GetCapabilitiesResponse__Output } from "../../src/protocol/generated/tinct/v1/get_capabilities_response.ts";
import type { GetTrainingJobResponse__Output } from "../../src/protocol/generated/tinct/v1/get_training_job_response.ts";
import type { ListCheckpointsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_checkpoints_response.ts";
import type { ListTrainingJobsRequest } from "../../src/protocol/generated/tinct/v1/list_training_jobs_request.ts";
import type { ListTrainingJobsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_training_jobs_response.ts";
import type { TrainRequest } from "../../src/protocol/generated/tinct/v1/train_request.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import type { ValidateTrainingConfigResponse__Output } from "../../src/protocol/generated/tinct/v1/validate_training_config_response.ts";
import { trainingOptions } from "../../src/config/training.ts";
import { jobIn } from "../jobs/small_job.ts";
import { answer, ending, Scene } from "../service/scene.ts";

const train = (scene: Scene, request: TrainRequest = {}) =>
  ending<TrainResponse__Output>((back) =>
    scene.colorization.train({ dataset: "meadow", ...request }, back)
  );

async function submitted(scene: Scene, request: TrainRequest = {}): Promise<string> {
  const result = await train(scene, request);
  assert.ok("ok" in result, JSON.stringify(result));
  return result.ok.job?.jobId ?? "";
}

const getJob = async (scene: Scene, jobId: string) =>
  (await answer<GetTrainingJobResponse__Output>((back) =>
    scene.jobs.getTrainingJob({ jobId }, back)
  )).job;

Deno.test("Train answers with the whole job: its place, and every option with its value", async () => {
  await using scene = await Scene.open();
  await submitted(scene);
  const result = await train(scene, {
    config: { batchSize: 2, lrG: 0.001, ganMode: "GAN_MODE_LSGAN" },
    displayName: "Gärten",
    labels: { team: "blue" },
  });
  assert.ok("ok" in result);
  const { job, repeatedRequest } = result.ok;
  assert.equal(repeatedRequest, false);
  assert.equal(job?.state, "JOB_STATE_QUEUED");
  assert.equal(job?.queuePosition, 2);
  assert.deepEqual([job?.displayName, job?.labels], ["Gärten", { team: "blue" }]);
  const { batchSize, lrG, lrD, ganMode, epochs } = job?.config ?? {};
  assert.deepEqual([batchSize, lrG, lrD, ganMode, epochs], [2, 0.001, 2e-4, "GAN_MODE_LSGAN", 100]);
  const unset = Object.keys(trainingOptions).filter((name) =>
    (job?.config as Record<string, unknown> | undefined)?.[name] === undefined
  );
  assert.deepEqual(unset, [], "no option is left open");
  assert.deepEqual(await getJob(scene, job?.jobId ?? ""), job);
});

Deno.test("a request id gives one job, however often and together it comes, as long as that exists", async () => {
  await using scene = await Scene.open();
  const request = { requestId: "r-1", labels: { a: "b" }, config: { epochs: 3 } };
  const results = await Promise.all(Array.from({ length: 6 }, () => train(scene, request)));
  const made = results.map((result) => "ok" in result ? result.ok : assert.fail());
  assert.equal(new Set(made.map(({ job }) => job?.jobId)).size, 1);
  assert.equal(made.filter(({ repeatedRequest }) => !repeatedRequest).length, 1);
  const jobId = made[0]?.job?.jobId ?? "";
  const others: TrainRequest[] = [
    { ...request, labels: {} },
    { ...request, config: { epochs: 4 } },
    { ...request, displayName: "x" },
    { ...request, dataset: "other" },
    { ...request, startFrom: { jobId } },
  ];
  for (const other of others) {
    const result = await train(scene, other);
    assert.ok("error" in result && result.error.code === "ALREADY_EXISTS", JSON.stringify(other));
    assert.match(result.error.message, new RegExp(`"r-1" was used for .* job ${jobId};`));
  }
  // What has become of the job does not matter, nor that the request would be refused by now.
  await scene.store.jobs.trigger(jobId, "cancel_requested");
  const again = await train(scene, request);
  assert.ok("ok" in again && again.ok.repeatedRequest && again.ok.job?.jobId === jobId);
  assert.equal(again.ok.job.state, "JOB_STATE_CANCELLED");
  await answer((back) => scene.jobs.deleteTrainingJob({ jobId }, back));
  assert.notEqual(await submitted(scene, request), jobId);
  assert.notEqual(await submitted(scene), await submitted(scene), "without an id each makes a job");
});

Deno.test("the queue is bounded, and tells when to try again", async () => {
  await using scene = await Scene.open({ maxQueuedJobs: 2 });
  const [first] = [await submitted(scene), await submitted(scene)];
  const third = await train(scene);
  assert.ok("error" in third && third.error.code === "RESOURCE_EXHAUSTED");
  assert.match(third.error.message, /2 jobs are waiting, and the limit is 2/);
  assert.equal(third.error.retryDelayMs, 5000);
  await answer((back) => scene.jobs.pauseTrainingJob({ jobId: first }, back));
  await submitted(scene);
  const resumed = await ending((back) => scene.jobs.resumeTrainingJob({ jobId: first }, back));
  assert.ok("error" in resumed && resumed.error.code === "RESOURCE_EXHAUSTED");
});

Deno.test("ListTrainingJobs gives the newest first, by state and labels, in pages, with places", async () => {
  await using scene = await Scene.open();
  const ids: string[] = [];
  for (const index of [0, 1, 2, 3, 4]) {
    const labels: Record<string, string> = { parity: index % 2 ? "odd" : "even" };
    if (index === 4) labels["last"] = "";
    ids.push(await submitted(scene, { labels }));
  }
  const list = async (request: ListTrainingJobsRequest) => {
    const pages: string[][] = [];
    for (let pageToken = "";;) {
      const page = await answer<ListTrainingJobsResponse__Output>((back) =>
        scene.jobs.listTrainingJobs({ ...request, pageToken }, back)
      );
      pages.push(
        page.jobs.map(({ jobId, queuePosition }) => `${ids.indexOf(jobId)} at ${queuePosition}`),
      );
      pageToken = page.nextPageToken;
      if (pageToken === "") return pages;
    }
  };
  await scene.store.jobs.trigger(ids[1] ?? "", "cancel_requested");
  assert.deepEqual(await list({ pageSize: 2 }), [
    ["4 at 4", "3 at 3"],
    ["2 at 2", "1 at 0"],
    ["0 at 1"],
  ]);
  assert.deepEqual(await list({ states: ["JOB_STATE_CANCELLED"] }), [["1 at 0"]]);
  assert.deepEqual(await list({ labels: { parity: "odd" } }), [["3 at 3", "1 at 0"]]);
  const states = ["JOB_STATE_QUEUED", "JOB_STATE_PAUSED"] as const;
  assert.deepEqual(await list({ states: [...states], labels: { parity: "even", last: "" } }), [
    ["4 at 4"],
  ]);
  assert.deepEqual(await list({ labels: { parity: "neither" } }), [[]]);
});

Deno.test("ValidateTrainingConfig tells all errors at once, and what the dataset holds, and queues nothing", async () => {
  await using scene = await Scene.open();
  const validate = (request: Parameters<typeof scene.jobs.validateTrainingConfig>[0]) =>
    answer<ValidateTrainingConfigResponse__Output>((back) =>
      scene.jobs.validateTrainingConfig(request, back)
    );
  const wrong = await validate({ dataset: "meadow", config: { batchSize: 0, lrG: 3, epochs: 7 } });
  assert.equal(wrong.valid, false);
  assert.deepEqual(wrong.violations.map(({ field }) => field).sort(), [
    "config.batch_size",
    "config.lr_g",
  ]);
  assert.deepEqual([wrong.config?.epochs, wrong.config?.batchSize], [7, 4], "defaults where wrong");
  const good = await validate({ dataset: "meadow", config: { batchSize: 2 } });
  assert.deepEqual([good.valid, good.violations, good.dataset?.usablePhotos], [true, [], 64]);
  const long = "x".repeat(201);
  const marked = await validate({ displayName: long, labels: { a: long }, requestId: long });
  assert.deepEqual(marked.violations.map(({ field }) => field).sort(), [
    "display_name",
    "labels",
    "request_id",
  ]);
  const missing = await validate({ dataset: "nowhere" });
  assert.deepEqual([missing.valid, missing.violations[0]?.field], [false, "dataset"]);
  assert.deepEqual((await scene.store.jobs.list()).jobs, []);
});

Deno.test("GetCapabilities tells the options and the limits that the server really has", async () => {
  await using scene = await Scene.open({ maxQueuedJobs: 7, maxReceiveMib: 3 });
  const told = await answer<GetCapabilitiesResponse__Output>((back) =>
    scene.jobs.getCapabilities({}, back)
  );
  assert.deepEqual([told.limits?.maxQueuedJobs, told.limits?.maxReceiveBytes], [7, 3 * 2 ** 20]);
  assert.equal(told.limits?.maxLostWorkers, 4);
  assert.equal(told.trainingOptions.length, Object.keys(trainingOptions).length);
  const size = told.trainingOptions.find(({ name }) => name === "batch_size");
  assert.deepEqual([size?.defaultValue, size?.min, size?.max, size?.unit], [
    "4",
    1,
    1024,
    "photos",
  ]);
  const choicesOf = (option: string) =>
    told.trainingOptions.find(({ name }) => name === option)?.choices;
  assert.deepEqual(told.ganModes, choicesOf("gan_mode"));
  assert.deepEqual(told.devices[0]?.precisions, choicesOf("precision"));
  assert.ok(told.ganModes.includes("GAN_MODE_HINGE"));
});

Deno.test("ListCheckpoints calls one checkpoint the best: the last that was better than all before", async () => {
  await using scene = await Scene.open();
  await jobIn(scene.store, "job-a", "RUNNING");
  for (const [step, best] of [[1, true], [2, false], [3, true], [4, false]] as const) {
    const checkpoint = { step, epoch: step, path: `jobs/job-a/${step}`, sizeBytes: 1000, best };
    await scene.store.events.append("job-a", [{ kind: "checkpoint", payload: {}, checkpoint }]);
  }
  const listed = async (pageToken = "") =>
    await answer<ListCheckpointsResponse__Output>((back) =>
      scene.jobs.listCheckpoints({ jobId: "job-a", pageSize: 2, pageToken }, back)
    );
  const newest = await listed();
  const older = await listed(newest.nextPageToken);
  assert.deepEqual(
    [...newest.checkpoints, ...older.checkpoints].map(({ step, best }) => [step, best]),
    [[4, false], [3, true], [2, false], [1, false]],
  );
});
