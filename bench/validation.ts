/**
 * Times a validation of the full-size model on photos of noise, one JSON line a measurement.
 *
 *     deno run -A bench/validation.ts --photos 64 --size 256
 */
import { parseArgs } from "node:util";
import { parseTrainingConfig } from "../src/config/training.ts";
import type { PhotoRows } from "../src/prepared/prepared_set.ts";
import { Evaluator } from "../src/validation/evaluator.ts";
import { Gan } from "../src/training/gan.ts";
import { GanColors } from "../src/training/gan_colors.ts";
import { startBenchEngine } from "./bench_engine.ts";

const { values: given } = parseArgs({
  options: {
    photos: { type: "string", default: "64" },
    size: { type: "string", default: "256" },
    repeat: { type: "string", default: "3" },
    threads: { type: "string", default: "2" },
  },
});

const size = Number(given.size);
const count = Number(given.photos);
const config = parseTrainingConfig({ size });
using engine = await startBenchEngine({ threads: Number(given.threads), precision: "float32" });
using gan = new Gan(engine, config);

/** Noise: a photo's content does not change how long it takes. */
const photos: PhotoRows = {
  count,
  size,
  readInto: (_, out) => {
    for (let i = 0; i < out.length; i++) out[i] = (i * 2654435761) >>> 24;
    return Promise.resolve();
  },
};
using colors = new GanColors(gan, config.precision);
using evaluator = new Evaluator(engine, photos, colors);
const indices = Array.from({ length: count }, (_, i) => i);
// The first one traces, and measures what stays the same from one validation to the next.
const times: number[] = [];
for (let index = 0; index <= Number(given.repeat); index++) {
  const startMs = performance.now();
  await evaluator.validate(indices);
  times.push(Math.round(performance.now() - startMs));
}
const [firstMs, ...ms] = times;
console.log(JSON.stringify({ name: "validation", photos: count, size, firstMs, ms }));
