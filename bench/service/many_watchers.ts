import { BenchServer } from "./bench_server.ts";
import { Latencies } from "./latencies.ts";
import { submit, watchToEnd } from "./training_job.ts";
import { judge, type Verdict } from "./verdict.ts";

/** What one watcher got. */
interface Seen {
  readonly sequences: number[];
  losses: number;
  dropped: number;
  steps: number;
}

/**
 * Trains a small model, the faster the better, while many watch, each over a connection of its own.
 *
 * @param config with `maxSteps`.
 */
export async function measureWatchers(
  config: Record<string, number>,
  { watchers }: { readonly watchers: number },
): Promise<Verdict[]> {
  await using server = await BenchServer.start({ photos: 16, side: config["size"] ?? 32 });
  const before = (await server.memory()).nowBytes;
  const jobId = await submit(server, config);
  const latencies = new Latencies();
  const seen = Array.from(
    { length: watchers },
    (): Seen => ({ sequences: [], losses: 0, dropped: 0, steps: 0 }),
  );
  let watching = 0;
  const startMs = performance.now();
  await Promise.all(seen.map((own) =>
    watchToEnd(server, jobId, (event, arrivedMs) => {
      own.sequences.push(event.sequence);
      own.steps += event.losses?.steps ?? 0;
      // What happened before a watcher came cannot have been on its way since then.
      if (event.losses && own.losses++ === 0 && ++watching === watchers) latencies.clear();
      if (event.dropped) own.dropped++;
      latencies.add(event, arrivedMs);
    })
  ));
  const seconds = (performance.now() - startMs) / 1000;
  const { peakBytes } = await server.memory();
  const complete = seen.filter(({ sequences, steps, dropped }) =>
    dropped === 0 && steps === config["maxSteps"] &&
    sequences.every((sequence, index) => sequence === index + 1)
  );
  const losses = seen[0]?.losses ?? 0;
  return [
    judge(`Watchers of one job that got every event, once (of ${watchers})`, complete.length, {
      atLeast: watchers,
      unit: "",
      digits: 0,
    }),
    judge("  losses events to each", losses, { unit: "", digits: 0 }),
    judge("  of the job a second", losses / seconds, { unit: "", digits: 1 }),
    judge("Memory of the server meanwhile, at its most", peakBytes / 1e6, {
      atMost: 300,
      unit: "MB",
      digits: 0,
    }),
    judge("  before the watchers", before / 1e6, { unit: "MB", digits: 0 }),
    ...latencies.verdicts(`with ${watchers} watchers`),
  ];
}
