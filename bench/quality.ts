/**
 * Does this program train as good a model as PyTorch does, and what do its options add? Trains both on
 * the same rendered scenes with the same settings, three seeds each, measures all of them by one
 * evaluator on scenes that none has seen, and prints a table with 95% confidence intervals:
 *
 *     deno run -A bench/quality.ts --python PYTHON [--steps 600] [--seeds 3] [--only NAME …]
 *
 * PYTHON has bench/pytorch/requirements.txt. Exits with 1 where one's mean lies outside of the other's
 * interval.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import tf from "@tensorflow/tfjs";
import { openSafetensors } from "../src/checkpoints/safetensors.ts";
import { parseTrainingConfig } from "../src/config/training.ts";
import type { Engine } from "../src/engine/engine.ts";
import { prepareGenerated } from "../src/prepared/prepare_generated.ts";
import { bytesPerPicture, type PreparedSet } from "../src/prepared/prepared_set.ts";
import { renderScene } from "../src/scenes/scenes.ts";
import { fromPytorchLayout } from "../src/model/pytorch_layout.ts";
import { restoreGan } from "../src/training/checkpointing.ts";
import { Evaluator } from "../src/validation/evaluator.ts";
import { Gan } from "../src/training/gan.ts";
import { GanColors } from "../src/training/gan_colors.ts";
import { train } from "../src/training/loop.ts";
import type { Validation } from "../src/validation/measures.ts";
import { openRun } from "../src/runs/run.ts";
import { startBenchEngine } from "./bench_engine.ts";

/** What every training here has in common; both programs' other defaults are the same. */
const common = {
  size: 64,
  nDown: 5,
  ngf: 24,
  ndf: 16,
  nLayers: 2,
  batchSize: 8,
  lrG: 5e-4,
  lrD: 5e-4,
};

/** What is added to them, by name. */
const variants: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  tinct: {},
  "with EMA": { emaDecay: 0.99 },
  "with warm-up": { pretrainSteps: 200 },
  "with augmentation": { crop: 0.6, saturationJitter: 0.2 },
};

const scenes = { training: 2000, unseen: 200 };
const measures = ["psnr", "ssim", "deltaE2000", "abError", "colorfulnessRatio"] as const;

/** The 97.5% point of Student's t by degrees of freedom, from 1. */
const studentT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

const { values: given } = parseArgs({
  options: {
    python: { type: "string" },
    steps: { type: "string", default: "600" },
    seeds: { type: "string", default: "3" },
    only: { type: "string", multiple: true },
  },
});
const steps = Number(given.steps), seeds = Number(given.seeds);
const folder = await mkdtemp(join(tmpdir(), "tinct-quality-"));
try {
  using engine = await startBenchEngine({ threads: 2, precision: "float32" });
  await using set = await draw("training", scenes.training, 0);
  await using unseen = await draw("unseen", scenes.unseen, 1);
  const names = given.only ?? [...Object.keys(variants), ...(given.python ? ["PyTorch"] : [])];
  const results = new Map<string, Validation[]>(names.map((name) => [name, []]));
  const pixels = join(folder, "pixels.u8");
  if (names.includes("PyTorch")) await writePixels(set, pixels);
  // In turn, so that what happens on the machine meanwhile meets all of them.
  for (let seed = 0; seed < seeds; seed++) {
    for (const name of names) {
      const start = performance.now();
      const made = name === "PyTorch"
        ? await trainPytorch(engine, unseen, pixels, seed)
        : await trainHere(engine, { set, unseen }, name, seed);
      results.get(name)?.push(made);
      const seconds = ((performance.now() - start) / 1000).toFixed(0);
      console.error(`${name}, seed ${seed}: ${made.psnr.toFixed(2)} dB, ${seconds} s`);
    }
  }
  console.log(table(results));
  process.exitCode = agree(results) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}

function draw(name: string, count: number, seed: number): Promise<PreparedSet> {
  const { size } = common;
  return prepareGenerated((index) => renderScene(index, { size, seed }), {
    count,
    size,
    key: `quality ${name} ${seed}`,
    cacheFolder: join(folder, name),
  });
}

async function writePixels(set: PreparedSet, path: string): Promise<void> {
  const bytes = new Uint8Array(set.count * bytesPerPicture(set.size));
  await set.readInto(Uint32Array.from({ length: set.count }, (_, i) => i), bytes);
  await writeFile(path, bytes);
}

function configOf(name: string, seed: number) {
  return {
    ...common,
    ...variants[name],
    seed,
    maxSteps: steps,
    epochs: 1_000_000,
    validationFraction: 0,
    validateEvery: 0,
    sampleEvery: 0,
    checkpointEvery: 0,
  };
}

async function trainHere(
  engine: Engine,
  { set, unseen }: { readonly set: PreparedSet; readonly unseen: PreparedSet },
  name: string,
  seed: number,
): Promise<Validation> {
  using run = await openRun(join(folder, `${name} ${seed}`), {
    given: configOf(name, seed),
    resume: false,
    programVersion: "bench",
    onWarning: ({ message }) => console.error(message),
  });
  const { store, config } = run;
  const signal = new AbortController().signal;
  await train({ engine, set, store, config, resume: false, signal, onEvent: () => {} });
  using gan = new Gan(engine, config);
  await using checkpoint = await store.loadLatestGood();
  await restoreGan(gan, checkpoint);
  return await judge(engine, gan, unseen);
}

async function trainPytorch(
  engine: Engine,
  unseen: PreparedSet,
  pixels: string,
  seed: number,
): Promise<Validation> {
  const out = join(folder, `pytorch-${seed}.safetensors`);
  const script = new URL("./pytorch/quality.py", import.meta.url).pathname;
  const options = Object.entries({
    ...{ size: common.size, "n-down": common.nDown, ngf: common.ngf, ndf: common.ndf },
    ...{ "n-layers": common.nLayers, batch: common.batchSize, lr: common.lrG },
    ...{ count: scenes.training, steps, seed, out },
  }).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const child = spawn(given.python ?? "python3", [script, pixels, ...options], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`quality.py ended with ${code}.`);
  using gan = new Gan(engine, parseTrainingConfig(configOf("tinct", seed)));
  await using file = await openSafetensors(out);
  for (const { name } of gan.generator.specs) {
    const info = file.tensors.find((tensor) => tensor.name === name);
    if (info === undefined) throw new Error(`quality.py wrote no ${name}.`);
    const bytes = await file.read(name);
    tf.tidy(() => {
      const value = tf.tensor(new Float32Array(bytes.slice().buffer), [...info.shape]);
      gan.generator.variable(name).assign(fromPytorchLayout(value));
    });
  }
  return await judge(engine, gan, unseen);
}

async function judge(engine: Engine, gan: Gan, unseen: PreparedSet): Promise<Validation> {
  using colors = new GanColors(gan, "float32");
  using evaluator = new Evaluator(engine, unseen, colors);
  return await evaluator.validate(Uint32Array.from({ length: unseen.count }, (_, i) => i));
}

/** The mean over seeds, and half of its 95% confidence interval by Student's t. */
function interval(values: readonly number[]): { mean: number; half: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (values.length - 1));
  const t = studentT[values.length - 2] ?? 2;
  return { mean, half: t * deviation / Math.sqrt(values.length) };
}

function table(results: ReadonlyMap<string, readonly Validation[]>): string {
  const rows = [...results].map(([name, made]) => [
    name,
    ...measures.map((measure) => {
      const { mean, half } = interval(made.map((each) => each[measure]));
      const digits = mean < 2 ? 3 : 2;
      return `${mean.toFixed(digits)} ± ${half.toFixed(digits)}`;
    }),
  ]);
  const head = ["", "PSNR, dB", "SSIM", "ΔE2000", "ab error", "colourfulness ratio"];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Whether the means of Tinct and PyTorch lie within each other's interval, measure by measure. */
function agree(results: ReadonlyMap<string, readonly Validation[]>): boolean {
  const [ours, theirs] = [results.get("tinct"), results.get("PyTorch")];
  if (!ours?.length || !theirs?.length) return true;
  return (["psnr", "ssim", "deltaE2000"] as const).every((measure) => {
    const [a, b] = [ours, theirs].map((made) => interval(made.map((each) => each[measure])));
    const distance = Math.abs(a!.mean - b!.mean);
    const fits = distance <= a!.half && distance <= b!.half;
    console.log(`${measure}: ${distance.toFixed(3)} apart: ${fits ? "ok" : "not ok"}`);
    return fits;
  });
}
