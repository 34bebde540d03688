import assert from "assert";
import { join } from "node:path";
import { openCheckpoint, readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { startFrom } from "../../src/training/start_from.ts";
import { engineTest } from "../engine/test_engine.ts";
import { abortAt, SmallTraining, type SmallTrainingResult } from "./small_training.ts";

/** 8 photos are trained on, in 4 steps an epoch. */
const few = { validationFraction: 0.5, maxSteps: 14, logEvery: 4 };

/** Every option of optimizing, so that each does something: the plateau reduces at once. */
const all = {
  ...few,
  lrSchedule: "plateau",
  lrPatience: 0,
  lrGamma: 0.5,
  lrWarmupSteps: 6,
  clipNorm: 0.5,
  emaDecay: 0.9,
  validateEvery: 3,
  sampleEvery: 10,
  checkpointEvery: 7,
};

/** All that a training leaves behind, but for times: the whole state is in the checksums. */
async function traces(training: SmallTraining, run: string, { outcome }: SmallTrainingResult) {
  const { files, metric, state } = await readCheckpointInfo(outcome.checkpoint);
  return { files, metric, state, metrics: await training.metrics(run) };
}

engineTest(
  "a resumed run is to the bit one that was not stopped, with all of it on",
  async (engine) => {
    await using training = await SmallTraining.create({ count: 24 });
    const whole = await training.train(engine, "whole", { given: all });
    const expected = await traces(training, "whole", whole);
    const rates = whole.events.flatMap((event) => event.kind === "step" ? [event.lrG] : []);
    assert.ok(rates.at(-1)! < 2e-4, "the plateau has reduced the rates");
    const parts: SmallTrainingResult[] = [];
    for (const [index, stop] of [3, 8, Infinity].entries()) {
      const stopped = abortAt((event) => event.kind === "step" && event.step === stop);
      const start = index === 0 ? { given: all } : { resume: true };
      parts.push(await training.train(engine, "parts", { ...start, ...stopped }));
    }
    assert.deepEqual(parts.map(({ outcome }) => outcome.step), [3, 8, 14]);
    assert.deepEqual(parts.flatMap(({ losses }) => losses), whole.losses);
    assert.deepEqual(await traces(training, "parts", parts.at(-1)!), expected);
  },
);

/** The values of a checkpoint's file by the tensors' names. */
async function valuesOf(checkpoint: string, file: string): Promise<Map<string, Float32Array>> {
  await using opened = await openCheckpoint(await readCheckpointInfo(checkpoint));
  const values = new Map<string, Float32Array>();
  for (const { name } of opened.file(file).tensors) {
    values.set(name, new Float32Array((await opened.file(file).read(name)).buffer));
  }
  return values;
}

engineTest("a checkpoint holds the average of the generators that there were", async (engine) => {
  await using training = await SmallTraining.create({ count: 24 });
  const given = { ...few, maxSteps: 6, emaDecay: 0.8, checkpointEvery: 1, keepCheckpoints: 10 };
  const { outcome } = await training.train(engine, "run", { given });
  const at = (step: number) =>
    join(training.path("run"), "checkpoints", `step-${String(step).padStart(8, "0")}`);
  const average = await valuesOf(at(1), "generator_ema.safetensors");
  assert.deepEqual([...average.keys()], [
    ...(await valuesOf(at(1), "generator.safetensors")).keys(),
  ]);
  for (let step = 2; step <= 6; step++) {
    const decay = Math.min(0.8, (1 + step) / (10 + step));
    for (const [name, values] of await valuesOf(at(step), "generator.safetensors")) {
      const before = average.get(name)!;
      average.set(name, values.map((value, i) => decay * before[i]! + (1 - decay) * value));
    }
  }
  assert.equal(outcome.checkpoint, at(6));
  for (const [name, values] of await valuesOf(at(6), "generator_ema.safetensors")) {
    const expected = average.get(name)!;
    values.forEach((value, i) => {
      // Five roundings of float32 on each side.
      const allowed = 1e-6 * Math.max(1, Math.abs(expected[i]!));
      assert.ok(Math.abs(value - expected[i]!) <= allowed, `${name}: ${value}, ${expected[i]}`);
    });
  }
});

/** Trains a few steps and gives the last validation. */
async function validated(training: SmallTraining, engine: Engine, run: string, given: object) {
  const options = { ...few, maxSteps: 4, validateEvery: 4, ...given };
  const { outcome, losses } = await training.train(engine, run, { given: options });
  return { psnr: outcome.validation?.psnr, losses };
}

engineTest("the average changes what is shown, not what is trained", async (engine) => {
  await using training = await SmallTraining.create({ count: 24 });
  const plain = await validated(training, engine, "plain", {});
  const raw = await validated(training, engine, "raw", { emaDecay: 0.99, emaUse: "raw" });
  const ema = await validated(training, engine, "ema", { emaDecay: 0.99 });
  assert.deepEqual(raw, plain);
  assert.deepEqual(ema.losses, plain.losses);
  assert.notEqual(ema.psnr, plain.psnr);
});

engineTest("a limit that no gradient reaches changes nothing, a small one does", async (engine) => {
  await using training = await SmallTraining.create({ count: 24 });
  const plain = await validated(training, engine, "plain", {});
  const high = await validated(training, engine, "high", { clipNorm: 1e6 });
  const low = await validated(training, engine, "low", { clipNorm: 1e-7 });
  assert.deepEqual(high, plain);
  const ofD = ({ losses }: typeof plain) => losses.map(({ loss_D }) => loss_D);
  assert.equal(ofD(low)[0], ofD(plain)[0]); // the first step has moved nothing yet
  assert.notEqual(ofD(low)[1], ofD(plain)[1]);
});

engineTest(
  "a run that starts from another's weights begins a new average with them",
  async (engine) => {
    await using training = await SmallTraining.create({ count: 24 });
    const other = await training.train(engine, "other", { given: { ...few, maxSteps: 3 } });
    const given = { ...few, maxSteps: 2, emaDecay: 0.9, checkpointEvery: 1 };
    {
      using run = await training.open("run", { given });
      await startFrom(engine, run, training.set, other.outcome.checkpoint);
    }
    const sums = async (checkpoint: string) => {
      const { files } = await readCheckpointInfo(checkpoint);
      return new Map(files.map(({ name, sha256 }) => [name, sha256]));
    };
    const before = await sums(other.outcome.checkpoint);
    const started = await sums(join(training.path("run"), "checkpoints", "step-00000000"));
    assert.equal(started.get("generator_ema.safetensors"), before.get("generator.safetensors"));
    const { outcome } = await training.train(engine, "run", { resume: true });
    const after = await sums(outcome.checkpoint);
    assert.notEqual(after.get("generator_ema.safetensors"), before.get("generator.safetensors"));
    assert.notEqual(after.get("generator_ema.safetensors"), after.get("generator.safetensors"));
  },
);
