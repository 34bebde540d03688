import assert from "assert";
import { access } from "node:fs/promises";
import { decodePhoto } from "../../src/images/decode.ts";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import type { GetModelResponse__Output } from "../../src/protocol/generated/tinct/v1/get_model_response.ts";
import type { GetTrainingJobResponse__Output } from "../../src/protocol/generated/tinct/v1/get_training_job_response.ts";
import type { ListCheckpointsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_checkpoints_response.ts";
import type { ModelReference } from "../../src/protocol/generated/tinct/v1/model_reference.ts";
import type { PromoteCheckpointResponse__Output } from "../../src/protocol/generated/tinct/v1/promote_checkpoint_response.ts";
import { durationMsOf } from "../../src/protocol/times.ts";
import { answer, ending } from "../service/scene.ts";
import { type Event, openWorkingScene, watchUntil } from "../service/working_scene.ts";
import { endlessConfig, readPhoto, smallConfig } from "../service/workshop.ts";

const isCheckpoint = ({ event }: Event) => event === "checkpoint";

Deno.test("a model that is trained colorizes meanwhile, and is replaced under a name without a pause", async (t) => {
  await using working = await openWorkingScene({ limits: { maxLoadedModels: 1 } });
  const { scene } = working;
  const photo = Buffer.from(await readPhoto("cat.jpg"));
  const colorize = (model: ModelReference) =>
    answer<ColorizeResponse__Output>((back) =>
      scene.colorization.colorize({ image: photo, model, maxSide: 64 }, back)
    );
  const promote = (jobId: string) =>
    answer<PromoteCheckpointResponse__Output>((back) =>
      scene.models.promoteCheckpoint({ name: "cats", checkpoint: { jobId } }, back)
    );
  const getModel = async (version = 0) =>
    (await answer<GetModelResponse__Output>((back) =>
      scene.models.getModel({ name: "cats", version }, back)
    )).model;
  const jobId = await working.train({ ...endlessConfig, checkpointEvery: 20, keepCheckpoints: 1 });
  assert.ok(Number.isNaN(working.workerPid()), "it starts with the first call");
  const early = await ending((back) =>
    scene.colorization.colorize({ image: photo, model: { checkpoint: { jobId } } }, back)
  );
  assert.ok("error" in early && early.error.code === "FAILED_PRECONDITION");
  let seen = await watchUntil(scene, { jobId }, isCheckpoint);

  await t.step("by the job's newest checkpoint, which changes while it trains", async () => {
    const { model, width, height, image, timings, format } = await colorize({
      checkpoint: { jobId },
    });
    assert.ok(Number(model?.checkpoint?.step) >= 20 && Number(model?.checkpoint?.step) % 20 === 0);
    const made = await decodePhoto(image);
    assert.deepEqual([made.width, made.height], [width, height]);
    assert.deepEqual([Math.max(width, height), format], [64, "IMAGE_FORMAT_JPEG"]);
    assert.ok((durationMsOf(timings?.model) ?? 0) > 0);
    const fromSequence = seen.at(-1)!.sequence + 1;
    seen = await watchUntil(scene, { jobId, fromSequence }, isCheckpoint);
    const later = await colorize({ checkpoint: { jobId } });
    assert.ok(Number(later.model?.checkpoint?.step) > Number(model?.checkpoint?.step));
  });

  await t.step("by a name, which comes to mean the new version once that is loaded", async () => {
    const { model: first } = await promote(jobId);
    assert.deepEqual([first?.version, first?.loaded], [1, true]);
    const later = ({ checkpoint }: Event) => Number(checkpoint?.step ?? 0) > Number(first?.step);
    await watchUntil(scene, { jobId }, later);
    let done = false;
    const promoting = promote(jobId).finally(() => done = true);
    promoting.catch(() => {}); // told where it is awaited
    const versions: unknown[] = [];
    const unloaded: unknown[] = [];
    while (!done) {
      const [painted, newest] = await Promise.all([colorize({ name: "cats" }), getModel()]);
      versions.push(painted.model?.version);
      if (!newest?.loaded) unloaded.push(newest?.version);
    }
    const { model: second } = await promoting;
    assert.deepEqual([second?.version, second?.loaded], [2, true]);
    assert.deepEqual(unloaded, [], "what the name means is in memory at any time");
    assert.deepEqual(versions, versions.toSorted(), "never back to the old one");
    assert.equal(versions[0], 1, "the old one served until then");
    assert.equal((await colorize({ name: "cats" })).model?.version, 2);
    assert.equal((await getModel(1))?.loaded, false, "of two the limit leaves one");
    assert.equal((await colorize({ name: "cats", version: 1 })).model?.version, 1);
    assert.deepEqual([(await getModel(1))?.loaded, (await getModel())?.loaded], [true, false]);
  });

  await t.step("and outlives the job, which goes with its files", async () => {
    await answer((back) => scene.jobs.cancelTrainingJob({ jobId }, back));
    await watchUntil(scene, { jobId }, () => false);
    await answer((back) => scene.jobs.deleteTrainingJob({ jobId }, back));
    await assert.rejects(access(scene.join("jobs", jobId)));
    const gone = await ending((back) => scene.jobs.getTrainingJob({ jobId }, back));
    assert.ok("error" in gone && gone.error.code === "NOT_FOUND");
    assert.equal((await colorize({ name: "cats" })).model?.version, 2);
    assert.equal((await getModel())?.jobId, jobId);
  });
});

Deno.test("a finished job tells its losses, validation, checkpoints and samples, as its stream did", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const jobId = await working.train(smallConfig);
  const history = await watchUntil(scene, { jobId }, () => false);
  history.forEach(({ sequence }, index) => assert.equal(sequence, index + 1));
  const losses = history.flatMap(({ losses }) => losses ?? []);
  for (const each of losses) {
    const { lossDFake = NaN, lossDReal = NaN, lossD = NaN, lrG, lrD } = each;
    const { lossGGan = NaN, lossGL1 = NaN, lossG = NaN } = each;
    const numbers = [lossDFake, lossDReal, lossD, lossGGan, lossGL1, lossG, lrG, lrD];
    assert.ok(numbers.every((value) => Number.isFinite(value) && value > 0), `${numbers}`);
    assert.ok(Math.abs(lossG - lossGGan - lossGL1) < 1e-4 * lossG, "its parts make up the whole");
    assert.ok(each.imagesPerSecond > 0);
  }
  // Six photos to train on, two a step.
  assert.deepEqual([losses.at(-1)?.step, losses.at(-1)?.epoch], [6, 2]);
  for (const { sample } of history) {
    if (!sample) continue;
    const { width, height } = await decodePhoto(sample.image);
    assert.deepEqual([sample.width, sample.height], [width, height]);
  }
  const { job } = await answer<GetTrainingJobResponse__Output>((back) =>
    scene.jobs.getTrainingJob({ jobId }, back)
  );
  assert.equal(job?.state, "JOB_STATE_SUCCEEDED");
  assert.equal(job?.latestSequence, history.length);
  assert.deepEqual(job?.latestLosses, losses.at(-1));
  const validations = history.flatMap(({ validation }) => validation ?? []);
  assert.deepEqual(job?.latestValidation, validations.at(-1));
  assert.deepEqual([job?.progress?.step, job?.progress?.totalSteps], [6, 6]);
  const { checkpoints } = await answer<ListCheckpointsResponse__Output>((back) =>
    scene.jobs.listCheckpoints({ jobId }, back)
  );
  const steps = checkpoints.map(({ step }) => step);
  assert.equal(steps[0], 6);
  assert.deepEqual(steps, steps.toSorted((a, b) => b - a), "the newest first");
  for (const { step, epoch, sizeBytes, validation } of checkpoints) {
    assert.ok(Math.abs(epoch - step / 3) < 1e-9, `epoch ${epoch} of step ${step}`);
    assert.ok(sizeBytes > 0);
    assert.equal(validation?.step, step, "each was measured");
  }
});
