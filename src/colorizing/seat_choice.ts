/** A worker as far as it matters for who gets a photo. */
export interface Candidate {
  /** Photos that it has, and their bytes. */
  readonly photos: number;
  readonly bytes: number;
  /** What it may have. */
  readonly maxPhotos: number;
  readonly maxBytes: number;
  /** How many models it has. */
  readonly models: number;
  /** Whether its device has room for one more model. */
  readonly hasModelRoom: boolean;
}

/**
 * A worker with a quarter of the photos that it may have is saturated: one is in the model, others are
 * decoded and encoded, and one more would only wait. With eight photos a pass these are four.
 */
const SATURATED_PART = 0.25;

/** Whether photos would rather go to another worker, if one can take them. */
export function isSaturated({ photos, bytes, maxPhotos, maxBytes }: Candidate): boolean {
  return photos >= Math.max(1, maxPhotos * SATURATED_PART) || bytes >= maxBytes * SATURATED_PART;
}

/** Workers in the order in which they get photos: who has the fewest photos first, then models. */
export function inOrder<T extends Candidate>(workers: readonly T[]): T[] {
  return workers.toSorted((a, b) => a.photos - b.photos || a.models - b.models);
}

/**
 * Whether a worker may get a photo: one that has its model does; where all of these are saturated,
 * another that is not does, if there is room for its own copy of the model. A model that no worker has may
 * be loaded by each.
 *
 * @param holders the workers that have the photo's model, or load it.
 */
export function mayTake(worker: Candidate, holders: readonly Candidate[]): boolean {
  if (holders.length === 0 || holders.includes(worker)) return true;
  return worker.hasModelRoom && !isSaturated(worker) && holders.every(isSaturated);
}
