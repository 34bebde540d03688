import assert from "assert";
import { mkdir, writeFile } from "node:fs/promises";
import type { SweepSpec } from "../../src/protocol/generated/tinct/v1/sweep_spec.ts";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import type { TrainRequest } from "../../src/protocol/generated/tinct/v1/train_request.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import type { ValidateTrainingConfigResponse__Output } from "../../src/protocol/generated/tinct/v1/validate_training_config_response.ts";
import { photoBytes } from "../images/test_photos.ts";
import { answer, ending, Scene } from "../service/scene.ts";
import { openWorkingScene, stateOf, watchUntil } from "../service/working_scene.ts";
import { smallConfig } from "../service/workshop.ts";

const config: TrainingConfig = { ...smallConfig, maxSteps: 2, validateEvery: 0, sampleEvery: 0 };

const train = (scene: Scene, request: TrainRequest) =>
  ending<TrainResponse__Output>((back) => scene.colorization.train(request, back));

const validate = (scene: Scene, request: TrainRequest) =>
  answer<ValidateTrainingConfigResponse__Output>((back) =>
    scene.jobs.validateTrainingConfig(request, back)
  );

/** What both calls say of a wish: the refusal of Train, the violated fields of the check. */
async function told(scene: Scene, request: TrainRequest) {
  const refused = await train(scene, request);
  const { valid, violations } = await validate(scene, request);
  return {
    code: "error" in refused ? refused.error.code : "OK",
    message: "error" in refused ? refused.error.message : "",
    fields: "error" in refused ? refused.error.fields.toSorted() : [],
    valid,
    violations: violations.map(({ field }) => field).sort(),
    descriptions: violations.map(({ description }) => description),
  };
}

Deno.test("what a worker would refuse is refused before a job is queued, by Train and by the check", async (t) => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const jobId = await working.train(config);
  const events = await watchUntil(scene, { jobId }, () => false);
  assert.equal(stateOf(events.at(-1)!), "SUCCEEDED");
  const resumeFrom = { jobId };
  const jobs = async () => (await scene.store.jobs.list()).jobs.length;

  await t.step("a recipe fills in what was left out, and what is given wins", async () => {
    const wish = { recipe: "RECIPE_NOGAN", criticSteps: 7 } as const;
    const { config: whole } = await validate(scene, { config: wish });
    assert.equal(whole?.recipe, "RECIPE_NOGAN");
    assert.equal(whole?.generator, "GENERATOR_RESNET34");
    assert.equal(whole?.criticSteps, 7);
    assert.equal(whole?.lrPretrain, 1e-4);
  });

  await t.step(
    "resume_from with options that cannot change in a run, every one named",
    async () => {
      const changed: TrainingConfig = {
        lrG: 1e-3,
        batchSize: 3,
        seed: 7,
        ganMode: "GAN_MODE_LSGAN",
        size: 64,
      };
      const names = ["batch_size", "gan_mode", "lr_g", "seed", "size"].map((name) =>
        `config.${name}`
      );
      const said = await told(scene, { resumeFrom, config: changed });
      assert.equal(said.code, "INVALID_ARGUMENT", said.message);
      assert.deepEqual([said.fields, said.valid, said.violations], [names, false, names]);
      assert.match(
        said.message,
        /config\.gan_mode was vanilla when the run began and cannot become lsgan/,
      );
      assert.equal(await jobs(), 1);
    },
  );

  await t.step("resume_from with what may change, or with what it was, is fine", async () => {
    const { valid, violations, config: checked } = await validate(scene, {
      resumeFrom,
      config: { maxSteps: 3, logEvery: 1, lrG: 2e-4, batchSize: 2 },
    });
    assert.deepEqual([valid, violations], [true, []]);
    assert.deepEqual([checked?.maxSteps, checked?.ngf], [3, 4], "the other options are the job's");
  });

  await t.step("start_from with networks of another shape", async () => {
    const said = await told(scene, {
      dataset: "scenes",
      startFrom: { jobId },
      config: { ...config, ngf: 8, ndf: 2 },
    });
    assert.equal(said.code, "FAILED_PRECONDITION");
    assert.match(said.message, /config\.ngf is 8, and the checkpoint of job .* has 4/);
    assert.deepEqual(said.violations, ["config.ndf", "config.ngf"]);
  });

  await t.step("fewer photos than a step takes", async () => {
    await mkdir(scene.join("photos", "few"));
    await writeFile(scene.join("photos", "few", "cat.jpg"), await photoBytes("cat.jpg"));
    for (const more of [{ batchSize: 4 }, { batchSize: 1, accumulate: 4 }]) {
      const said = await told(scene, { dataset: "few", config: { ...config, ...more } });
      assert.equal(said.code, "FAILED_PRECONDITION");
      assert.match(said.message, /few has 1 photo to train on, fewer than a step takes \(4\)/);
      assert.deepEqual([said.valid, said.violations], [false, ["dataset"]]);
    }
    // Two photos, of which one is kept for validation.
    await writeFile(scene.join("photos", "few", "coffee.png"), await photoBytes("coffee.png"));
    const split = await told(scene, { dataset: "few", config: { ...config, batchSize: 2 } });
    assert.equal(split.code, "FAILED_PRECONDITION");
    assert.match(split.message, /1 of 2 usable photos are kept for validation/);
    assert.deepEqual(split.violations, ["dataset"]);
    const whole = { ...config, batchSize: 2, validationFraction: 0 };
    assert.equal((await validate(scene, { dataset: "few", config: whole })).valid, true);

    const { batchSize: _, ...trialConfig } = config;
    const spec: SweepSpec = {
      dataset: "few",
      config: { ...trialConfig, validateEvery: 2 },
      parameters: [{ option: "batch_size", values: { values: [{ number: 1 }, { number: 4 }] } }],
      method: "SWEEP_METHOD_GRID",
    };
    const sweep = await ending((back) => scene.sweeps.createSweep({ spec }, back));
    assert.ok("error" in sweep, "it was taken");
    assert.equal(sweep.error.code, "FAILED_PRECONDITION", sweep.error.message);
    assert.equal(await jobs(), 1);
  });
});

Deno.test("the check answers OK with all that is wrong, whatever it is", async () => {
  await using scene = await Scene.open();
  const said = await validate(scene, { dataset: "nowhere", config: { lrG: 9, batchSize: 0 } });
  assert.deepEqual(said.violations.map(({ field }) => field).sort(), [
    "config.batch_size",
    "config.lr_g",
    "dataset",
  ]);
  assert.equal(said.dataset, null);
  const more = await validate(scene, {
    dataset: "../photos",
    resumeFrom: { jobId: "job-none" },
    config: { lrG: 9, ganMode: 77 as 1 },
  });
  assert.deepEqual(more.violations.map(({ field }) => field).sort(), [
    "config.gan_mode",
    "config.lr_g",
    "dataset",
    "resume_from.job_id",
  ]);
  const weighed = await validate(scene, {
    dataset: "nowhere",
    startFrom: { jobId: "job-none" },
    perceptualWeights: "none",
    config: { lambdaPerceptual: 1 },
  });
  assert.deepEqual(weighed.violations.map(({ field }) => field).sort(), [
    "dataset",
    "perceptual_weights",
    "start_from.job_id",
  ]);
  const both = await validate(scene, {
    dataset: "nowhere",
    encoderWeights: "none",
    perceptualWeights: "nothing",
    config: { generator: "GENERATOR_RESNET18", lambdaPerceptual: 1 },
  });
  assert.deepEqual(both.violations.map(({ field, description }) => `${field} ${description}`), [
    "encoder_weights cannot be used: there are no weights none; see the list of weights",
    "perceptual_weights cannot be used: there are no weights nothing; see the list of weights",
    "dataset cannot be used: there is no dataset nowhere; see the list of datasets",
  ]);
  const refused = await train(scene, {
    dataset: "meadow",
    encoderWeights: "none",
    config: { lrG: 9 },
  });
  assert.ok("error" in refused);
  assert.deepEqual(refused.error.fields, ["config.lr_g", "encoder_weights"]);
  const unfinished = await scene.store.datasets.begin("halfway");
  assert.equal(unfinished.state, "UPLOADING");
  const halfway = await validate(scene, { dataset: "halfway", config: { size: 100 } });
  assert.deepEqual(halfway.violations.map(({ field }) => field).sort(), ["config.size", "dataset"]);
  assert.equal(halfway.config?.size, 100, "right by itself");
  assert.deepEqual(scene.logged, []);
});
