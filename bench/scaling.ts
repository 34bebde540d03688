/**
 * Times a training step with 1, 2, … replicas on this machine, and the averaging over them apart
 * from the step; one JSON line each.
 *
 *     deno run -A bench/scaling.ts --replicas 1 --replicas 2
 *     deno run -A bench/scaling.ts --replicas 2 --bucket 1000   # all in one piece
 *     deno run -A bench/scaling.ts --ngf 16 --ndf 16 --size 128   # a smaller model
 *
 * "step" is the whole step; "average" all that a step averages, on its own: the gradients of both
 * networks, the statistics and the losses. What the step takes beyond the step of one replica with as
 * many threads is what of it is not hidden behind the backward pass.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { parseArgs } from "node:util";
import tf from "@tensorflow/tfjs";
import { parseTrainingConfig } from "../src/config/training.ts";
import { Collectives } from "../src/engine/collectives.ts";
import { CompiledFunction } from "../src/engine/compile.ts";
import { isTrainable } from "../src/model/parameters.ts";
import { freeLoopbackAddresses } from "../src/replicas/addresses.ts";
import { CompiledStep } from "../src/training/compiled_step.ts";
import { Gan } from "../src/training/gan.ts";
import { startBenchEngine } from "./bench_engine.ts";

const { values: given } = parseArgs({
  options: {
    replicas: { type: "string", multiple: true, default: ["1", "2"] },
    size: { type: "string", default: "256" },
    ngf: { type: "string", default: "64" },
    ndf: { type: "string", default: "64" },
    batch: { type: "string", default: "1" },
    warmup: { type: "string", default: "2" },
    repeat: { type: "string", default: "8" },
    threads: { type: "string", default: "1" },
    // Megabytes of a bucket.
    bucket: { type: "string", default: "25" },
    // Of a replica that this program has started:
    rank: { type: "string" },
    addresses: { type: "string", default: "" },
  },
});

if (given.rank !== undefined) {
  await measure(Number(given.rank), given.addresses === "" ? [] : given.addresses.split(","));
  process.exit(0);
}
for (const count of given.replicas.map(Number)) {
  const addresses = count > 1 ? await freeLoopbackAddresses(count) : [];
  const children = Array.from({ length: count }, (_, rank) => {
    const own = ["--rank", String(rank), `--addresses=${addresses.join()}`];
    const words = ["run", "-A", fileURLToPath(import.meta.url), ...process.argv.slice(2), ...own];
    return spawn(process.execPath, words, {
      stdio: ["ignore", rank === 0 ? "inherit" : "ignore", "inherit"],
    });
  });
  await Promise.all(children.map((child) => once(child, "close")));
}

async function measure(rank: number, addresses: readonly string[]): Promise<void> {
  const size = Number(given.size);
  const batchSize = Number(given.batch);
  const config = parseTrainingConfig({
    size,
    batchSize,
    ngf: Number(given.ngf),
    ndf: Number(given.ndf),
    nDown: Math.min(8, Math.log2(size)),
  });
  using engine = await startBenchEngine({
    threads: Number(given.threads),
    precision: "float32",
    ...(addresses.length > 0 && { cluster: { addresses, rank } }),
  });
  using collectives = addresses.length > 0
    ? new Collectives(engine, {
      rank,
      size: addresses.length,
      hint: "ring",
      bucketLength: Number(given.bucket) * 250_000,
    })
    : undefined;
  using gan = new Gan(engine, config);
  using step = new CompiledStep(gan, config, collectives);
  const pixels = new Uint8Array(batchSize * size * size * 3).map((_, i) => (i * 2654435761) >>> 24);
  const numbers = countNumbers(gan);
  let at = 0;
  const report = (name: string, ms: readonly number[]) => {
    if (rank > 0) return;
    const [median = 0] = ms.toSorted((a, b) => a - b).slice(Math.floor(ms.length / 2));
    const replicas = Math.max(1, addresses.length);
    const batch = batchSize * replicas;
    const rounded = ms.map((each) => Math.round(each * 10) / 10);
    const megabytes = Math.round(numbers * 4 / 1e6);
    const { bucket } = given;
    console.log(JSON.stringify({ name, replicas, batch, megabytes, bucket, median, ms: rounded }));
  };
  report("step", await timeMs(() => step.run(pixels, ++at, config)));
  if (collectives === undefined) return;
  using average = new CompiledFunction(engine, () => {
    const networks = [gan.discriminator, gan.generator];
    for (const network of networks) {
      // In the order of the backward pass, roughly: from the last layer to the first.
      collectives.average(network.trainable().toReversed().map((variable) => variable.read()));
    }
    return [tf.scalar(0)];
  }, { name: "average" });
  report("average", await timeMs(async () => tf.dispose(await average.call())));
}

/** The numbers that a step averages. */
function countNumbers({ generator, discriminator }: Gan): number {
  return [...generator.specs, ...discriminator.specs].filter(isTrainable)
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
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
