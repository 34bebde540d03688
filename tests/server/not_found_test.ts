import assert from "assert";
import { type requestCallback, type ServiceError, status as codes } from "@grpc/grpc-js";
import { loadPublicContract, type PublicService } from "../../src/protocol/contract.ts";
import type { SweepSpec } from "../../src/protocol/generated/tinct/v1/sweep_spec.ts";
import { receive } from "../../src/protocol/receive.ts";
import { jobIn } from "../jobs/small_job.ts";
import { type CallError, describe, ending, Scene } from "../service/scene.ts";

/** Calls with what is not there, and how the call ended. */
type Ask = (scene: Scene) => Promise<CallError>;

const jobId = "job-none";
const job = { jobId };
const checkpoint = { checkpoint: job };
const sweepId = "sweep-none";
const spec: SweepSpec = {
  dataset: "nowhere",
  parameters: [{ option: "lr_g", values: { values: [{ number: 1e-4 }, { number: 1e-3 }] } }],
  method: "SWEEP_METHOD_GRID",
};
const image = Buffer.from("photo");

const unary =
  (call: (scene: Scene, back: requestCallback<unknown>) => unknown): Ask => async (scene) => {
    const result = await ending<unknown>((back) => call(scene, back));
    return "error" in result ? result.error : assert.fail("it was not refused");
  };

const streamed = (call: (scene: Scene) => Parameters<typeof receive>[0]): Ask => async (scene) => {
  try {
    for await (const message of receive(call(scene))) assert.fail(JSON.stringify(message));
  } catch (error) {
    return describe(error as ServiceError);
  }
  return assert.fail("it was not refused");
};

/** A photo's fault leaves the stream as it is. */
const photo = (model: object): Ask => async (scene) => {
  const call = scene.colorization.colorizeStream();
  call.write({ photoId: "a", settings: { model }, data: image, last: true });
  call.end();
  for await (const { fault } of receive(call)) {
    const code = codes[fault?.code ?? 0] ?? "";
    return { code, message: fault?.message ?? "", fields: [], retryDelayMs: undefined };
  }
  return assert.fail("it was not answered");
};

const frames = (model: object): Ask =>
  streamed((scene) => {
    const call = scene.colorization.colorizeFrames();
    call.write({ settings: { model, width: 1, height: 1 }, data: Buffer.alloc(3), last: true });
    call.end();
    return call;
  });

/** Every method that takes a job, a model, a dataset or a sweep, with each way to name one. */
const missing: readonly (readonly [method: string, named: RegExp, ask: Ask])[] = [
  ["Train", /nowhere/, unary((s, back) => s.colorization.train({ dataset: "nowhere" }, back))],
  ["Train", /job-none/, unary((s, back) => s.colorization.train({ resumeFrom: job }, back))],
  [
    "Train",
    /job-none/,
    unary((s, back) => s.colorization.train({ dataset: "meadow", startFrom: job }, back)),
  ],
  ["StreamMetrics", /job-none/, streamed((s) => s.colorization.streamMetrics(job))],
  [
    "Colorize",
    /roses/,
    unary((s, back) => s.colorization.colorize({ image, model: { name: "roses" } }, back)),
  ],
  [
    "Colorize",
    /job-none/,
    unary((s, back) => s.colorization.colorize({ image, model: checkpoint }, back)),
  ],
  [
    "ColorizeInPieces",
    /roses/,
    streamed((s) =>
      s.colorization.colorizeInPieces({ image, settings: { model: { name: "roses" } } })
    ),
  ],
  [
    "ColorizeInPieces",
    /job-none/,
    streamed((s) => s.colorization.colorizeInPieces({ image, settings: { model: checkpoint } })),
  ],
  ["ColorizeStream", /roses/, photo({ name: "roses" })],
  ["ColorizeStream", /job-none/, photo(checkpoint)],
  ["ColorizeFrames", /roses/, frames({ name: "roses" })],
  ["ColorizeFrames", /job-none/, frames(checkpoint)],
  [
    "DownloadCheckpoint",
    /job-none/,
    streamed((s) => s.jobs.downloadCheckpoint(checkpoint)),
  ],
  ["GetTrainingJob", /job-none/, unary((s, back) => s.jobs.getTrainingJob(job, back))],
  ["CancelTrainingJob", /job-none/, unary((s, back) => s.jobs.cancelTrainingJob(job, back))],
  ["PauseTrainingJob", /job-none/, unary((s, back) => s.jobs.pauseTrainingJob(job, back))],
  ["ResumeTrainingJob", /job-none/, unary((s, back) => s.jobs.resumeTrainingJob(job, back))],
  ["DeleteTrainingJob", /job-none/, unary((s, back) => s.jobs.deleteTrainingJob(job, back))],
  ["ListCheckpoints", /job-none/, unary((s, back) => s.jobs.listCheckpoints(job, back))],
  ["ExportModel", /roses/, streamed((s) => s.models.exportModel({ name: "roses" }))],
  ["GetModel", /roses/, unary((s, back) => s.models.getModel({ name: "roses" }, back))],
  ["DeleteModel", /roses/, unary((s, back) => s.models.deleteModel({ name: "roses" }, back))],
  [
    "PromoteCheckpoint",
    /job-none/,
    unary((s, back) => s.models.promoteCheckpoint({ name: "roses", checkpoint: job }, back)),
  ],
  [
    "GetDataset",
    /nowhere/,
    unary((s, back) => s.datasets.getDataset({ dataset: "nowhere" }, back)),
  ],
  [
    "DeleteDataset",
    /nowhere/,
    unary((s, back) => s.datasets.deleteDataset({ dataset: "nowhere" }, back)),
  ],
  [
    "PreviewPhotos",
    /nowhere/,
    unary((s, back) =>
      s.datasets.previewPhotos({ dataset: "nowhere", fileNames: ["a.png"] }, back)
    ),
  ],
  [
    "ListDatasetFiles",
    /nowhere/,
    unary((s, back) => s.datasets.listDatasetFiles({ dataset: "nowhere" }, back)),
  ],
  ["GetWeights", /roses/, unary((s, back) => s.weights.getWeights({ name: "roses" }, back))],
  ["DeleteWeights", /roses/, unary((s, back) => s.weights.deleteWeights({ name: "roses" }, back))],
  ["GetSweep", /sweep-none/, unary((s, back) => s.sweeps.getSweep({ sweepId }, back))],
  ["CancelSweep", /sweep-none/, unary((s, back) => s.sweeps.cancelSweep({ sweepId }, back))],
  ["DeleteSweep", /sweep-none/, unary((s, back) => s.sweeps.deleteSweep({ sweepId }, back))],
  ["WatchSweep", /sweep-none/, streamed((s) => s.sweeps.watchSweep({ sweepId }))],
  ["CreateSweep", /nowhere/, unary((s, back) => s.sweeps.createSweep({ spec }, back))],
];

/** Those that take none, and why others are not in the table. */
const others: Readonly<Record<string, string>> = {
  ListTrainingJobs: "a list",
  ListModels: "a list",
  ListDatasets: "a list",
  ListSweeps: "a list",
  GetCapabilities: "it takes nothing",
  ListWeights: "a list",
  UploadDataset: "it makes what is not there",
  UploadPieces: "it makes what is not there",
  ImportModel: "it makes what is not there",
  UploadWeights: "it makes what is not there",
  ValidateTrainingConfig: "a missing dataset is among its findings: job_calls_test.ts",
};

const services: readonly PublicService[] = [
  ...(["ColorizationService", "TrainingJobService", "ModelService"] as const),
  ...(["DatasetService", "SweepService", "WeightsService"] as const),
].map((name) => `tinct.v1.${name}` as const);

Deno.test("what a call names and is not there is NOT_FOUND, by every method", async (t) => {
  const contract = loadPublicContract();
  const methods = services.flatMap((name) => Object.keys(contract.service(name)));
  const known = new Set([...missing.map(([method]) => method), ...Object.keys(others)]);
  assert.deepEqual([...known].sort(), methods.sort());

  await using scene = await Scene.open();
  // What is there must not be taken for what is not.
  await jobIn(scene.store, "job-a", "SUCCEEDED");
  for (const [method, named, ask] of missing) {
    await t.step(`${method} without ${named.source}`, async () => {
      const { code, message } = await ask(scene);
      assert.equal(code, "NOT_FOUND", message);
      assert.match(message, named);
    });
  }
  assert.deepEqual(scene.logged, []);
});
