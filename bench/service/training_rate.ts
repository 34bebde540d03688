import { BenchServer } from "./bench_server.ts";
import { PacedTrainer } from "./paced_trainer.ts";
import { Latencies } from "./latencies.ts";
import { judge, median, type Verdict } from "./verdict.ts";

const watchers = 10;

/**
 * Trains in turns with the core alone and through the service, each standing still in the other's, and
 * compares the rates of turns that follow each other.
 *
 * @param config for an endless training; the same for both.
 */
export async function measureTraining(
  config: Record<string, number>,
  { turns, turnMs }: { readonly turns: number; readonly turnMs: number },
): Promise<Verdict[]> {
  await using server = await BenchServer.start({ photos: 16, side: config["size"] ?? 256 });
  using core = PacedTrainer.startCore(server, config);
  await core.settle();
  const latencies = new Latencies();
  using served = await PacedTrainer.startServed(server, config, {
    watchers,
    onEvent: (event, arrivedMs) => latencies.add(event, arrivedMs),
  });
  await served.settle();
  latencies.clear();
  const ratios: number[] = [];
  const rates: number[] = [];
  for (let index = 0; index < turns; index++) {
    // Every other time the other way round, so that none always comes first.
    const both = index % 2 === 0 ? [core, served] : [served, core];
    const measured = new Map<PacedTrainer, number>();
    for (const trainer of both) measured.set(trainer, await trainer.turn(turnMs));
    const ratio = (measured.get(served) ?? NaN) / (measured.get(core) ?? NaN);
    ratios.push(ratio);
    rates.push(measured.get(core) ?? NaN);
  }
  const percent = median(ratios) * 100;
  const spread = `${(100 * Math.min(...ratios)).toFixed(1)} to ${
    (100 * Math.max(...ratios)).toFixed(1)
  }`;
  return [
    judge(`Training with ${watchers} watchers, of the core's step rate`, percent, {
      atLeast: 97,
      unit: "%",
    }),
    { name: `  in single pairs of turns (${turns})`, measured: `${spread} %` },
    judge("  (the core)", median(rates), { unit: "steps/s", digits: 2 }),
    ...latencies.verdicts(`with ${watchers} watchers`),
  ];
}
