import assert from "assert";
import tf from "@tensorflow/tfjs";
import { TinctError } from "../../src/errors.ts";
import { explainOutOfMemory } from "../../src/training/out_of_memory.ts";
import { engineTest } from "../engine/test_engine.ts";

const config = { batchSize: 8, size: 512, ngf: 64, accumulate: 1 };

/** What TensorFlow throws where it is asked for 16 TB. */
function thrownForTooMuch(): unknown {
  try {
    tf.tidy(() => tf.fill([2 ** 21, 2 ** 21], 1));
  } catch (error) {
    return error;
  }
  return undefined;
}

engineTest("memory that is not to be had is told with the sizes and the way out", () => {
  const thrown = thrownForTooMuch();
  assert.ok(thrown instanceof TinctError, String(thrown));
  assert.equal(thrown.code, "resource_exhausted");
  const explained = explainOutOfMemory(thrown, config);
  assert.ok(explained instanceof TinctError);
  assert.equal(explained.code, "resource_exhausted");
  assert.equal(
    explained.message,
    "The device's memory does not hold a training step with batchSize 8, size 512 and ngf 64: give " +
      "a smaller batchSize (accumulate 2 with batchSize 4 averages over as many photos), size or ngf.",
  );
  assert.equal(explained.cause, thrown);
});

Deno.test("oneDNN's words for it are known; what is no lack of memory stays as it is", () => {
  const failed = (message: string) =>
    new TinctError("internal", `TensorFlow failed at train_step_0 (code 10): ${message}`);
  const convolution = failed(
    "{{function_node train_step_0}} Operation received an exception:Status: 1, message: could not " +
      "create a memory object, in file tensorflow/core/kernels/mkl/mkl_conv_ops.cc:1112",
  );
  const explained = explainOutOfMemory(convolution, { ...config, batchSize: 1 });
  assert.match(String(explained), /batchSize 1, size 512 .* give a smaller batchSize, size or ngf/);
  const others = [
    failed("Incompatible shapes"),
    new TinctError("resource_exhausted", "The disk is full."),
    new RangeError("OOM when allocating"),
    undefined,
  ];
  for (const other of others) assert.equal(explainOutOfMemory(other, config), other);
});
