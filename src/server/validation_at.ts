import type { Checkpoint } from "../jobs/job_event.ts";
import type { Store } from "../jobs/store.ts";
import type { Validation } from "../protocol/generated/tinct/v1/validation.ts";

/** How the model measured at a checkpoint, or last before it; null where it never did. */
export async function validationAt(
  store: Store,
  { jobId, sequence, step }: Checkpoint,
): Promise<Validation | null> {
  // A checkpoint is written beside the training, which may have measured again by then.
  let found = await store.events.newest(jobId, "validation", sequence);
  while (found !== undefined && Number(found.payload.step) > step) {
    found = await store.events.newest(jobId, "validation", found.sequence - 1);
  }
  return found?.payload ?? null;
}
