import assert from "assert";
import type { CallOptions, requestCallback } from "@grpc/grpc-js";
import { jobIn } from "../jobs/small_job.ts";
import { ending, Scene } from "../service/scene.ts";

/** Calls one method with one request. */
type Ask = (scene: Scene, answer: requestCallback<unknown>, options: CallOptions) => unknown;

/** One request that is refused. */
interface Refusal {
  readonly what: string;
  readonly ask: Ask;
  readonly code: string;
  readonly says: RegExp;
  readonly fields?: readonly string[];
}

const photo = Buffer.from("photo");
const model = { name: "roses" };
const train = (request: Parameters<Scene["colorization"]["train"]>[0]): Ask => (scene, answer) =>
  scene.colorization.train(request, answer);
const paint = (request: Parameters<Scene["colorization"]["colorize"]>[0]): Ask => (scene, answer) =>
  scene.colorization.colorize(request, answer);

const refusals: readonly Refusal[] = [
  {
    what: "Train without a dataset and with three wrong options names all four",
    ask: train({ config: { batchSize: 0, lrG: 2, ganMode: 77 as 1 } }),
    code: "INVALID_ARGUMENT",
    says: /dataset is required/,
    fields: ["config.batch_size", "config.gan_mode", "config.lr_g", "dataset"],
  },
  {
    what: "Train with options that do not fit together",
    ask: train({ dataset: "meadow", config: { size: 100 } }),
    code: "INVALID_ARGUMENT",
    says: /multiple of 256/,
    fields: ["config.size"],
  },
  {
    what: "Train with crops that no turned photo has room for",
    ask: train({ dataset: "meadow", config: { crop: 0.9, rotate: 20 } }),
    code: "INVALID_ARGUMENT",
    says: /contradicts rotate/,
    fields: ["config.crop"],
  },
  {
    what: "Train with augmentation out of range",
    ask: train({ dataset: "meadow", config: { crop: 0, whiteBalanceJitter: -1, cutout: 0.95 } }),
    code: "INVALID_ARGUMENT",
    says: /units of L\*a\*b\*/,
    fields: ["config.crop", "config.white_balance_jitter", "config.cutout"],
  },
  {
    what: "Train with a perceptual loss without weights",
    ask: train({ dataset: "meadow", config: { lambdaPerceptual: 5 } }),
    code: "INVALID_ARGUMENT",
    says:
      /perceptual_weights is required where config\.lambda_perceptual is 5: UploadWeights brings/,
    fields: ["perceptual_weights"],
  },
  {
    what: "Train with a dataset that is not there",
    ask: train({ dataset: "nowhere" }),
    code: "NOT_FOUND",
    says: /no dataset nowhere/,
  },
  {
    what: "Train with a dataset whose name leads elsewhere",
    ask: train({ dataset: "../meadow" }),
    code: "INVALID_ARGUMENT",
    says: /dataset must be a name of 1 to 64 letters/,
    fields: ["dataset"],
  },
  {
    what: "Train with a dataset that is still uploaded",
    ask: async (scene, answer) => {
      await scene.store.datasets.begin("halfway");
      scene.colorization.train({ dataset: "halfway" }, answer);
    },
    code: "FAILED_PRECONDITION",
    says: /UPLOADING/,
  },
  {
    what: "Train with names that are too long",
    ask: train({ dataset: "meadow", displayName: "x".repeat(201), labels: { "": "x" } }),
    code: "INVALID_ARGUMENT",
    says: /at most 200 characters/,
    fields: ["display_name", "labels"],
  },
  {
    what: "Train that resumes from a job that is not there",
    ask: train({ resumeFrom: { jobId: "job-none" } }),
    code: "NOT_FOUND",
    says: /job-none/,
  },
  {
    what: "Train that resumes from a job without a checkpoint",
    ask: async (scene, answer) => {
      await jobIn(scene.store, "job-a", "SUCCEEDED");
      scene.colorization.train({ dataset: "meadow", resumeFrom: { jobId: "job-a" } }, answer);
    },
    code: "FAILED_PRECONDITION",
    says: /no checkpoint yet/,
  },
  {
    what: "GetTrainingJob without an id",
    ask: (scene, answer) => scene.jobs.getTrainingJob({}, answer),
    code: "INVALID_ARGUMENT",
    says: /job_?id/i,
    fields: ["job_id"],
  },
  {
    what: "GetTrainingJob of no job",
    ask: (scene, answer) => scene.jobs.getTrainingJob({ jobId: "job-none" }, answer),
    code: "NOT_FOUND",
    says: /job-none/,
  },
  {
    what: "ListTrainingJobs with a page that is too long",
    ask: (scene, answer) => scene.jobs.listTrainingJobs({ pageSize: 1001 }, answer),
    code: "INVALID_ARGUMENT",
    says: /1 to 1000/,
    fields: ["page_size"],
  },
  {
    what: "ListTrainingJobs with a token of nobody's",
    ask: (scene, answer) => scene.jobs.listTrainingJobs({ pageToken: "!" }, answer),
    code: "INVALID_ARGUMENT",
    says: /token/,
    fields: ["page_token"],
  },
  {
    what: "PauseTrainingJob of a job that is over names its state",
    ask: async (scene, answer) => {
      await jobIn(scene.store, "job-a", "SUCCEEDED");
      scene.jobs.pauseTrainingJob({ jobId: "job-a" }, answer);
    },
    code: "FAILED_PRECONDITION",
    says: /SUCCEEDED/,
  },
  {
    what: "DeleteTrainingJob of a job that waits",
    ask: async (scene, answer) => {
      await jobIn(scene.store, "job-a", "QUEUED");
      scene.jobs.deleteTrainingJob({ jobId: "job-a" }, answer);
    },
    code: "FAILED_PRECONDITION",
    says: /QUEUED.*cancel it first/,
  },
  {
    what: "Colorize without anything names all that is missing of the settings",
    ask: paint({ quality: 101, saturation: 5, maxSide: 3 }),
    code: "INVALID_ARGUMENT",
    says: /model is required/,
    fields: ["image", "model", "quality", "saturation", "max_side"],
  },
  {
    what: "Colorize with weights of a later version",
    ask: paint({ image: photo, model: { ...model, weights: 9 as 1 } }),
    code: "INVALID_ARGUMENT",
    says: /model\.weights must be one of GENERATOR_WEIGHTS_EMA, GENERATOR_WEIGHTS_RAW, not 9/,
    fields: ["model.weights"],
  },
  {
    what: "Colorize without a photo",
    ask: paint({ model: { checkpoint: { jobId: "job-a" } } }),
    code: "INVALID_ARGUMENT",
    says: /image is required/,
    fields: ["image"],
  },
  {
    what: "Colorize with a model that is not there",
    ask: paint({ image: photo, model }),
    code: "NOT_FOUND",
    says: /roses/,
  },
  {
    what: "Colorize with a message past the limit",
    ask: paint({ image: Buffer.alloc(2 ** 20 + 1), model }),
    code: "RESOURCE_EXHAUSTED",
    says: /ColorizeStream, in pieces/,
  },
  {
    what: "GetModel of no model",
    ask: (scene, answer) => scene.models.getModel({ name: "roses" }, answer),
    code: "NOT_FOUND",
    says: /roses/,
  },
  {
    what: "PromoteCheckpoint under what is no name",
    ask: (scene, answer) =>
      scene.models.promoteCheckpoint({ name: "../x", checkpoint: { jobId: "job-a" } }, answer),
    code: "INVALID_ARGUMENT",
    says: /name must be a name of 1 to 64 letters/,
    fields: ["name"],
  },
  {
    what: "PromoteCheckpoint without anything",
    ask: (scene, answer) => scene.models.promoteCheckpoint({}, answer),
    code: "INVALID_ARGUMENT",
    says: /name is required/,
    fields: ["name", "checkpoint"],
  },
  {
    what: "DeleteModel of no model",
    ask: (scene, answer) => scene.models.deleteModel({ name: "roses" }, answer),
    code: "NOT_FOUND",
    says: /roses/,
  },
  {
    what: "GetDataset of no dataset",
    ask: (scene, answer) => scene.datasets.getDataset({ dataset: "nowhere" }, answer),
    code: "NOT_FOUND",
    says: /nowhere/,
  },
  {
    what: "DeleteDataset of a folder that someone put there",
    ask: (scene, answer) => scene.datasets.deleteDataset({ dataset: "meadow" }, answer),
    code: "FAILED_PRECONDITION",
    says: /data root/,
  },
  {
    what: "ListDatasetFiles with a wrong page",
    ask: (scene, answer) =>
      scene.datasets.listDatasetFiles({ dataset: "meadow", pageSize: -1 }, answer),
    code: "INVALID_ARGUMENT",
    says: /1 to 1000/,
    fields: ["page_size"],
  },
];

Deno.test("every refusal has its code, a sentence, and the fields by their proto names", async (t) => {
  for (const { what, ask, code, says, fields = [] } of refusals) {
    await t.step(what, async () => {
      await using scene = await Scene.open({ maxReceiveMib: 1 });
      const result = await ending<unknown>((answer) => ask(scene, answer, {}));
      assert.ok("error" in result, "it was not refused");
      assert.equal(result.error.code, code, result.error.message);
      assert.match(result.error.message, says);
      assert.deepEqual(result.error.fields.toSorted(), fields.toSorted());
      assert.deepEqual(scene.logged, [], "a client's mistake is nothing for the log");
    });
  }
});
