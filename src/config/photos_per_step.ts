import type { TrainingConfig } from "./training.ts";

/** How many photos a step takes, of all replicas together: as many must be there to train on. */
export function photosPerStep(
  { batchSize, accumulate }: Pick<TrainingConfig, "batchSize" | "accumulate">,
  replicas = 1,
): number {
  return batchSize * accumulate * replicas;
}
