/**
 * Times a training step of each loss and of each option about losses, in turn with one of the default
 * vanilla, so that a noisy machine slows both; one JSON line each. `cpuRatio` compares the processor's
 * time, which others on the machine hardly change.
 *
 *     deno run -A bench/losses.ts                      # all of them
 *     deno run -A bench/losses.ts wgangp hinge         # some
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { parseTrainingConfig } from "../src/config/training.ts";
import { CompiledStep } from "../src/training/compiled_step.ts";
import { Gan } from "../src/training/gan.ts";
import {
  PerceptualNetwork,
  perceptualNetworkOf,
  seesByEncoder,
} from "../src/training/perceptual.ts";
import { startBenchEngine } from "./bench_engine.ts";

/** Options by the name of what they show. */
const variants: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  vanilla: {},
  lsgan: { ganMode: "lsgan" },
  hinge: { ganMode: "hinge" },
  instance: { normD: "instance" },
  none: { normD: "none" },
  spectral: { normD: "spectral" },
  rgb: { judge: "rgb" },
  perceptual: { lambdaPerceptual: 5 },
  resnet18: { generator: "resnet18" },
  "resnet18-perceptual": { generator: "resnet18", lambdaPerceptual: 5 },
  "resnet18-encoder": { generator: "resnet18", lambdaPerceptual: 5, perceptual: "encoder" },
  saturation: { targetSaturation: 1.2 },
  wgangp: { ganMode: "wgangp" },
  "wgangp-none": { ganMode: "wgangp", normD: "none" },
  color: { lambdaColor: 10 },
  pool: { poolSize: 50 },
  l1: { pretrainSteps: 1_000_000 },
  critic: { nCritic: 100 },
  accumulate: { accumulate: 4 },
};

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batch: { type: "string", default: "1" },
    size: { type: "string", default: "256" },
    warmup: { type: "string", default: "2" },
    repeat: { type: "string", default: "8" },
    threads: { type: "string", default: "2" },
  },
});
const [batch, size] = [Number(given.batch), Number(given.size)];
using engine = await startBenchEngine({ threads: Number(given.threads), precision: "float32" });

interface Time {
  readonly ms: number;
  readonly cpuMs: number;
}

/** A step to be timed, a batch at a time. */
class TimedStep implements Disposable {
  readonly #gan: Gan;
  readonly #step: CompiledStep;
  readonly #perceptual: PerceptualNetwork | undefined;
  readonly #pixels: Uint8Array;
  readonly #batches: number;
  #steps = 0;

  constructor(options: Readonly<Record<string, unknown>>) {
    const config = parseTrainingConfig({ size, batchSize: batch, ...options });
    const seeing = seesByEncoder(config) ? undefined : perceptualNetworkOf(config);
    this.#perceptual = seeing && PerceptualNetwork.blank(engine, seeing);
    this.#gan = new Gan(engine, config, this.#perceptual);
    this.#step = new CompiledStep(this.#gan, config);
    this.#batches = config.accumulate;
    const bytes = batch * config.accumulate * size * size * 3;
    this.#pixels = new Uint8Array(bytes).map((_, i) => (i * 2654435761) >>> 24);
  }

  /** Milliseconds a batch, by the clock and by the processor. */
  async time(): Promise<Time> {
    const [start, used] = [performance.now(), process.cpuUsage()];
    await this.#step.run(this.#pixels, ++this.#steps, { lrG: 2e-4, lrD: 2e-4 });
    const { user, system } = process.cpuUsage(used);
    return {
      ms: (performance.now() - start) / this.#batches,
      cpuMs: (user + system) / 1000 / this.#batches,
    };
  }

  [Symbol.dispose](): void {
    this.#step[Symbol.dispose]();
    this.#gan[Symbol.dispose]();
    this.#perceptual?.[Symbol.dispose]();
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const names = positionals.length > 0 ? positionals : Object.keys(variants);
for (const name of names) {
  const options = variants[name];
  if (options === undefined) {
    throw new Error(`There is no ${name}; there are ${Object.keys(variants).join(", ")}.`);
  }
  using vanilla = new TimedStep({});
  using other = new TimedStep(options);
  const times: [vanilla: Time, other: Time][] = [];
  for (let index = -Number(given.warmup); index < Number(given.repeat); index++) {
    const pair: [Time, Time] = [await vanilla.time(), await other.time()];
    if (index >= 0) times.push(pair);
  }
  const round = (value: number, digits: number) => Number(value.toFixed(digits));
  console.log(JSON.stringify({
    name,
    batch,
    ms: round(median(times.map(([, { ms }]) => ms)), 1),
    vanillaMs: round(median(times.map(([{ ms }]) => ms)), 1),
    ratio: round(median(times.map(([vanilla, other]) => other.ms / vanilla.ms)), 3),
    cpuRatio: round(median(times.map(([vanilla, other]) => other.cpuMs / vanilla.cpuMs)), 3),
    threads: Number(given.threads),
  }));
}
