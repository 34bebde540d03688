import { bestFirst, type MetricChoice, type Survey } from "./run_folder.ts";

/** What is to be kept. */
interface RetentionRules {
  readonly keepLast: number;
  readonly keepBest: number;
  readonly metric: MetricChoice | undefined;
  /** The step that was just written, which always stays. */
  readonly written: number;
}

/**
 * Which checkpoints may go: all but the newest, the best, and the one just written. A damaged one
 * goes only when it is older than every newest one that is kept; what this program or user merely
 * cannot read stays.
 *
 * @returns their steps, in rising order.
 */
export function stepsToRemove(
  { checkpoints, unreadable }: Survey,
  { keepLast, keepBest, metric, written }: RetentionRules,
): number[] {
  const newest = checkpoints.slice(-keepLast).map(({ step }) => step);
  const best = metric ? bestFirst(checkpoints, metric).slice(0, keepBest) : [];
  const kept = new Set([...newest, ...best.map(({ step }) => step), written]);
  const oldestKept = newest.length === keepLast ? Math.min(...newest) : 0;
  const damaged = unreadable
    .filter(({ step, error }) => error.code === "data_loss" && step < oldestKept)
    .map(({ step }) => step);
  return [...checkpoints.map(({ step }) => step).filter((step) => !kept.has(step)), ...damaged]
    .sort((a, b) => a - b);
}
