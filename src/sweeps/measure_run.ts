import { TinctError } from "../errors.ts";
import { optionName } from "../protocol/training_options.ts";
import type { EventFeed } from "../jobs/event_feed.ts";
import { isTerminal } from "../jobs/job_state.ts";
import type { Store } from "../jobs/store.ts";
import type { SweepMetric, SweepRun } from "../jobs/sweep.ts";

/** What a sweep records when a run is over. */
type RunEnding = Pick<SweepRun, "outcome" | "value" | "step">;

/**
 * Waits until a job is over, and reads its newest validation.
 *
 * @returns `failed` also for a job that succeeded without a validation, or is gone.
 * @throws the signal's reason; what the store throws.
 */
export async function measureRun(
  { store, feed }: { readonly store: Store; readonly feed: EventFeed },
  metric: SweepMetric,
  jobId: string,
  signal: AbortSignal,
): Promise<RunEnding> {
  const nothing = { value: undefined, step: undefined };
  try {
    let job = await store.jobs.get(jobId);
    if (!isTerminal(job.state)) {
      const start = Math.max(1, job.lastSequence);
      // The watching ends with the job's last event.
      for await (const _ of feed.watch(jobId, start, { signal, kinds: ["state"] }));
      job = await store.jobs.get(jobId);
    }
    if (job.state === "CANCELLED") return { outcome: "cancelled", ...nothing };
    if (job.state === "FAILED") return { outcome: "failed", ...nothing };
    const validation = await store.events.newest(jobId, "validation");
    const value = validation?.payload[optionName(metric)];
    const step = validation?.payload["step"];
    return typeof value === "number" && typeof step === "number"
      ? { outcome: "measured", value, step }
      : { outcome: "failed", ...nothing };
  } catch (error) {
    const isGone = error instanceof TinctError && error.code === "not_found";
    if (isGone) return { outcome: "failed", ...nothing };
    throw error;
  }
}
