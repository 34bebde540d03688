import assert from "assert";
import { stat } from "node:fs/promises";
import { changes, endlessConfig, isState, smallConfig, Workshop } from "../service/workshop.ts";

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
    assert.equal(payload["photos"], smallConfig.sampleCount, "of those kept for validation");
    checkMeasures(payload["measures"]);
  }
  const phases = history.filter(({ kind }) => kind === "heartbeat").map(({ payload }) => {
    const { phase, step } = payload["progress"] as { phase: string; step: number };
    return `${phase.replace("TRAINING_PHASE_", "")} ${step}`;
  }).filter((phase, index, all) => phase !== all[index - 1]); // a slow machine says one again
  assert.deepEqual(phases, [
    ...["PREPARING 0", "STARTING 0"],
    // Every second step is saved, and measured for that; every third one is measured in any case.
    ...["TRAINING 1", "VALIDATING 2", "SAVING 2", "TRAINING 3", "VALIDATING 3"],
    ...["TRAINING 4", "VALIDATING 4", "SAVING 4", "TRAINING 5", "VALIDATING 6", "SAVING 6"],
  ]);
  const prepared = history.filter(({ kind }) => kind === "heartbeat")
    .map(({ payload }) => payload["progress"] as { photosDone: number; photosTotal: number })
    .find(({ photosTotal }) => photosTotal > 0);
  assert.ok(prepared && prepared.photosDone >= 1, "how many photos are prepared is told at once");
  assert.ok(prepared.photosDone <= prepared.photosTotal);
  const validations = history.filter(({ kind }) => kind === "validation");
  assert.ok(validations.length >= 2);
  assert.equal(validations[0]?.payload["best"], true);
  for (const { payload } of validations) {
    checkMeasures(payload);
    assert.equal(payload["metric"], "psnr_db");
  }
  const checkpoints = await workshop.store.events.checkpoints("first");
  assert.equal(checkpoints.at(-1)?.step, 6);
  assert.ok(checkpoints.length <= 4, "the record forgets what the run deleted");
  for (const { path } of checkpoints) await stat(workshop.folder.join(path, "checkpoint.json"));
});

/** Every number of a tinct.v1.Validation is there, and they hang together. */
function checkMeasures(payload: unknown): void {
  assert.ok(typeof payload === "object" && payload !== null);
  const numbers: Readonly<Record<string, unknown>> = { ...payload };
  const names = ["psnrDb", "ssim", "deltaE2000", "abError", "l1", "colorfulness"];
  const grays = ["grayPsnrDb", "graySsim", "grayDeltaE2000", "grayAbError", "grayL1"];
  for (const name of [...names, ...grays, "realColorfulness", "colorfulnessRatio"]) {
    assert.ok(typeof numbers[name] === "number" && numbers[name] > 0, `${name}: ${numbers[name]}`);
  }
  assert.ok(Number(numbers["ssim"]) < 1);
  const { colorfulness, realColorfulness, colorfulnessRatio } = numbers;
  const ratio = Number(colorfulness) / Number(realColorfulness);
  assert.ok(Math.abs(ratio - Number(colorfulnessRatio)) < 1e-12);
}

Deno.test("a job that gets no better has succeeded early, and says so", async () => {
  await using workshop = await Workshop.open();
  // Rates of 0: every validation is as good as the first one.
  const config = { ...smallConfig, lrG: 0, maxSteps: 50, validateEvery: 2, checkpointEvery: 0 };
  await workshop.submit("job", { ...config, earlyStop: 2, bestMetric: "ssim", dropout: 0 });
  const history = await workshop.history("job");
  assert.equal(changes(history).at(-1), "RUNNING→SUCCEEDED by succeeded");
  const validations = history.filter(({ kind }) => kind === "validation");
  const { step } = validations.at(-1)!.payload;
  assert.ok(Number(step) < 50);
  assert.equal(validations.at(-1)!.payload["metric"], "ssim");
  const { details } = history.at(-1)!.payload;
  assert.deepEqual(details, {
    step,
    message: `Stopped early after step ${step}: the last 2 validations brought no better ssim.`,
  });
});

Deno.test("a job that is cancelled ends after its step, and the next one gets the device", async () => {
  await using workshop = await Workshop.open();
  const { supervisor } = workshop;
  await workshop.submit("long", endlessConfig);
  await workshop.submit("next");
  await workshop.eventsUntil("long", ({ kind }) => kind === "losses");
  assert.equal(supervisor.devices()[0]?.jobId, "long");
  assert.equal((await supervisor.cancel("long")).state, "CANCELLING");
  const history = await workshop.history("long");
  assert.deepEqual(changes(history).slice(2), [
    "RUNNING→CANCELLING by cancel_requested",
    "CANCELLING→CANCELLED by cancelled",
  ]);
  const [asked, ended] = history.filter(({ kind }) => kind === "state").slice(2);
  assert.ok((ended?.timeMs ?? 0) - (asked?.timeMs ?? 0) < 5000, "the device was free soon");
  assert.equal(changes(await workshop.history("next")).at(-1), "RUNNING→SUCCEEDED by succeeded");
});

Deno.test("a job that is paused frees its device, and goes on from its checkpoint", async () => {
  await using workshop = await Workshop.open();
  const { supervisor, store } = workshop;
  await workshop.submit("job", { ...endlessConfig, checkpointEvery: 0 });
  await workshop.eventsUntil("job", ({ payload }) => Number(payload["step"]) >= 3);
  assert.equal((await supervisor.pause("job")).state, "PAUSING");
  const paused = await workshop.eventsUntil("job", isState("PAUSED"));
  const step = (await store.events.checkpoints("job")).at(-1)?.step ?? 0;
  assert.ok(step >= 3, "it wrote a checkpoint");
  assert.equal((await store.jobs.get("job")).slot, undefined);
  await supervisor.resume("job");
  const from = (paused.at(-1)?.sequence ?? 0) + 1;
  const [first] = (await workshop.eventsUntil("job", ({ kind }) => kind === "losses", from))
    .filter(({ kind }) => kind === "losses");
  assert.equal(Number(first?.payload["step"]) - Number(first?.payload["steps"]), step);
  assert.equal(first?.attempt, 2);
  await supervisor.cancel("job");
  await workshop.eventsUntil("job", isState("CANCELLED"), from);
});

Deno.test("a job whose photos cannot be trained on has failed, with the reason", async () => {
  await using workshop = await Workshop.open();
  await workshop.store.jobs.create({
    id: "job",
    dataset: "scenes",
    config: { ...smallConfig, batchSize: 100 },
  });
  workshop.supervisor.wake();
  const history = await workshop.history("job");
  assert.equal(changes(history).at(-1), "RUNNING→FAILED by failed");
  const { failure } = await workshop.store.jobs.get("job");
  assert.equal(failure?.code, "invalid_argument");
  assert.match(failure?.message ?? "", /photos/);
});

Deno.test("a job can begin with the weights, or the whole state, of another one", async () => {
  await using workshop = await Workshop.open();
  const { store, supervisor } = workshop;
  await workshop.submit("first");
  await workshop.history("first");
  const config = { ...smallConfig, maxSteps: 8 };
  for (const mode of ["resume", "start"] as const) {
    const origin = { mode, jobId: "first", step: undefined };
    await store.jobs.create({ id: mode, dataset: "scenes", config, origin });
    supervisor.wake();
    const history = await workshop.history(mode);
    assert.equal(changes(history).at(-1), "RUNNING→SUCCEEDED by succeeded");
    const steps = history.filter(({ kind }) => kind === "losses")
      .reduce((sum, { payload }) => sum + Number(payload["steps"]), 0);
    assert.equal(steps, mode === "resume" ? 2 : 8);
  }
});
