/**
 * Times what each option of augmentation adds to a training step, one JSON line an option.
 *
 *     deno run -A bench/augmentation.ts                # the augmentation alone, and a whole step
 *     deno run -A bench/augmentation.ts --repeat 20 --steps 0
 *
 * What an option adds is smaller than how much one step differs from the next. So the batch alone,
 * from bytes to the tensors that the networks get, is timed as a function of its own; and steps with
 * everything off and everything on are timed in turn.
 */
import { parseArgs } from "node:util";
import tf from "@tensorflow/tfjs";
import { parseTrainingConfig, type TrainingConfig } from "../src/config/training.ts";
import { CompiledFunction } from "../src/engine/compile.ts";
import { augment } from "../src/augmentation/augment.ts";
import { CompiledStep } from "../src/training/compiled_step.ts";
import { Gan } from "../src/training/gan.ts";
import { startBenchEngine } from "./bench_engine.ts";

const { values: given } = parseArgs({
  options: {
    batch: { type: "string", default: "4" },
    size: { type: "string", default: "256" },
    repeat: { type: "string", default: "60" },
    steps: { type: "string", default: "8" },
    threads: { type: "string", default: "2" },
  },
});
const [batch, size] = [Number(given.batch), Number(given.size)];
const all = {
  crop: 0.6,
  rotate: 8,
  saturationJitter: 0.2,
  whiteBalanceJitter: 8,
  blur: 1.5,
  grain: 6,
  cutout: 0.4,
  spectralFilm: 0.5,
} as const;
const cases: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "nothing": { flip: false },
  "flip": {},
  "crop": { flip: false, crop: all.crop },
  "flip, crop, rotate": { crop: all.crop, rotate: all.rotate },
  "saturationJitter": { flip: false, saturationJitter: all.saturationJitter },
  "whiteBalanceJitter": { flip: false, whiteBalanceJitter: all.whiteBalanceJitter },
  "blur": { flip: false, blur: all.blur },
  "grain": { flip: false, grain: all.grain },
  "cutout": { flip: false, cutout: all.cutout },
  "spectralFilm": { flip: false, spectralFilm: all.spectralFilm },
  "everything": all,
};

using engine = await startBenchEngine({ threads: Number(given.threads), precision: "float32" });
const bytes = new Uint8Array(batch * size * size * 3).map((_, i) => (i * 2654435761) >>> 24);
await timeAlone();
if (Number(given.steps) > 0) await timeSteps();

/** Bytes to L and ab, with each option; in turn, so that noise falls on all alike. */
async function timeAlone(): Promise<void> {
  const pixels = engine.uint8Tensor(bytes, [batch, size, size, 3]);
  const functions = Object.entries(cases).map(([name, options]) => {
    const config = parseTrainingConfig({ ...options, size });
    const compiled = new CompiledFunction(engine, (pixels, seed) => {
      const { L, ab } = augment(pixels!, seed!, config);
      return [L, ab];
    }, { name: "augment" });
    return { name, compiled, times: [] as number[] };
  });
  for (let round = -3; round < Number(given.repeat); round++) {
    for (const { compiled, times } of functions) {
      const seed = tf.tensor1d([0, round + 3], "int32");
      const start = performance.now();
      tf.dispose(await compiled.call(pixels, seed));
      if (round >= 0) times.push(performance.now() - start);
      seed.dispose();
    }
  }
  const plain = median(functions[0]!.times);
  for (const { name, compiled, times } of functions) {
    report({
      name,
      ms: rounded(median(times)),
      added_ms: rounded(median(times) - plain),
      nodes: compiled.nodeCount,
    });
    compiled[Symbol.dispose]();
  }
  pixels.dispose();
}

/** Whole steps of the full-size model, everything off and everything on in turn. */
async function timeSteps(): Promise<void> {
  const variants = [cases["nothing"]!, all].map((options) => {
    const config: TrainingConfig = parseTrainingConfig({ ...options, size });
    const gan = new Gan(engine, config);
    return { gan, step: new CompiledStep(gan, config), config, times: [] as number[] };
  });
  for (let round = -2; round < Number(given.steps); round++) {
    for (const { step, config, times } of variants) {
      const start = performance.now();
      await step.run(bytes, round + 3, config);
      if (round >= 0) times.push(performance.now() - start);
    }
  }
  const [off, on] = variants.map(({ times }) => median(times)) as [number, number];
  const ratios = variants[1]!.times.map((time, i) => time / variants[0]!.times[i]!);
  report({ name: "step, nothing", ms: rounded(off) });
  report({ name: "step, everything", ms: rounded(on), ratio: median(ratios).toFixed(4) });
  for (const { step, gan } of variants) {
    step[Symbol.dispose]();
    gan[Symbol.dispose]();
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

function report(line: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify({ ...line, batch, size, threads: Number(given.threads) }));
}
