import assert from "assert";
import { totalmem } from "node:os";
import process from "node:process";
import tf from "@tensorflow/tfjs";
import { flagName } from "../../src/terminal/arguments.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { TinctError } from "../../src/errors.ts";
import { fieldName } from "../../src/protocol/training_options.ts";
import { explainOutOfMemory } from "../../src/training/out_of_memory.ts";
import {
  batchThatFits,
  fixedStepBytes,
  memoryOf,
  stepBytesPerPhoto,
} from "../../src/training/resources/step_memory.ts";
import { engineTest } from "../engine/test_engine.ts";

const config = parseTrainingConfig({ size: 256, batchSize: 64, accumulate: 2 });

/**
 * What TensorFlow throws where it is asked for more than a process has addresses: a system that
 * overcommits promises less than that, and has it filled until it kills somebody.
 */
function thrownForTooMuch(): unknown {
  try {
    tf.tidy(() => tf.fill([2 ** 23, 2 ** 23], 1));
  } catch (error) {
    return error;
  }
  return undefined;
}

engineTest(
  "memory that is not to be had is told with bytes, and the batch that would fit",
  (engine) => {
    const thrown = thrownForTooMuch();
    assert.ok(thrown instanceof TinctError, String(thrown));
    assert.equal(thrown.code, "resource_exhausted");
    // 2^46 floats are 281 TB. Weights, gradients, moments and a checkpoint's copy of the full-size
    // model take 1.60 GB of the 6 GB, nine tenths of the rest hold 32 photos of 122 MB each.
    const explained = explainOutOfMemory(thrown, config, () => 6e9, flagName);
    assert.ok(explained instanceof TinctError);
    assert.equal(explained.code, "resource_exhausted");
    assert.equal(
      explained.message,
      "The device has too little memory for a training step with --batch-size 64, --size 256 and " +
        "--ngf 64; one tensor needs 281 TB, and the training may have 6.00 GB: --batch-size 32 " +
        "should fit (an estimate; with --accumulate 4 a step averages over as many photos), or give a " +
        "smaller --size or --ngf.",
    );
    assert.equal(explained.cause, thrown);
    const machine = memoryOf(engine);
    assert.ok(machine > process.memoryUsage.rss() && machine <= 2 * totalmem(), `${machine}`);
  },
);

Deno.test("oneDNN's words for it are known; what is no lack of memory stays as it is", () => {
  const failed = (message: string) =>
    new TinctError("internal", `TensorFlow failed at train_step_0 (code 10): ${message}`);
  const convolution = failed(
    "{{function_node train_step_0}} Operation received an exception:Status: 1, message: could not " +
      "create a memory object, in file tensorflow/core/kernels/mkl/mkl_conv_ops.cc:1112",
  );
  // As it came where 300 MB were left for a step (`ulimit -d`).
  const normalization = failed(
    "{{function_node train_step_0}} Operation received an exception:Status: 1, message: could not " +
      "create a primitive, in file tensorflow/core/kernels/mkl/mkl_fused_batch_norm_op.cc:1188",
  );
  for (const error of [normalization, new RangeError("Array buffer allocation failed")]) {
    const explained = explainOutOfMemory(error, config, () => 1e9, fieldName);
    assert.match(String(explained), /too little memory for a training step with batch_size 64/);
  }
  const single = { ...config, batchSize: 1, accumulate: 1 };
  const explained = explainOutOfMemory(convolution, single, () => 1e9, fieldName);
  assert.match(
    String(explained),
    /ngf 64; the training may have 1\.00 GB: even one photo per step would not fit, so give a smaller size/,
  );
  const others = [
    failed("Incompatible shapes"),
    failed("Operation received an exception:Status: 2, message: could not create a primitive"),
    new TinctError("resource_exhausted", "The disk is full."),
    new RangeError("OOM when allocating"),
    undefined,
  ];
  for (const other of others) {
    assert.equal(
      explainOutOfMemory(other, config, () => assert.fail("nobody asks"), flagName),
      other,
    );
  }
});

Deno.test("batchThatFits() stays below what did not fit, and grows with the memory", () => {
  const fixed = fixedStepBytes(config);
  const photo = stepBytesPerPhoto(config);
  // 57,175,491 numbers that learn: themselves, gradients, two moments, and three of a copy's; and
  // batch norms' statistics.
  assert.ok(fixed > 28 * 57_175_491 && fixed < 28.05 * 57_175_491, `${fixed}`);
  assert.equal(batchThatFits(config, fixed), 0);
  assert.equal(batchThatFits(config, fixed + 10 * photo), 9);
  assert.equal(batchThatFits(config, fixed + 20 * photo), 18);
  // The estimate says that it fits; it is known that it does not.
  assert.equal(batchThatFits(config, fixed + 1000 * photo), 57);
  assert.equal(batchThatFits({ ...config, batchSize: 2 }, fixed + 1000 * photo), 1);
  // Four times as many pixels.
  const ratio = stepBytesPerPhoto({ ...config, size: 512 }) / photo;
  assert.ok(Math.abs(ratio - 4) < 1e-9, `${ratio}`);
});
