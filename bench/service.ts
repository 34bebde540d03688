/**
 * Measures the service against its limits, with a server, workers and clients of its own on this
 * machine, and exits with 1 where one is passed. Linux only. Nothing else should run meanwhile.
 *
 *     deno run -A bench/service.ts                     # the full-size model, about three minutes
 *     deno run -A bench/service.ts --size small        # tiny networks, half a minute
 *     deno run -A bench/service.ts --only watchers     # of: colorize, training, watchers
 *     deno run -A bench/service.ts --colorize-workers 2  # that many workers against one
 *     deno run -A bench/service.ts --only colorize --peer serve_torch.py --python python3 CLONE …
 *     deno run -A bench/service.ts --only colorize --rounds 2 --calls 16  # quicker
 *
 * Of colorizing an older clone can be measured in turns with this one, and a peer, see `Peer`. Each has
 * three rounds of forty calls by one client and as many by eight, of eight calls where networks are tiny.
 */
import { resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { measureColorize } from "./service/colorize_cost.ts";
import { measureWorkers } from "./service/colorize_workers.ts";
import { measureWatchers } from "./service/many_watchers.ts";
import { measureTraining } from "./service/training_rate.ts";
import { line, type Verdict } from "./service/verdict.ts";

/** Nothing but steps. */
const plain = { validateEvery: 0, sampleEvery: 0, checkpointEvery: 0, validationFraction: 0 };
const tiny = { ...plain, size: 32, nDown: 5, ngf: 4, ndf: 4, nLayers: 1, batchSize: 2 };
const endless = { epochs: 1_000_000 };
/** Steps of a tenth of a second or so, beside which the service shows no more than beside long ones. */
const middling = { ...plain, ...endless, size: 64, nDown: 6, ngf: 48, ndf: 48, batchSize: 4 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: "string", default: "full" },
    only: { type: "string" },
    "colorize-workers": { type: "string" },
    peer: { type: "string" },
    python: { type: "string", default: "python3" },
    rounds: { type: "string", default: "3" },
    calls: { type: "string" },
  },
});
const [rounds, calls] = [values.rounds, values.calls ?? "40"].map(Number) as [number, number];
if (!(rounds >= 1 && calls >= 1)) throw new RangeError("--rounds and --calls are 1 or more.");
/** What colorizing is measured beside. */
const beside = {
  clones: positionals.map((clone) => resolve(clone)),
  peer: values.peer === undefined ? undefined : { script: values.peer, python: values.python },
};

/** What is measured, in either size. */
const measurements: Readonly<Record<string, Record<"small" | "full", () => Promise<Verdict[]>>>> = {
  colorize: {
    // The peer's network is of full size.
    small: () =>
      measureColorize(tiny, {
        ...beside,
        warmup: 20,
        repeat: values.calls ? calls : 8,
        rounds,
        peer: undefined,
      }),
    full: () =>
      measureColorize({ ...plain, size: 256 }, { ...beside, warmup: 40, repeat: calls, rounds }),
  },
  training: {
    small: () => measureTraining(middling, { turns: 12, turnMs: 600 }),
    full: () =>
      measureTraining(
        { ...plain, ...endless, size: 256, batchSize: 1 },
        { turns: 24, turnMs: 1500 },
      ),
  },
  watchers: {
    small: () => measureWatchers({ ...tiny, ...endless, maxSteps: 500 }, { watchers: 200 }),
    full: () => measureWatchers({ ...tiny, ...endless, maxSteps: 3000 }, { watchers: 200 }),
  },
};

const { size, only } = values;
if (size !== "small" && size !== "full") throw new RangeError("--size is small or full.");
const workers = Number(values["colorize-workers"] ?? 0);
const measureTheirs = {
  small: () => measureWorkers(tiny, { workers, turns: 12, photos: 4 }),
  full: () => measureWorkers({ ...plain, size: 256 }, { workers, turns: 8, photos: 2 }),
};
const wanted = workers > 0 ? ["workers"] : only?.split(",") ?? Object.keys(measurements);
for (const name of wanted) {
  const measure = workers > 0 ? measureTheirs[size] : measurements[name]?.[size];
  if (!measure) throw new RangeError(`--only takes ${Object.keys(measurements).join(", ")}.`);
  for (const verdict of await measure()) {
    console.log(line(verdict));
    if (verdict.ok === false) process.exitCode = 1;
  }
}
