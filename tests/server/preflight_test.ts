import assert from "assert";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { workerVariables } from "../../src/config.ts";
import { cpuDevice } from "../../src/fleet/find_devices.ts";
import { openWorkforce } from "../../src/workforce.ts";
import type { ValidateTrainingConfigResponse__Output } from "../../src/protocol/generated/tinct/v1/validate_training_config_response.ts";
import { durationMsOf } from "../../src/protocol/times.ts";
import { version } from "../../src/version.ts";
import { photoPath } from "../images/test_photos.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { answer, ending, Scene } from "../service/scene.ts";

const config = { size: 128, nDown: 5, ngf: 4, ndf: 4, nLayers: 1, batchSize: 2, epochs: 7 };
const names = ["cat.jpg", "cmyk.jpg", "scan.tiff", "coffee.png", "rocket.jpg", "gray.jpg"];

/** A server with real workers, and the dataset "meadow". */
async function openScene(): Promise<Scene> {
  const scene = await Scene.open({}, (store, dataFolder) =>
    openWorkforce({
      store,
      dataFolder,
      libraryPath: libraryPath(),
      datasetFolder: (name) => Promise.resolve(join(dataFolder, "photos", name)),
      devices: [cpuDevice()],
      threads: 1,
      programVersion: version,
      environment: workerVariables(),
      log: () => {},
    }));
  for (const name of names) await copyFile(photoPath(name), scene.join("photos", "meadow", name));
  return scene;
}

const validate = (scene: Scene, request: Record<string, unknown>) =>
  answer<ValidateTrainingConfigResponse__Output>((back) =>
    scene.jobs.validateTrainingConfig({ dataset: "meadow", config, ...request }, back)
  );

Deno.test("ValidateTrainingConfig tells of near-duplicates, sizes, the split and what it takes", async () => {
  await using scene = await openScene();
  const { valid, dataset, warnings, resources } = await validate(scene, { measure: true });
  assert.equal(valid, true);
  const { usablePhotos, grayPhotos, brokenPhotos, duplicatePhotos, duplicates, sides, smallSide } =
    dataset ?? {};
  assert.deepEqual([usablePhotos, grayPhotos, brokenPhotos], [5, 1, 0]);
  assert.equal(duplicatePhotos, 2);
  assert.deepEqual(duplicates, [{ fileNames: ["cat.jpg", "cmyk.jpg", "scan.tiff"], photos: 3 }]);
  assert.equal(smallSide, 128);
  assert.equal(sides?.reduce((sum, { photos }) => sum + Number(photos), 0), 5);
  assert.ok(dataset?.leakedPhotos !== undefined, "the photos were split");
  assert.ok(warnings.some((each) => each.startsWith("2 photos are near-duplicates")));

  assert.ok(resources);
  assert.equal(resources.device, "cpu");
  assert.equal(resources.deviceBusy, false);
  assert.ok(resources.measuredSteps >= 1);
  const stepMs = durationMsOf(resources.stepTime) ?? 0;
  assert.ok(stepMs > 0.1 && stepMs < 10_000, `${stepMs} ms`);
  // Of five photos a tenth is about half a photo, which rounds to one; four are two steps.
  assert.deepEqual([resources.stepsPerEpoch, resources.totalSteps], [2, 14]);
  const nearly = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-3 * b, `${a} and ${b}`);
  nearly(durationMsOf(resources.epochTime) ?? 0, 2 * stepMs);
  nearly(durationMsOf(resources.totalTime) ?? 0, 14 * stepMs);
  assert.ok(resources.memoryBytes > 50e6, "memory");
  assert.equal(resources.preparedBytes, 5 * 128 * 128 * 3);
  assert.ok(resources.checkpointBytes > 1e5 && resources.checkpoints === 5, "checkpoints");
  assert.ok(resources.freeDiskBytes > 0 && resources.availableMemoryBytes > 0);
  assert.deepEqual(resources.warnings, []);
});

Deno.test("without measure nothing is measured, and what is invalid never is", async () => {
  await using scene = await openScene();
  assert.equal((await validate(scene, {})).resources, null);
  const wrong = await validate(scene, { config: { ...config, size: 100 }, measure: true });
  assert.deepEqual([wrong.valid, wrong.resources], [false, null]);
});

Deno.test("one measurement is made at a time", async () => {
  await using scene = await openScene();
  const request = { config, measure: true };
  const ask = () =>
    ending<ValidateTrainingConfigResponse__Output>((back) =>
      scene.jobs.validateTrainingConfig(request, back)
    );
  const both = await Promise.all([ask(), ask()]);
  const refused = both.flatMap((each) => "error" in each ? [each.error] : []);
  assert.deepEqual(refused.map(({ code }) => code), ["RESOURCE_EXHAUSTED"]);
  assert.match(refused[0]?.message ?? "", /Another measurement runs/);
});
