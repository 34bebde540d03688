/**
 * Trains as the service's worker does, without a service: the reference for the step rate. Prints
 * `step N TIME` for every step, TIME in milliseconds since 1970.
 *
 *     deno run -A bench/service/core_training.ts PHOTOS OUT CONFIG
 */
import process from "node:process";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { preparePhotos } from "../../src/prepared/prepare_photos.ts";
import { train } from "../../src/training/loop.ts";
import { openRun } from "../../src/runs/run.ts";
import { version } from "../../src/version.ts";
import { startBenchEngine } from "../bench_engine.ts";

const [photos = "", out = "", config = "{}"] = process.argv.slice(2);
const given = JSON.parse(config);
const { size } = parseTrainingConfig(given);
await using set = await preparePhotos(photos, { size, cacheFolder: `${out}/prepared` });
using run = await openRun(`${out}/run`, {
  given,
  resume: false,
  programVersion: version,
  onWarning: ({ message }) => console.error(message),
});
using engine = await startBenchEngine({ threads: 0, precision: run.config.precision });
await train({
  engine,
  set,
  store: run.store,
  config: run.config,
  resume: false,
  signal: new AbortController().signal,
  onEvent: (event) => {
    if (event.kind === "step") console.log(`step ${event.step} ${Date.now()}`);
  },
});
