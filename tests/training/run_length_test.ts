import assert from "assert";
import { runLength } from "../../src/training/run_length.ts";

const start = { step: 0, cursor: { epoch: 0, offset: 0 } };

Deno.test("runLength() counts whole batches, epoch by epoch, up to maxSteps", () => {
  const place = { photos: 11, batchSize: 2, ...start };
  assert.deepEqual(runLength({ maxSteps: 0, epochs: 3 }, place), {
    stepsPerEpoch: 5,
    totalSteps: 15,
  });
  assert.equal(runLength({ maxSteps: 7, epochs: 3 }, place).totalSteps, 7);
});

Deno.test("runLength() is the same from every place of a run", () => {
  for (let step = 0; step <= 15; step++) {
    const cursor = { epoch: Math.floor(step / 5), offset: 2 * (step % 5) };
    const place = { photos: 11, batchSize: 2, step, cursor };
    assert.equal(runLength({ maxSteps: 0, epochs: 3 }, place).totalSteps, 15);
  }
});

Deno.test("runLength() goes on to the last epoch's end when steps have become smaller or larger", () => {
  // Half of the second epoch of 12 photos, by steps of 6, is done.
  const place = { photos: 12, step: 3, cursor: { epoch: 1, offset: 6 } };
  const config = { maxSteps: 0, epochs: 4 };
  assert.equal(runLength(config, { ...place, batchSize: 6 }).totalSteps, 3 + 1 + 2 * 2);
  assert.equal(runLength(config, { ...place, batchSize: 3 }).totalSteps, 3 + 2 + 2 * 4);
  assert.equal(runLength(config, { ...place, batchSize: 4 }).totalSteps, 3 + 1 + 2 * 3);
});

Deno.test("runLength() leaves nothing to do where the epochs are over", () => {
  const cursor = { epoch: 4, offset: 0 };
  const place = { photos: 12, batchSize: 6, step: 8, cursor };
  assert.equal(runLength({ maxSteps: 0, epochs: 4 }, place).totalSteps, 8);
  assert.equal(runLength({ maxSteps: 0, epochs: 2 }, place).totalSteps, 8);
});
