import type { CheckpointsFound__Output } from "../protocol/generated/tinct/worker/v1/checkpoints_found.ts";
import type { SavedCheckpoint__Output } from "../protocol/generated/tinct/worker/v1/saved_checkpoint.ts";
import type { Checkpoint } from "../jobs/job_event.ts";

/** How the record of a job's checkpoints differs from what lies on the disk. */
interface CheckpointDifference {
  /** Those that can be used and are not recorded, in the order of their saving. */
  readonly untold: readonly SavedCheckpoint__Output[];
  /** Steps that are recorded and not there. */
  readonly goneSteps: readonly number[];
}

/**
 * Compares what a worker finds in its run with what was recorded. They differ where the worker before
 * it, or the server, was killed between a change of the folder and the news of it.
 */
export function compareCheckpoints(
  recorded: readonly Checkpoint[],
  { checkpoints, unreadableSteps }: CheckpointsFound__Output,
): CheckpointDifference {
  const known = new Set(recorded.map(({ step }) => step));
  const there = new Set([...checkpoints.map(({ step }) => step), ...unreadableSteps]);
  return {
    untold: checkpoints.filter(({ step }) => !known.has(step)),
    goneSteps: [...known].filter((step) => !there.has(step)),
  };
}
