/**
 * Trains the full-size model for many steps and watches what is held: handles of the library, tfjs
 * tensors, and resident memory, which must not grow after warm-up. Prints one JSON line, with the
 * most memory that the process ever had (Linux only); exits with 1 where a limit is passed.
 *
 *     deno run -A bench/memory.ts --steps 500
 *     deno run -A bench/memory.ts --steps 3 --warmup 2 --batch 4 --precision bfloat16 --ema-decay 0.999
 *
 * After so few steps memory still grows, so the exit code of the second is 1.
 * `bench/pytorch/step.py` prints the most memory of its process as `peak_mb`.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import tf from "@tensorflow/tfjs";
import { parseTrainingConfig } from "../src/config/training.ts";
import { liveObjects } from "../src/tensorflow/native_object.ts";
import { CompiledStep } from "../src/training/compiled_step.ts";
import { Gan } from "../src/training/gan.ts";
import { startBenchEngine } from "./bench_engine.ts";

/** What memory may grow by after warm-up. */
const limitBytes = 20e6;

const { values: given } = parseArgs({
  options: {
    steps: { type: "string", default: "500" },
    warmup: { type: "string", default: "50" },
    size: { type: "string", default: "256" },
    batch: { type: "string", default: "1" },
    precision: { type: "string", default: "float32" },
    "ema-decay": { type: "string", default: "0" },
  },
});
const [steps, warmup, size, batch] = [given.steps, given.warmup, given.size, given.batch]
  .map(Number) as [number, number, number, number];

const config = parseTrainingConfig({
  size,
  precision: given.precision,
  emaDecay: Number(given["ema-decay"]),
});
using engine = await startBenchEngine({ threads: 2, precision: config.precision });
using gan = new Gan(engine, config);
using step = new CompiledStep(gan, config);
const pixels = new Uint8Array(batch * size * size * 3).map((_, i) => (i * 2654435761) >>> 24);

const held = () => ({ handles: liveObjects(), tensors: tf.memory().numTensors });
let first = "";
let firstRss = 0;
let mostRss = 0;
for (let index = 1; index <= warmup + steps; index++) {
  await step.run(pixels, index, config);
  if (index === warmup) {
    first = JSON.stringify(held());
    firstRss = process.memoryUsage.rss();
  }
  if (index > warmup) {
    mostRss = Math.max(mostRss, process.memoryUsage.rss());
    if (JSON.stringify(held()) !== first) {
      console.error(`Step ${index} holds ${JSON.stringify(held())} instead of ${first}.`);
      process.exitCode = 1;
      break;
    }
  }
  if (index % 50 === 0) console.error(`Step ${index}: ${process.memoryUsage.rss() / 1e6} MB`);
}
const growthBytes = mostRss - firstRss;
const { precision, emaDecay } = config;
const peakMB = peakBytes() / 1e6;
console.log(
  JSON.stringify({
    ...{ name: "memory", steps, batch, precision, emaDecay, peakMB },
    ...{ growthMB: growthBytes / 1e6, held: held() },
  }),
);
if (growthBytes > limitBytes) process.exitCode = 1;

/** The most resident memory that this process ever had; Linux only. */
function peakBytes(): number {
  const line = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
  return Number(line?.[1]) * 1024;
}
