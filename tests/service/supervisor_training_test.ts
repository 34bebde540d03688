import assert from "assert";
import { stat } from "node:fs/promises";
import { changes, smallConfig, Workshop } from "./workshop.ts";

Deno.test("a job trains in a worker, and all that it tells is in the store", async () => {
  await using workshop = await Workshop.open();
  await workshop.submit("first");
  const history = await workshop.history("first");
  assert.deepEqual(changes(history), [
    "(new)→QUEUED by submitted",
    "QUEUED→RUNNING by started",
    "RUNNING→SUCCEEDED by succeeded",
  ]);
  const losses = history.filter(({ kind }) => kind === "losses").map(({ payload }) => payload);
  assert.equal(losses.at(-1)?.["step"], smallConfig.maxSteps);
  const steps = losses.reduce((sum, { steps }) => sum + Number(steps), 0);
  assert.equal(steps, smallConfig.maxSteps, "every step is in the means of one event");
  for (const { lossG, lossGGan, lossGL1 } of losses) {
    assert.ok(Math.abs(Number(lossG) - Number(lossGGan) - Number(lossGL1)) < 1e-4 * Number(lossG));
  }
  const samples = history.filter(({ kind }) => kind === "sample");
  assert.deepEqual(samples.map(({ payload }) => payload["step"]), [3, 6]);
  for (const { payload } of samples) {
    const file = await stat(workshop.folder.join(String(payload["path"])));
    assert.equal(file.size, payload["sizeBytes"]);
    assert.equal(payload["photos"], 2);
  }
  const validations = history.filter(({ kind }) => kind === "validation");
  assert.ok(validations.length >= 2);
  const checkpoints = await workshop.store.events.checkpoints("first");
  assert.equal(checkpoints.at(-1)?.step, 6);
  assert.ok(checkpoints.length <= 4, "the record forgets what the run deleted");
  for (const { path } of checkpoints) await stat(workshop.folder.join(path, "checkpoint.json"));
});
