import type { Checkpoint } from "../jobs/job_event.ts";
import type { Store } from "../jobs/store.ts";
import type { Validation } from "../protocol/generated/tinct/v1/validation.ts";

/** How many events before a checkpoint are searched. */
const searchedEvents = 1000;

/** How the model measured at a checkpoint, or last before it; null where that is long ago. */
export async function validationAt(
  store: Store,
  { jobId, sequence, step }: Checkpoint,
): Promise<Validation | null> {
  const first = Math.max(1, sequence - searchedEvents + 1);
  const events = await store.events.read(jobId, first, sequence - first + 1);
  const found = events.findLast(({ kind, payload }) =>
    kind === "validation" && Number(payload["step"]) <= step
  );
  // Payloads are messages as JSON, see Supervisor.
  return (found?.payload ?? null) as Validation | null;
}
