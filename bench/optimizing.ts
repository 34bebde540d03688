/**
 * Measures what options of optimizing cost: training steps with each of them and without any, in turn
 * within one process, so that all meet the same machine.
 *
 *     deno run -A bench/optimizing.ts [--batch 1] [--size 256] [--rounds 12] [--precision float32]
 *
 * It prints a row of Markdown for each: the median step, and the median over the rounds of its ratio
 * to the plain step of the same round, with the quartiles; and what the work of each takes by itself,
 * which a busy machine falsifies less. Takes about 5 GB of memory at full size.
 */
import { parseArgs } from "node:util";
import tf from "@tensorflow/tfjs";
import { parseTrainingConfig } from "../src/config/training.ts";
import { CompiledFunction } from "../src/engine/compile.ts";
import { clipGradients } from "../src/training/clipping.ts";
import { CompiledStep } from "../src/training/compiled_step.ts";
import { Gan } from "../src/training/gan.ts";
import { startBenchEngine } from "./bench_engine.ts";
import { median } from "./comparison.ts";

const { values: given } = parseArgs({
  options: {
    batch: { type: "string", default: "1" },
    size: { type: "string", default: "256" },
    rounds: { type: "string", default: "12" },
    warmup: { type: "string", default: "2" },
    precision: { type: "string", default: "float32" },
    threads: { type: "string", default: "2" },
  },
});

/** What is compared; the first is what the others are held against. */
const variants = [
  { name: "neither", options: {} },
  { name: "neither, once more", options: {} }, // how far equal things differ
  { name: "emaDecay 0.999", options: { emaDecay: 0.999 } },
  { name: "clipNorm 1", options: { clipNorm: 1 } },
  { name: "both", options: { emaDecay: 0.999, clipNorm: 1 } },
];

const size = Number(given.size);
const batch = Number(given.batch);
const { precision } = parseTrainingConfig({ precision: given.precision });
using engine = await startBenchEngine({ threads: Number(given.threads), precision });
using owned = new DisposableStack();
const trained = variants.map(({ name, options }) => {
  const config = parseTrainingConfig({ size, precision, ...options });
  const gan = owned.use(new Gan(engine, config));
  const step = owned.use(new CompiledStep(gan, config));
  return { name, config, gan, step, ms: [] as number[] };
});
const pixels = new Uint8Array(batch * size * size * 3).map((_, i) => (i * 2654435761) >>> 24);
for (let round = -Number(given.warmup); round < Number(given.rounds); round++) {
  const order = round % 2 === 0 ? trained : trained.toReversed(); // none always comes first
  for (const { step, config, ms } of order) {
    const start = performance.now();
    await step.run(pixels, round + Number(given.warmup) + 1, config);
    if (round >= 0) ms.push(performance.now() - start);
  }
}

const alone = [
  { name: "emaDecay", run: followAlone(trained[2]!.gan) },
  { name: "clipNorm", run: clipAlone(trained[3]!.gan) },
].map(({ name, run }) => ({ name, run, ms: [] as number[] }));
for (let round = -2; round < Number(given.rounds); round++) {
  for (const { run, ms } of alone) {
    const start = performance.now();
    await run();
    if (round >= 0) ms.push(performance.now() - start);
  }
}

console.log("| options | step | ratio | quartiles |\n| --- | --- | --- | --- |");
const [plain] = trained;
for (const { name, ms } of trained) {
  const ratios = ms.map((value, round) => value / plain!.ms[round]!).sort((a, b) => a - b);
  const at = (share: number) => ratios[Math.round(share * (ratios.length - 1))]!.toFixed(3);
  const cells = [
    `${median(ms).toFixed(0)} ms`,
    median(ratios).toFixed(3),
    `${at(0.25)} to ${at(0.75)}`,
  ];
  console.log(`| ${name} | ${cells.join(" | ")} |`);
}

const plainMs = median(plain!.ms);
for (const { name, ms } of alone) {
  const share = (100 * median(ms) / plainMs).toFixed(1);
  console.log(`${name} alone: ${median(ms).toFixed(1)} ms, ${share}% of the plain step`);
}

/** The moving average's own work, outside of a step. */
function followAlone({ ema }: Gan): () => Promise<void> {
  const share = tf.scalar(0.001);
  owned.defer(() => share.dispose());
  const follow = owned.use(
    new CompiledFunction(engine, (share) => {
      ema!.follow(share!);
      return [tf.scalar(0)];
    }, { name: "follow" }),
  );
  return async () => tf.dispose(await follow.call(share));
}

/** Clipping's own work, outside of a step, on Adam's first moments: they are shaped as gradients. */
function clipAlone({ adamG, adamD }: Gan): () => Promise<void> {
  const clip = owned.use(
    new CompiledFunction(engine, () =>
      [adamG, adamD].flatMap(({ m }) => {
        const gradients = [...m.values()].map((moment) => moment.read());
        return clipGradients(gradients, 1).map((gradient) => tf.max(gradient)); // so that it is used
      }), { name: "clip" }),
  );
  return async () => tf.dispose(await clip.call());
}
