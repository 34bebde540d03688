import { TinctError } from "../../errors.ts";
import { countedWith } from "../../words.ts";
import { LEASE_LOST } from "../store_away.ts";
import type { Job, JobFailure, JobHolder, StatePayload, TriggerDetails } from "../job.ts";
import {
  findTransition,
  holdsSlot,
  isTerminal,
  type JobState,
  type JobTransition,
  type JobTrigger,
} from "../job_state.ts";

/** An event of a job's state. Its number, the next of the job's, is the driver's to give. */
export interface StateNews {
  readonly kind: "state";
  readonly attempt: number;
  readonly timeMs: number;
  readonly payload: StatePayload;
}

/** What changes of a job that moves; all else of it stays, but for the event that it gets. */
export interface JobMove {
  readonly jobId: string;
  /** As the job was when this was decided: a driver refuses where it has changed since. */
  readonly expected: { readonly state: JobState; readonly epoch: number };
  readonly state: JobState;
  /** Whether it goes to the end of the queue, or keeps its place. */
  readonly toEnd: boolean;
  readonly slot: string | undefined;
  readonly owner: string | undefined;
  readonly attempt: number;
  readonly epoch: number;
  readonly lostWorkers: number;
  readonly failure: JobFailure | undefined;
  readonly updatedAtMs: number;
  readonly startedAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
  readonly event: StateNews;
}

/** A slot, and the server that it is of. */
interface SlotPlace {
  readonly owner: string;
  readonly slot: string;
}

/** Triggers after which a job goes on with a new attempt. */
const beginsAttempt: readonly JobTrigger[] = ["started", "worker_lost"];

/**
 * Pulls a trigger.
 *
 * @param facts `queued`: how many jobs wait.
 * @returns undefined for a wish that is granted already.
 * @throws {TinctError} as `JobStore.trigger`.
 */
export function moveJob(
  { job, queued, nowMs }: { readonly job: Job; readonly queued: number; readonly nowMs: number },
  trigger: JobTrigger,
  details: TriggerDetails = {},
): JobMove | undefined {
  requireHolder(job, details);
  const transition = findTransition(job.id, job.state, trigger);
  if (transition && trigger === "resume_requested") requireRoom(queued, details.maxQueued);
  return transition && moveAlong({ job, nowMs }, transition, details);
}

/**
 * Gives a slot to the job that has waited longest.
 *
 * @param facts `holder`: the job that holds the slot; `next`: the one that has waited longest.
 * @returns undefined when no job waits.
 * @throws {TinctError} failed_precondition: the slot is held.
 */
export function claimSlot(
  { holder, next, nowMs }: {
    readonly holder: Job | undefined;
    readonly next: Job | undefined;
    readonly nowMs: number;
  },
  place: SlotPlace,
): JobMove | undefined {
  const { slot } = place;
  if (holder) {
    throw new TinctError(
      "failed_precondition",
      `Slot ${slot} is held by job ${holder.id}, which is ${holder.state}; claim it when that job ` +
        "has left it.",
    );
  }
  const transition = next && findTransition(next.id, next.state, "started");
  return transition && moveAlong({ job: next, nowMs }, transition, {}, place);
}

/**
 * Refuses what comes from a worker of an earlier attempt, or from a server that the job was taken
 * from. @throws {TinctError} failed_precondition.
 */
export function requireHolder({ id, attempt, epoch }: Job, expected: JobHolder): void {
  if (expected.attempt !== undefined && expected.attempt !== attempt) {
    throw new TinctError(
      "failed_precondition",
      `Job ${id} is at attempt ${attempt}, not ${expected.attempt}: this report of an earlier worker comes too late.`,
      { kind: LEASE_LOST },
    );
  }
  if (expected.epoch !== undefined && expected.epoch !== epoch) {
    throw new TinctError(
      "failed_precondition",
      `Job ${id} was taken from this server, whose lease was over (epoch ${epoch}, not ` +
        `${expected.epoch}): this report comes too late.`,
      { kind: LEASE_LOST },
    );
  }
}

/** Refuses one job more in the queue where it is full. @throws {TinctError} resource_exhausted. */
export function requireRoom(queued: number, maxQueued: number | undefined): void {
  if (maxQueued === undefined || queued < maxQueued) return;
  const waiting = `${countedWith(queued, "job", ["is", "are"])} waiting`;
  throw new TinctError(
    "resource_exhausted",
    `The queue is full: ${waiting}, and the limit is ${maxQueued}; try again when one has started.`,
    { kind: "QUEUE_FULL" },
  );
}

function moveAlong(
  { job, nowMs }: { readonly job: Job; readonly nowMs: number },
  { from, to, trigger }: JobTransition,
  { failure, payload: details }: TriggerDetails,
  place: Pick<Job, "owner" | "slot"> = job,
): JobMove {
  if ((trigger === "failed") !== (failure !== undefined)) {
    throw new TypeError(`A failure goes with the trigger failed and no other, not ${trigger}.`);
  }
  const lostWorker = trigger === "worker_lost" && to === "RUNNING";
  const begins = beginsAttempt.includes(trigger) && to === "RUNNING";
  const attempt = job.attempt + (begins ? 1 : 0);
  const ends = holdsSlot(job.state) && !holdsSlot(to);
  const payload = { from, to, trigger, failure: failure && { ...failure }, details };
  return {
    jobId: job.id,
    expected: { state: job.state, epoch: job.epoch },
    state: to,
    toEnd: trigger === "resume_requested",
    slot: holdsSlot(to) ? place.slot : undefined,
    owner: holdsSlot(to) ? place.owner : undefined,
    attempt,
    epoch: job.epoch + (begins || ends ? 1 : 0),
    lostWorkers: trigger === "resume_requested" ? 0 : job.lostWorkers + (lostWorker ? 1 : 0),
    failure: to === "FAILED" ? failure : undefined,
    updatedAtMs: nowMs,
    startedAtMs: attempt > 0 ? job.startedAtMs ?? nowMs : undefined,
    finishedAtMs: isTerminal(to) ? nowMs : undefined,
    event: { kind: "state", attempt, timeMs: nowMs, payload },
  };
}
