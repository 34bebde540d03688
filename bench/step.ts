/**
 * Times Tinct's compiled training step and its inference, one JSON line a measurement, in the form
 * of bench/pytorch/step.py.
 *
 *     deno run -A bench/step.ts --batch 1 --batch 4 --precision float32
 *     deno run -A bench/step.ts --mode inference   # `both`: steps, then inference
 *     deno run -A bench/step.ts --mode start       # process start to the end of the first step
 *     deno run -A bench/step.ts --device gpu --precision tf32 --xla
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import tf from "@tensorflow/tfjs";
import { parseTrainingConfig } from "../src/config/training.ts";
import { FrozenGenerator } from "../src/inference/frozen_generator.ts";
import { initialValue } from "../src/model/initializers.ts";
import { CompiledStep } from "../src/training/compiled_step.ts";
import { Gan } from "../src/training/gan.ts";
import { startBenchEngine } from "./bench_engine.ts";

const { values: given } = parseArgs({
  options: {
    mode: { type: "string", default: "train" },
    batch: { type: "string", multiple: true, default: ["1"] },
    size: { type: "string", default: "256" },
    precision: { type: "string", default: "float32" },
    warmup: { type: "string", default: "3" },
    repeat: { type: "string", default: "10" },
    threads: { type: "string", default: "2" },
    device: { type: "string", default: "cpu" },
    xla: { type: "boolean", default: false },
    generator: { type: "string", default: "unet" },
    "n-down": { type: "string", default: "8" },
    ngf: { type: "string", default: "64" },
    ndf: { type: "string", default: "64" },
  },
});

const size = Number(given.size);
const config = parseTrainingConfig({
  size,
  precision: given.precision,
  xla: given.xla,
  generator: given.generator,
  nDown: Number(given["n-down"]),
  ngf: Number(given.ngf),
  ndf: Number(given.ndf),
});
if (given.device !== "cpu" && given.device !== "gpu") {
  throw new RangeError(`--device must be cpu or gpu, not ${given.device}.`);
}
using engine = await startBenchEngine({
  threads: Number(given.threads),
  precision: config.precision,
  device: given.device,
});
const batches = given.batch.map(Number);
if (given.mode !== "inference") await timeTraining(batches);
if (given.mode === "inference" || given.mode === "both") await timeInference(batches);

async function timeTraining(batches: readonly number[]): Promise<void> {
  using gan = new Gan(engine, config);
  using step = new CompiledStep(gan, config);
  let steps = 0;
  for (const batch of batches) {
    const pixels = new Uint8Array(batch * size * size * 3).map((_, i) => (i * 2654435761) >>> 24);
    if (given.mode === "start") {
      await step.run(pixels, ++steps, config);
      report("start_to_first_step", batch, [processAgeMs()]);
      break; // a process starts once
    }
    const traceStart = performance.now();
    step.prepare(batch);
    report("trace", batch, [performance.now() - traceStart]);
    const mainThreadMs: number[] = [];
    const times = await timeMs(async () => {
      const before = mainThreadCpuMs();
      await step.run(pixels, ++steps, config);
      mainThreadMs.push(mainThreadCpuMs() - before);
    });
    report("train_step", batch, times);
    report("javascript", batch, mainThreadMs.slice(-times.length));
  }
}

async function timeInference(batches: readonly number[]): Promise<void> {
  const { init, initGain: gain, seed } = config;
  let index = 0;
  using generator = await FrozenGenerator.load(
    engine,
    config,
    (spec) => {
      // As a trained network has them: Grappler drops what adds zeros, and fuses nothing then.
      if (/\.(bias|running_mean)$/.test(spec.name)) {
        return Promise.resolve(tf.randomNormal([...spec.shape], 0, 0.01));
      }
      return Promise.resolve(initialValue(spec, { init, gain, seed: [seed, index++] }));
    },
  );
  for (const batch of batches) {
    const L = tf.randomUniform([batch, size, size, 1], -1, 1);
    const times = await timeMs(async () => {
      const ab = await generator.predict(L);
      await engine.read(ab);
      ab.dispose();
    });
    L.dispose();
    report("inference", batch, times);
  }
}

async function timeMs(call: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let index = -Number(given.warmup); index < Number(given.repeat); index++) {
    const start = performance.now();
    await call();
    if (index >= 0) times.push(performance.now() - start);
  }
  return times;
}

function report(name: string, batch: number, ms: readonly number[]): void {
  const rounded = ms.map((value) => Math.round(value * 100) / 100);
  console.log(JSON.stringify({
    name,
    batch,
    precision: config.precision,
    ms: rounded,
    library: `Tinct on TensorFlow ${engine.version}`,
    threads: Number(given.threads),
  }));
}

/** Processor time of this thread, on which all JavaScript runs and nothing of TensorFlow; Linux only. */
function mainThreadCpuMs(): number {
  const path = `/proc/self/task/${process.pid}/schedstat`;
  return Number(readFileSync(path, "utf8").split(" ")[0]) / 1e6;
}

/** Milliseconds since the kernel started this process; Linux only, to 10 ms. */
function processAgeMs(): number {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)?.split(" ") ?? [];
  const uptimeS = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  return (uptimeS - Number(fields[19]) / 100) * 1000;
}
