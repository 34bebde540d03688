import { TinctError } from "../errors.ts";
import { either } from "../words.ts";

/** The states of a job, in the order of its life. `docs/job_states.md` tells what each one means. */
export const jobStates = [
  "QUEUED",
  "RUNNING",
  "PAUSING",
  "PAUSED",
  "CANCELLING",
  "CANCELLED",
  "SUCCEEDED",
  "FAILED",
] as const;

/** One of `jobStates`. */
export type JobState = typeof jobStates[number];

/** What can happen to a job. Wishes end in `_requested`; the others report what came about. */
export type JobTrigger =
  | "submitted"
  | "started"
  | "pause_requested"
  | "paused"
  | "health_paused"
  | "resume_requested"
  | "cancel_requested"
  | "cancelled"
  | "succeeded"
  | "failed"
  | "worker_lost"
  | "server_stopped";

/** Who may pull a trigger. */
type JobActor = "client" | "queue" | "worker" | "supervisor" | "server";

/** One arrow of the drawing: on this trigger a job in `from` goes to `to`. */
export interface JobTransition {
  readonly from: JobState | "(new)";
  readonly trigger: JobTrigger;
  readonly by: JobActor;
  /** Equal to `from` where the trigger changes something else, such as the attempt. */
  readonly to: JobState;
}

/** Every legal transition; what is not here is refused. */
export const jobTransitions: readonly JobTransition[] = [
  { from: "(new)", trigger: "submitted", by: "client", to: "QUEUED" },
  { from: "QUEUED", trigger: "started", by: "queue", to: "RUNNING" },

  { from: "QUEUED", trigger: "pause_requested", by: "client", to: "PAUSED" },
  { from: "RUNNING", trigger: "pause_requested", by: "client", to: "PAUSING" },
  { from: "PAUSING", trigger: "paused", by: "worker", to: "PAUSED" },
  { from: "RUNNING", trigger: "health_paused", by: "worker", to: "PAUSED" },
  { from: "PAUSED", trigger: "resume_requested", by: "client", to: "QUEUED" },

  { from: "QUEUED", trigger: "cancel_requested", by: "client", to: "CANCELLED" },
  { from: "RUNNING", trigger: "cancel_requested", by: "client", to: "CANCELLING" },
  { from: "PAUSING", trigger: "cancel_requested", by: "client", to: "CANCELLING" },
  { from: "PAUSED", trigger: "cancel_requested", by: "client", to: "CANCELLED" },
  { from: "CANCELLING", trigger: "cancelled", by: "worker", to: "CANCELLED" },

  { from: "RUNNING", trigger: "succeeded", by: "worker", to: "SUCCEEDED" },
  { from: "PAUSING", trigger: "succeeded", by: "worker", to: "SUCCEEDED" },
  { from: "CANCELLING", trigger: "succeeded", by: "worker", to: "CANCELLED" },

  { from: "RUNNING", trigger: "failed", by: "supervisor", to: "FAILED" },
  { from: "PAUSING", trigger: "failed", by: "supervisor", to: "FAILED" },
  { from: "CANCELLING", trigger: "failed", by: "supervisor", to: "CANCELLED" },

  { from: "RUNNING", trigger: "worker_lost", by: "supervisor", to: "RUNNING" },
  { from: "PAUSING", trigger: "worker_lost", by: "supervisor", to: "PAUSED" },
  { from: "CANCELLING", trigger: "worker_lost", by: "supervisor", to: "CANCELLED" },

  { from: "RUNNING", trigger: "server_stopped", by: "server", to: "QUEUED" },
  { from: "PAUSING", trigger: "server_stopped", by: "server", to: "PAUSED" },
  { from: "CANCELLING", trigger: "server_stopped", by: "server", to: "CANCELLED" },
];

/**
 * Wishes that are fulfilled already or on their way: asking again is no error, changes nothing and
 * writes no event, so that a client may repeat a call whose answer it lost.
 */
export const grantedWishes: Readonly<Partial<Record<JobTrigger, readonly JobState[]>>> = {
  pause_requested: ["PAUSING", "PAUSED"],
  resume_requested: ["QUEUED", "RUNNING"],
  cancel_requested: ["CANCELLING", "CANCELLED"],
};

/** Whether a job in this state is over: it has had its last event and never changes again. */
export function isTerminal(state: JobState): boolean {
  return state === "CANCELLED" || state === "SUCCEEDED" || state === "FAILED";
}

/** Whether a job in this state holds a device slot and has, or is about to get, a worker. */
export function holdsSlot(state: JobState): boolean {
  return state === "RUNNING" || state === "PAUSING" || state === "CANCELLING";
}

/**
 * The transition that a trigger makes.
 *
 * @param jobId named in the refusal.
 * @returns the transition, or undefined for a wish that is granted already.
 * @throws {TinctError} failed_precondition, which names the state, the wish and the way out.
 */
export function findTransition(
  jobId: string,
  state: JobState,
  trigger: JobTrigger,
): JobTransition | undefined {
  const found = jobTransitions.find((each) => each.from === state && each.trigger === trigger);
  if (found) return found;
  if (grantedWishes[trigger]?.includes(state)) return undefined;
  const sources = jobTransitions.filter((each) => each.trigger === trigger).map((each) =>
    each.from
  );
  throw new TinctError(
    "failed_precondition",
    `Job ${jobId} is ${state} and cannot ${wishes[trigger]}; only a ${either(sources)} job can. ` +
      wayOut[state],
  );
}

const wishes: Readonly<Record<JobTrigger, string>> = {
  submitted: "be submitted again",
  started: "be started",
  pause_requested: "be paused",
  paused: "become PAUSED",
  health_paused: "be paused for its health",
  resume_requested: "be resumed",
  cancel_requested: "be cancelled",
  cancelled: "become CANCELLED",
  succeeded: "succeed",
  failed: "fail",
  worker_lost: "lose its worker",
  server_stopped: "be interrupted by the server's stop",
};

const over = "It has ended: it can be deleted, or a new job can start from its checkpoints.";

const wayOut: Readonly<Record<JobState, string>> = {
  QUEUED: "It waits for a device: it can be paused or cancelled.",
  RUNNING: "It can be paused or cancelled.",
  PAUSING: "Wait until it is PAUSED, or cancel it.",
  PAUSED: "It can be resumed or cancelled.",
  CANCELLING: "Wait until it is CANCELLED.",
  CANCELLED: over,
  SUCCEEDED: over,
  FAILED: over,
};
