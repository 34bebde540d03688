import assert from "assert";
import { readCheckpointInfo } from "../../../src/checkpoints/checkpoint_folder.ts";
import { flagName } from "../../../src/terminal/arguments.ts";
import { parseTrainingConfig } from "../../../src/config/training.ts";
import { liveObjects } from "../../../src/tensorflow/native_object.ts";
import { diskNeeds } from "../../../src/training/resources/disk_needs.ts";
import { measureStep } from "../../../src/training/resources/measure_step.ts";
import {
  diskBytes,
  type ResourceNeeds,
  resourceNeeds,
  resourceWarnings,
} from "../../../src/training/resources/resource_needs.ts";
import { stepBytesPerPhoto } from "../../../src/training/resources/step_memory.ts";
import { engineTest } from "../../engine/test_engine.ts";
import { smallOptions, SmallTraining } from "../small_training.ts";

engineTest(
  "a measured step is as long as a step of the loop, and leaves nothing",
  async (engine) => {
    const config = parseTrainingConfig({ ...smallOptions, nCritic: 3, ganMode: "hinge" });
    const before = liveObjects();
    const { stepMs, steps, firstStepMs, memoryBytes } = await measureStep(engine, config, {
      maxMs: 200,
    });
    assert.deepEqual(liveObjects(), before);
    assert.equal(steps % 3, 0, "whole rounds");
    assert.ok(
      steps >= 3 && stepMs > 0 && firstStepMs > stepMs,
      `${steps} ${stepMs} ${firstStepMs}`,
    );
    assert.ok(memoryBytes > 50e6 && memoryBytes < 8e9, `${memoryBytes} bytes`);
  },
);

engineTest("a larger batch is measured to take more memory and longer steps", async (engine) => {
  const given = { ...smallOptions, size: 128, ngf: 16, ndf: 16 };
  const measure = (batchSize: number) =>
    measureStep(engine, parseTrainingConfig({ ...given, batchSize }), { maxMs: 1 });
  const [small, large] = [await measure(1), await measure(32)];
  assert.ok(large.stepMs > 4 * small.stepMs, `${small.stepMs} and ${large.stepMs} ms`);
  // Activations of 31 more pictures: the first layer's alone, forward, are 64 x 64 x 16 floats.
  const least = 31 * 64 * 64 * 16 * 4;
  const more = large.memoryBytes - small.memoryBytes;
  assert.ok(more > least, "no more memory");
  // The estimate is meant to be right to within a factor of two; allocators add their own.
  const foretold = 31 * stepBytesPerPhoto(parseTrainingConfig(given));
  assert.ok(more > foretold / 3 && more < 3 * foretold, `${more} bytes, foretold ${foretold}`);
});

engineTest("a measurement can be cancelled", async (engine) => {
  const reason = new Error("no longer wanted");
  await assert.rejects(
    measureStep(engine, parseTrainingConfig(smallOptions), { signal: AbortSignal.abort(reason) }),
    reason,
  );
});

for (
  const [what, given] of [
    ["plain", {}],
    ["with a moving average and a pool", { emaDecay: 0.9, poolSize: 3 }],
    ["with a critic without batch norm", { ganMode: "wgangp", nCritic: 2 }],
  ] as const
) {
  engineTest(`a checkpoint is as large as was foretold, ${what}`, async (engine) => {
    await using training = await SmallTraining.create({ count: 6 });
    const options = { ...given, maxSteps: 2 };
    const { outcome } = await training.train(engine, "run", { given: options });
    const { files } = await readCheckpointInfo(outcome.checkpoint);
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const config = parseTrainingConfig({ ...smallOptions, ...options });
    const foretold = diskNeeds(config, 0).checkpoint;
    // The files' headers name every tensor, in some hundred bytes each, at most 100 kB in all.
    assert.ok(foretold < sizeBytes && sizeBytes < foretold + 100_000, `${foretold} ${sizeBytes}`);
  });
}

const measured = { stepMs: 500, steps: 4, firstStepMs: 3000, memoryBytes: 2e9 };

Deno.test("epochs and the disk follow from the photos", () => {
  const config = parseTrainingConfig({
    batchSize: 4,
    accumulate: 2,
    epochs: 3,
    keepCheckpoints: 2,
  });
  const needs = resourceNeeds(config, measured, {
    photos: { train: 83, validation: 17 },
    availableMemoryBytes: 8e9,
    freeDiskBytes: 9e9,
  });
  assert.deepEqual([needs.stepsPerEpoch, needs.totalSteps], [10, 30]);
  assert.equal(needs.preparedBytes, 100 * 256 * 256 * 3);
  assert.equal(needs.checkpoints, 4);
  // 54,409,858 and 2,765,633 numbers that learn, three times, and the statistics of batch norm.
  const learning = 54_409_858 + 2_765_633;
  assert.ok(needs.checkpointBytes > 12 * learning && needs.checkpointBytes < 12.01 * learning);
  assert.equal(diskBytes(needs), needs.preparedBytes + 4 * needs.checkpointBytes);
  assert.deepEqual(resourceWarnings(needs, flagName), []);
});

Deno.test("too little memory or disk is said with both numbers", () => {
  const needs: ResourceNeeds = {
    ...measured,
    batchSize: 8,
    fixedBytes: 1.2e9, // so that a photo takes 0.1 GB
    stepsPerEpoch: 10,
    totalSteps: 30,
    availableMemoryBytes: 2.1e9,
    preparedBytes: 5e7,
    checkpointBytes: 7e8,
    checkpoints: 5,
    freeDiskBytes: 3.5e9,
  };
  const [memory, disk, ...others] = resourceWarnings(needs, flagName);
  assert.match(
    memory ?? "",
    /^A step takes 2\.00 GB of memory, and 2\.10 GB are free: take a smaller --batch-size \(about 6 would fit\) or --size\.$/,
  );
  assert.match(disk ?? "", /take up to 3\.55 GB, and 3\.50 GB are free on the disk/);
  assert.deepEqual(others, []);
});
