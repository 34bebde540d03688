/**
 * Does this program train as good a model as PyTorch does, and what do its options add? Trains rows of
 * settings on the same rendered scenes, three seeds each, measures all of them by one evaluator on
 * scenes that none has seen, and prints tables with 95% confidence intervals:
 *
 *     deno run -A bench/quality.ts --python PYTHON [--folder FOLDER] [--steps 600] [--seeds 3]
 *         [--only NAME …]
 *
 * PYTHON has bench/pytorch/requirements.txt. FOLDER keeps the results, so that the same call goes on
 * where an earlier one ended. Exits with 1 where the means of Tinct and PyTorch lie outside of each
 * other's intervals.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import tf from "@tensorflow/tfjs";
import { GENERATOR_EMA_FILE } from "../src/checkpoints/checkpoint_folder.ts";
import { openSafetensors, writeSafetensors } from "../src/checkpoints/safetensors.ts";
import { parseTrainingConfig, type TrainingConfig } from "../src/config/training.ts";
import type { Engine } from "../src/engine/engine.ts";
import { isThere } from "../src/files/folder_tree.ts";
import { encoderPrefix } from "../src/model/dynamic_unet_layers.ts";
import { fromPytorchLayout } from "../src/model/pytorch_layout.ts";
import { prepareGenerated } from "../src/prepared/prepare_generated.ts";
import { bytesPerPicture, type PreparedSet } from "../src/prepared/prepared_set.ts";
import { openRun, type Run } from "../src/runs/run.ts";
import { compositions } from "../src/scenes/compositions.ts";
import { Random } from "../src/scenes/random.ts";
import { renderScene, scenesVersion } from "../src/scenes/scenes.ts";
import { restoreGan } from "../src/training/checkpointing.ts";
import { Gan } from "../src/training/gan.ts";
import { GanColors, HintedColors, validatedHints } from "../src/training/gan_colors.ts";
import { train } from "../src/training/loop.ts";
import { readEncoder, startWithEncoder } from "../src/training/start_from.ts";
import { type ColorPredictor, Evaluator } from "../src/validation/evaluator.ts";
import { startBenchEngine } from "./bench_engine.ts";
import { type Measures, type Result, Results } from "./quality/results.ts";
import { type Row, rows } from "./quality/rows.ts";
import { differencesTable, hintsTable, interval, measuresTable } from "./quality/table.ts";

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

/** How many scenes of each kind there are, and the seed that they are drawn with: all differ. */
const scenes = {
  training: { count: 2000, seed: 0 },
  unseen: { count: 200, seed: 1 },
  encoder: { count: 3000, seed: 2 },
} as const;

/** What an encoder learns before, on other scenes: by L1 alone, or to tell their kinds apart. */
const encoderSteps = 600;

/** One option of a command line for each setting. */
const optionWords = (options: Readonly<Record<string, string | number>>) =>
  Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);

const { values: given } = parseArgs({
  options: {
    python: { type: "string" },
    folder: { type: "string" },
    steps: { type: "string", default: "600" },
    seeds: { type: "string", default: "3" },
    only: { type: "string", multiple: true },
  },
});
const steps = Number(given.steps), seeds = Number(given.seeds);
const folder = given.folder === undefined
  ? await mkdtemp(join(tmpdir(), "tinct-quality-"))
  : resolve(given.folder);
const sets = new Map<string, Promise<PreparedSet>>();
try {
  await mkdir(folder, { recursive: true });
  using engine = await startBenchEngine({ threads: 2, precision: "float32" });
  const made = await measureRows(engine, chosenRows());
  console.log(measuresTable(made));
  console.log(
    `\n${differencesTable(made, (name) => rows.find((row) => row.name === name)?.against)}`,
  );
  console.log(`\n${hintsTable(made)}`);
  process.exitCode = agree(made) ? 0 : 1;
} finally {
  for (const set of sets.values()) await (await set)[Symbol.asyncDispose]();
  if (given.folder === undefined) await rm(folder, { recursive: true });
}

function chosenRows(): readonly Row[] {
  const { only } = given;
  const unknown = only?.find((name) => !rows.some((row) => row.name === name));
  if (unknown !== undefined) {
    throw new Error(
      `There is no ${unknown}; there are ${rows.map(({ name }) => name).join(", ")}.`,
    );
  }
  if (only !== undefined) return rows.filter(({ name }) => only.includes(name));
  return given.python !== undefined
    ? rows
    : rows.filter(({ name, encoder }) => name !== "PyTorch" && encoder !== "classifier");
}

/** Trains and measures what is not known yet. */
async function measureRows(
  engine: Engine,
  chosen: readonly Row[],
): Promise<Map<string, readonly Result[]>> {
  const results = await Results.open(join(folder, "results.jsonl"));
  const all = Array.from({ length: seeds }, (_, seed) => seed).flatMap((seed) =>
    // In turn, so that what happens on the machine meanwhile meets all of them.
    chosen.filter(({ once }) => seed === 0 || !once).map((row) => ({ row, seed }))
  ).map(({ row, seed }) => ({ row, seed, settings: settingsOf(row, seed) }));
  const isKnown = ({ row, seed, settings }: typeof all[number]) =>
    results.get(row.name, seed, settings) !== undefined;
  const missing = all.filter((each) => !isKnown(each));
  for (const [index, { row, seed, settings }] of missing.entries()) {
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    const { measures, hinted } = await makeRow(engine, row, seed);
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const cpuSeconds = (user + system) / 1e6;
    await results.add({ row: row.name, seed, settings, measures, hinted, seconds, cpuSeconds });
    const rest = missing.slice(index + 1)
      .reduce((sum, next) => sum + results.secondsOf(next.row.name), 0);
    console.error(
      `${row.name}, seed ${seed}: ${measures["psnr"]?.toFixed(2)} dB, ${seconds.toFixed(0)} s; ` +
        `${index + 1} of ${missing.length}, about ${Math.ceil(rest / 60)} min left`,
    );
  }
  return new Map(chosen.map(({ name }) => [
    name,
    all.flatMap(({ row, seed, settings }) => {
      const result = row.name === name ? results.get(name, seed, settings) : undefined;
      return result === undefined ? [] : [result];
    }),
  ]));
}

/** All that a result depends on, but for the program. */
function settingsOf(row: Row, seed: number): string {
  const encoder = row.encoder && { encoder: row.encoder, encoderSteps };
  return JSON.stringify({ ...givenFor(row, seed), ...encoder, scenes, scenesVersion });
}

async function makeRow(
  engine: Engine,
  row: Row,
  seed: number,
): Promise<Pick<Result, "measures" | "hinted">> {
  const size = configOf(row, seed).size;
  const unseen = await drawn("unseen", size);
  if (row.name === "PyTorch") {
    using gan = await trainPytorch(engine, row, seed);
    return { measures: await judge(engine, new GanColors(gan, "float32"), unseen) };
  }
  const encoder = row.encoder && await encoderOf(engine, row, row.encoder);
  const place = join(folder, "run");
  using run = await trainRun(engine, {
    place,
    given: givenFor(row, seed),
    set: await drawn("training", size),
    encoder,
  });
  using gan = await newest(engine, run);
  const measures = await judge(engine, new GanColors(gan, "float32"), unseen);
  if (!run.config.hints) return { measures };
  const hinted: Record<string, Measures> = {};
  for (const count of validatedHints) {
    const colors = new HintedColors(gan, "float32", count);
    const made = await judge(engine, colors, unseen);
    hinted[count] = { ...made, hintError: colors.takeDistance() };
  }
  return { measures, hinted };
}

function drawn(kind: keyof typeof scenes, size: number): Promise<PreparedSet> {
  const { count, seed } = scenes[kind];
  const name = `${kind} ${size}`;
  const set = sets.get(name) ?? prepareGenerated((index) => renderScene(index, { size, seed }), {
    count,
    size,
    key: `quality ${name} ${scenesVersion}`,
    cacheFolder: join(folder, "scenes"),
  });
  sets.set(name, set);
  return set;
}

async function writePixels(set: PreparedSet, path: string): Promise<void> {
  const bytes = new Uint8Array(set.count * bytesPerPicture(set.size));
  await set.readInto(Uint32Array.from({ length: set.count }, (_, i) => i), bytes);
  await writeFile(path, bytes);
}

/** A recipe keeps its own rates and batches. */
function givenFor(row: Row, seed: number): Readonly<Record<string, unknown>> {
  const { batchSize: _, lrG: __, lrD: ___, ...shape } = common;
  return {
    ...("recipe" in row.options ? shape : common),
    maxSteps: steps,
    ...row.options,
    seed,
    epochs: 1_000_000,
    validationFraction: 0,
    validateEvery: 0,
    sampleEvery: 0,
    checkpointEvery: 0,
    keepCheckpoints: 1,
    bestMetric: "psnr",
  };
}

function configOf(row: Row, seed: number): TrainingConfig {
  return parseTrainingConfig(givenFor(row, seed));
}

/** Trains a run in a place of its own; what lay there is removed. */
async function trainRun(
  engine: Engine,
  { place, given, set, encoder }: {
    readonly place: string;
    readonly given: Readonly<Record<string, unknown>>;
    readonly set: PreparedSet;
    readonly encoder?: string | undefined;
  },
): Promise<Run> {
  await rm(place, { recursive: true, force: true });
  const run = await openRun(place, {
    given,
    resume: false,
    programVersion: "bench",
    onWarning: ({ message }) => console.error(message),
  });
  try {
    const { store, config } = run;
    if (encoder !== undefined) {
      await startWithEncoder(engine, run, set, await readEncoder(encoder, config));
    }
    const signal = new AbortController().signal;
    const resume = encoder !== undefined;
    await train({ engine, set, store, config, resume, signal, onEvent: () => {} });
    return run;
  } catch (error) {
    run[Symbol.dispose]();
    throw error;
  }
}

/** The networks of a run's newest checkpoint; the caller's own. */
async function newest(engine: Engine, { store, config }: Run): Promise<Gan> {
  const gan = new Gan(engine, config);
  try {
    await using checkpoint = await store.loadLatestGood();
    await restoreGan(gan, checkpoint);
    return gan;
  } catch (error) {
    gan[Symbol.dispose]();
    throw error;
  }
}

/** The file of an encoder that has learned on other scenes; trains it where it is not there yet. */
async function encoderOf(
  engine: Engine,
  row: Row,
  kind: NonNullable<Row["encoder"]>,
): Promise<string> {
  const { size, ngf, generator } = configOf(row, 0);
  const path = join(folder, `${kind}-${generator}-${ngf}-${size}-${encoderSteps}.safetensors`);
  if (isThere(path)) return path;
  const set = await drawn("encoder", size);
  if (kind === "classifier") {
    const pixels = join(folder, "encoder.u8");
    await writePixels(set, pixels);
    await writeFile(
      `${pixels}.labels`,
      Uint8Array.from({ length: set.count }, (_, i) => kindOf(i)),
    );
    const options = { size, width: ngf, steps: encoderSteps, seed: 0, out: path };
    await runPython("classifier.py", [pixels, ...optionWords(options)]);
    return path;
  }
  const given = { ...givenFor(row, 0), maxSteps: encoderSteps, pretrainSteps: encoderSteps };
  using run = await trainRun(engine, { place: join(folder, "encoder"), given, set });
  await using checkpoint = await run.store.loadLatestGood();
  await using file = await openSafetensors(join(checkpoint.info.path, GENERATOR_EMA_FILE));
  await writeSafetensors(
    path,
    file.tensors.filter(({ name }) => name.startsWith(encoderPrefix))
      .map(({ name, dtype, shape }) => ({ name, dtype, shape, data: () => file.read(name) })),
  );
  return path;
}

/** Which kind of scene one of the encoder's is: compositions that stand there twice are one kind. */
function kindOf(index: number): number {
  const kinds = [...new Set(compositions)];
  return kinds.indexOf(new Random(scenes.encoder.seed, index).pick(compositions));
}

async function runPython(script: string, words: readonly string[]): Promise<void> {
  if (given.python === undefined) throw new Error(`${script} needs --python PYTHON.`);
  const path = new URL(`./pytorch/${script}`, import.meta.url).pathname;
  const child = spawn(given.python, [path, ...words], { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${script} ended with ${code}.`);
}

/** Trains in PyTorch, with the same settings; the networks are the caller's own. */
async function trainPytorch(engine: Engine, row: Row, seed: number): Promise<Gan> {
  const config = configOf(row, seed);
  const pixels = join(folder, "pixels.u8");
  const set = await drawn("training", config.size);
  await writePixels(set, pixels);
  const out = join(folder, "pytorch.safetensors");
  const options = {
    ...{ size: config.size, "n-down": config.nDown, ngf: config.ngf, ndf: config.ndf },
    ...{ "n-layers": config.nLayers, batch: config.batchSize, lr: config.lrG },
    ...{ count: set.count, steps, seed, out },
  };
  await runPython("quality.py", [pixels, ...optionWords(options)]);
  await using file = await openSafetensors(out);
  const gan = new Gan(engine, config);
  try {
    for (const { name } of gan.generator.specs) {
      const info = file.tensors.find((tensor) => tensor.name === name);
      if (info === undefined) throw new Error(`quality.py wrote no ${name}.`);
      const bytes = await file.read(name);
      tf.tidy(() => {
        const value = tf.tensor(new Float32Array(bytes.slice().buffer), [...info.shape]);
        gan.generator.variable(name).assign(fromPytorchLayout(value));
      });
    }
    return gan;
  } catch (error) {
    gan[Symbol.dispose]();
    throw error;
  }
}

/** Measures on unseen scenes, and disposes of the predictor. */
async function judge(
  engine: Engine,
  colors: ColorPredictor & Disposable,
  unseen: PreparedSet,
): Promise<Measures> {
  using predictor = colors;
  using evaluator = new Evaluator(engine, unseen, predictor);
  return { ...await evaluator.validate(Uint32Array.from({ length: unseen.count }, (_, i) => i)) };
}

/** Whether the means of Tinct and PyTorch lie within each other's interval, measure by measure. */
function agree(results: ReadonlyMap<string, readonly Result[]>): boolean {
  const [ours, theirs] = [results.get("Tinct"), results.get("PyTorch")];
  if (!ours?.length || !theirs?.length) return true;
  return ["psnr", "ssim", "deltaE2000"].every((measure) => {
    const [a, b] = [ours, theirs]
      .map((made) => interval(made.map(({ measures }) => measures[measure] ?? NaN)));
    const distance = Math.abs(a!.mean - b!.mean);
    const fits = distance <= a!.half && distance <= b!.half;
    console.log(`${measure}: ${distance.toFixed(3)} apart: ${fits ? "ok" : "not ok"}`);
    return fits;
  });
}
