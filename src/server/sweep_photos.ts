import { readOptions } from "../config/option.ts";
import { trainingOptions } from "../config/training.ts";
import { trialOptions } from "../sweeps/check_spec.ts";
import { trialCount, trialValues } from "../sweeps/search.ts";
import type { SweepSpec } from "../jobs/sweep.ts";
import { type PhotoNeeds, photoNeeds } from "../datasets/usable_photos.ts";

/** So many ways to size and split photos are looked at before a sweep; the jobs of others look. */
const MAX_SPLITS = 4;

/**
 * What the trials of a sweep ask of its photos: for each way to size and split them the most that a
 * step of any trial takes.
 *
 * @param spec was checked.
 * @param replicas how many processes train together.
 */
export function sweepPhotoNeeds(spec: SweepSpec, replicas: number): PhotoNeeds[] {
  const needs = new Map<string, PhotoNeeds>();
  for (let trial = 0; trial < trialCount(spec); trial++) {
    const options = trialOptions(spec, trialValues(spec, trial), 0);
    const { values } = readOptions(trainingOptions, options);
    const { photosPerStep, ...split } = photoNeeds(values, replicas);
    const key = JSON.stringify(split);
    const known = needs.get(key);
    if (known === undefined && needs.size === MAX_SPLITS) continue;
    const most = Math.max(photosPerStep, known?.photosPerStep ?? 0);
    needs.set(key, { ...split, photosPerStep: most });
  }
  return [...needs.values()];
}
