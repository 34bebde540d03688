import type { Job, NewJob } from "../../src/jobs/job.ts";
import type { NewEvent } from "../../src/jobs/job_event.ts";
import type { JobState } from "../../src/jobs/job_state.ts";
import type { Store } from "../../src/jobs/store.ts";

/** A submission. */
export function newJob(id: string, rest: Partial<NewJob> = {}): NewJob {
  return { id, dataset: "photos", config: { epochs: 2, lrG: 2e-4, ganMode: "lsgan" }, ...rest };
}

/** An event of losses. */
export function losses(step: number): NewEvent {
  return { kind: "losses", payload: { step, loss_D: 0.5, loss_G: 12.25 } };
}

/** Submits a job and takes it, on the shortest way, to a state. */
export async function jobIn(store: Store, id: string, state: JobState): Promise<Job> {
  await store.jobs.create(newJob(id));
  const failure = { code: "internal", message: "planned" } as const;
  const start = () => store.jobs.claim(`slot-of-${id}`);
  const trigger = (...[name, details]: Parameters<Trigger>) =>
    store.jobs.trigger(id, name, details);
  const ways: Record<JobState, () => Promise<unknown>> = {
    QUEUED: () => Promise.resolve(),
    RUNNING: start,
    PAUSING: async () => (await start(), await trigger("pause_requested")),
    PAUSED: () => trigger("pause_requested"),
    CANCELLING: async () => (await start(), await trigger("cancel_requested")),
    CANCELLED: () => trigger("cancel_requested"),
    SUCCEEDED: async () => (await start(), await trigger("succeeded")),
    FAILED: async () => (await start(), await trigger("failed", { failure })),
  };
  await ways[state]();
  return await store.jobs.get(id);
}

type Trigger = (
  name: Parameters<Store["jobs"]["trigger"]>[1],
  details?: Parameters<Store["jobs"]["trigger"]>[2],
) => void;

/** The payloads of all events of a job. */
export async function payloadsOf(store: Store, id: string) {
  return (await store.events.read(id, 1, 10_000)).map(({ payload }) => payload);
}
