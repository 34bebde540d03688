import assert from "assert";
import { readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import { engineTest } from "../engine/test_engine.ts";
import { abortAt, SmallTraining, type SmallTrainingResult } from "./small_training.ts";

/** Every option about losses at once, in several ways; a step of some takes two batches. */
const runs: Record<string, Readonly<Record<string, unknown>>> = {
  "wgangp": { ganMode: "wgangp", nCritic: 2, pretrainSteps: 3, poolSize: 3, lambdaColor: 10 },
  "hinge": { ganMode: "hinge", normD: "none", poolSize: 5, accumulate: 2, batchSize: 1 },
  "spectral norm of two batches": {
    ganMode: "wgangp",
    normD: "spectral",
    judge: "rgb",
    targetSaturation: 1.2,
    poolSize: 2,
    accumulate: 2,
    batchSize: 1,
  },
  "wgangp of two batches": {
    ganMode: "wgangp",
    nCritic: 3,
    pretrainSteps: 2,
    lrPretrain: 1e-3,
    criticSteps: 5,
    lrCritic: 1e-3,
    accumulate: 2,
    batchSize: 1,
    poolSize: 2,
    emaDecay: 0.9,
    clipNorm: 1,
  },
};

const others = {
  validationFraction: 0.5,
  maxSteps: 13,
  dropout: 0.5,
  logEvery: 4,
  checkpointEvery: 7,
};

/** All that a training leaves behind, but for times: the whole state is in the checksums. */
async function traces(training: SmallTraining, run: string, { outcome }: SmallTrainingResult) {
  const { files, state } = await readCheckpointInfo(outcome.checkpoint);
  return { files, state, metrics: await training.metrics(run) };
}

for (const [name, options] of Object.entries(runs)) {
  engineTest(
    `a resumed run of ${name} is, to the bit, one that was not stopped`,
    async (engine) => {
      await using training = await SmallTraining.create({ count: 24 });
      const given = { ...others, ...options };
      const whole = await training.train(engine, "whole", { given });
      const expected = await traces(training, "whole", whole);
      assert.ok(expected.files.some(({ name }) => name === "pool.safetensors"));
      // 8 of the scenes are trained on, two a step, in one batch or in two.
      const epochs = whole.events.flatMap((event) => event.kind === "step" ? [event.epoch] : []);
      assert.deepEqual(epochs, epochs.map((_, i) => Math.floor(i / 4)));
      const parts: SmallTrainingResult[] = [];
      for (const [index, stop] of [2, 6, Infinity].entries()) {
        const stopped = abortAt((event) => event.kind === "step" && event.step === stop);
        const start = index === 0 ? { given } : { resume: true };
        parts.push(await training.train(engine, "parts", { ...start, ...stopped }));
      }
      assert.deepEqual(parts.map(({ outcome }) => outcome.step), [2, 6, 13]);
      assert.deepEqual(parts.flatMap(({ losses }) => losses), whole.losses);
      assert.deepEqual(await traces(training, "parts", parts.at(-1)!), expected);
    },
  );
}
