import assert from "assert";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { loadGenerator } from "../../src/checkpoints/load_generator.ts";
import type { GetModelResponse__Output } from "../../src/protocol/generated/tinct/v1/get_model_response.ts";
import type { PromoteCheckpointRequest } from "../../src/protocol/generated/tinct/v1/promote_checkpoint_request.ts";
import type { PromoteCheckpointResponse__Output } from "../../src/protocol/generated/tinct/v1/promote_checkpoint_response.ts";
import { answer, ending, Scene } from "../service/scene.ts";
import { StoreWorkforce } from "../service/store_workforce.ts";
import { withCheckpoints } from "./with_checkpoints.ts";

const promote = (scene: Scene, checkpoint = {}, others: Partial<PromoteCheckpointRequest> = {}) =>
  answer<PromoteCheckpointResponse__Output>((back) =>
    scene.models.promoteCheckpoint({
      name: "roses",
      description: "red",
      checkpoint: { jobId: "job-a", ...checkpoint },
      ...others,
    }, back)
  );

Deno.test("promoting makes immutable, counted versions that hold the generator alone", async () => {
  await using scene = await Scene.open();
  await withCheckpoints(scene, [5, 9]);
  const { model: first } = await promote(scene, { choice: "CHECKPOINT_CHOICE_BEST" });
  assert.deepEqual([first?.version, first?.step, first?.description], [1, 5, "red"]);
  assert.equal(first?.config?.ganMode, "GAN_MODE_LSGAN");
  const { model: second } = await promote(scene);
  assert.deepEqual([second?.version, second?.step], [2, 9]);
  const { model: again } = await promote(scene, { step: 9 });
  assert.equal(again?.version, 2, "what is the newest already is no new version");
  const folder = scene.join("models", "roses", "job-a-5");
  assert.deepEqual((await readdir(folder)).sort(), ["checkpoint.json", "generator.safetensors"]);
  await using generator = await loadGenerator(folder);
  assert.equal(generator.info?.step, 5);
  const { model: old } = await answer<GetModelResponse__Output>((back) =>
    scene.models.getModel({ name: "roses", version: 1 }, back)
  );
  assert.equal(old?.step, 5);
  const pins = (await readdir(scene.join("jobs", "job-a", "checkpoints"))).filter((name) =>
    !name.startsWith("step-") || name.includes("pin")
  );
  assert.deepEqual(pins, [], "nothing is held any more");
  const { versions } = await answer<{ versions: number }>((back) =>
    scene.models.deleteModel({ name: "roses" }, back)
  );
  assert.equal(versions, 2);
  assert.deepEqual(await readdir(scene.join("models")), []);
});

Deno.test("a version has the moving average where there is one, or the weights asked for", async () => {
  let workforce: StoreWorkforce | undefined;
  await using scene = await Scene.open({}, (store) => {
    return Promise.resolve(workforce = new StoreWorkforce(store));
  });
  await withCheckpoints(scene, [5], { averaged: true });
  const { model: average } = await promote(scene);
  assert.deepEqual([average?.version, average?.weights], [1, "GENERATOR_WEIGHTS_EMA"]);
  const { model: same } = await promote(scene, {}, { weights: "GENERATOR_WEIGHTS_EMA" });
  assert.equal(same?.version, 1);
  const { model: raw } = await promote(scene, {}, { weights: "GENERATOR_WEIGHTS_RAW" });
  assert.deepEqual([raw?.version, raw?.weights], [2, "GENERATOR_WEIGHTS_RAW"]);
  const filesOf = async (name: string) =>
    (await readdir(scene.join("models", "roses", name))).sort();
  assert.deepEqual(await filesOf("job-a-5-ema"), ["checkpoint.json", "generator_ema.safetensors"]);
  assert.deepEqual(await filesOf("job-a-5"), ["checkpoint.json", "generator.safetensors"]);
  assert.deepEqual([...workforce?.colorizing.preloaded ?? []], [
    scene.join("models", "roses", "job-a-5-ema"),
    scene.join("models", "roses", "job-a-5"),
  ]);
  assert.deepEqual([average?.loaded, raw?.loaded], [true, true]);
});

Deno.test("weights that a checkpoint has not got are FAILED_PRECONDITION", async () => {
  await using scene = await Scene.open();
  await withCheckpoints(scene, [5]);
  const checkpoint = { jobId: "job-a" };
  const result = await ending((back) =>
    scene.models.promoteCheckpoint({
      name: "roses",
      checkpoint,
      weights: "GENERATOR_WEIGHTS_EMA",
    }, back)
  );
  assert.ok("error" in result && result.error.code === "FAILED_PRECONDITION");
  assert.match(result.error.message, /no moving average/);
  const unknown = await ending((back) =>
    scene.models.promoteCheckpoint({ name: "roses", checkpoint, weights: 7 as never }, back)
  );
  assert.ok("error" in unknown && unknown.error.code === "INVALID_ARGUMENT");
  assert.match(unknown.error.message, /weights must be one of GENERATOR_WEIGHTS_EMA, .*, not 7/);
});

Deno.test("a damaged checkpoint is refused with DATA_LOSS, and leaves no version", async () => {
  await using scene = await Scene.open();
  const [folder = ""] = await withCheckpoints(scene, [5]);
  const file = `${folder}/generator.safetensors`;
  const bytes = await readFile(file);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(file, bytes);
  const result = await ending((back) =>
    scene.models.promoteCheckpoint({ name: "roses", checkpoint: { jobId: "job-a" } }, back)
  );
  assert.ok("error" in result && result.error.code === "DATA_LOSS");
  assert.deepEqual(await readdir(scene.join("models", "roses")), []);
  const missing = await ending((back) => scene.models.getModel({ name: "roses" }, back));
  assert.ok("error" in missing && missing.error.code === "NOT_FOUND");
});

Deno.test("a step that was not kept is NOT_FOUND, and those that were are named", async () => {
  await using scene = await Scene.open();
  await withCheckpoints(scene, [5, 9]);
  const result = await ending((back) =>
    scene.models.promoteCheckpoint({ name: "roses", checkpoint: { jobId: "job-a", step: 6 } }, back)
  );
  assert.ok("error" in result && result.error.code === "NOT_FOUND");
  assert.match(result.error.message, /kept: 5, 9/);
});
