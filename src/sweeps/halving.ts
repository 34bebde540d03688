import { badnessOf, type SweepHalving, type SweepRun, type SweepSpec } from "../jobs/sweep.ts";

/** The job that a sweep is to begin next. */
interface NextRun {
  readonly trial: number;
  readonly rung: number;
  /** The run that it goes on from; undefined in the first rung. */
  readonly from: SweepRun | undefined;
}

/** The steps of each rung: the first, times the factor each, and the last. */
export function rungSteps({ minSteps, maxSteps, reductionFactor }: SweepHalving): number[] {
  const steps: number[] = [];
  for (let at = minSteps; at < maxSteps; at *= reductionFactor) steps.push(at);
  return [...steps, maxSteps];
}

/**
 * Decides what to begin next, as asynchronous successive halving does (Li et al., "A System for
 * Massively Parallel Hyperparameter Tuning", 2020, algorithm 2): from the highest rung down, the best
 * trial among the best 1/factor of a rung that has not gone on yet; where there is none, a new trial.
 *
 * @param trials how many trials there are.
 * @returns undefined where there is nothing to begin: until a run has ended, or for good.
 */
export function nextRun(
  { halving, metric }: Pick<SweepSpec, "halving" | "metric">,
  trials: number,
  runs: readonly SweepRun[],
): NextRun | undefined {
  if (halving !== null) {
    for (let rung = rungSteps(halving).length - 2; rung >= 0; rung--) {
      const measured = runs.filter((run) => run.rung === rung && run.outcome === "measured");
      const ranked = rank(metric, measured);
      const chosen = ranked.slice(0, Math.floor(ranked.length / halving.reductionFactor));
      const from = chosen.find(({ trial }) =>
        !runs.some((run) => run.trial === trial && run.rung === rung + 1)
      );
      if (from !== undefined) return { trial: from.trial, rung: rung + 1, from };
    }
  }
  const begun = runs.filter(({ rung }) => rung === 0).length;
  return begun < trials ? { trial: begun, rung: 0, from: undefined } : undefined;
}

/** The best measured run of the highest rung that any has reached; undefined while there is none. */
export function bestRun(
  { metric }: Pick<SweepSpec, "metric">,
  runs: readonly SweepRun[],
): SweepRun | undefined {
  const measured = runs.filter(({ outcome }) => outcome === "measured");
  const highest = Math.max(...measured.map(({ rung }) => rung));
  return rank(metric, measured.filter(({ rung }) => rung === highest))[0];
}

/** The runs from the best to the worst; of equal ones the earlier trial first. */
function rank(metric: SweepSpec["metric"], runs: readonly SweepRun[]): SweepRun[] {
  return runs.filter(({ value }) => value !== undefined).toSorted((a, b) => {
    const [one, other] = [badnessOf(metric, a.value ?? 0), badnessOf(metric, b.value ?? 0)];
    return one - other || a.trial - b.trial;
  });
}
