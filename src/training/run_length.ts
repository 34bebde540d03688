import type { TrainingConfig } from "../config/training.ts";
import type { DataCursor } from "../prepared/batches.ts";
import type { RunLength } from "./rate_schedule.ts";

/** Where a run stands. */
interface RunPlace {
  /** Photos that it is trained on. */
  readonly photos: number;
  /** Photos a step, of all replicas together. */
  readonly batchSize: number;
  /** Steps done, and where the data then stands. */
  readonly step: number;
  readonly cursor: DataCursor;
}

/**
 * How long a run will be: up to `maxSteps`, and to the end of the last of `epochs`. The steps of the
 * past may have taken other numbers of photos, as when a replica was lost.
 */
export function runLength(
  { maxSteps, epochs }: Pick<TrainingConfig, "maxSteps" | "epochs">,
  { photos, batchSize, step, cursor }: RunPlace,
): RunLength {
  const stepsPerEpoch = Math.floor(photos / batchSize);
  const later = (epochs - cursor.epoch - 1) * stepsPerEpoch;
  const left = Math.floor((photos - cursor.offset) / batchSize) + later;
  return { stepsPerEpoch, totalSteps: Math.min(maxSteps || Infinity, step + Math.max(0, left)) };
}
