import { TinctError } from "../../errors.ts";
import type { Job, StatePayload, TriggerDetails } from "../job.ts";
import { holdsSlot, isTerminal, type JobTransition, type JobTrigger } from "../job_state.ts";
import { encodeJson } from "../json.ts";
import { insertEvent } from "./event_row.ts";
import { type NumberedJob, requireJob } from "./job_row.ts";
import type { OperationContext } from "./operations.ts";
import type { Row } from "./row.ts";

/** Triggers after which a job goes on with a new attempt. */
const beginsAttempt: readonly JobTrigger[] = ["started", "worker_lost"];

/** Takes a job along a transition and appends the event that says so. */
export function moveJob(
  context: OperationContext,
  { number, job }: NumberedJob,
  { from, to, trigger }: JobTransition,
  { failure, payload }: TriggerDetails = {},
  slot = job.slot,
): Job {
  const { database, nowMs, appended } = context;
  if ((trigger === "failed") !== (failure !== undefined)) {
    throw new TypeError(`A failure goes with the trigger failed and no other, not ${trigger}.`);
  }
  const lostWorker = trigger === "worker_lost" && to === "RUNNING";
  const attempt = job.attempt + (beginsAttempt.includes(trigger) && to === "RUNNING" ? 1 : 0);
  const row = database.get("update_job_state", {
    id: job.id,
    expected_state: job.state,
    expected_attempt: job.attempt,
    state: to,
    to_end: trigger === "resume_requested" ? 1 : 0,
    slot: holdsSlot(to) ? slot ?? null : null,
    attempt,
    lost_workers: trigger === "resume_requested" ? 0 : job.lostWorkers + (lostWorker ? 1 : 0),
    failure_code: to === "FAILED" ? failure?.code ?? null : null,
    failure_message: to === "FAILED" ? failure?.message ?? null : null,
    terminal: isTerminal(to) ? 1 : 0,
    now_ms: nowMs,
  });
  requireChanged(job.id, row);
  const moved = requireJob(database, job.id).job;
  const said = {
    from,
    to,
    trigger,
    failure: failure && { ...failure },
    details: payload,
  } satisfies StatePayload;
  const event = { sequence: moved.lastSequence, kind: "state", attempt, timeMs: nowMs } as const;
  insertEvent(database, number, event, encodeJson(said));
  appended.set(job.id, moved.lastSequence);
  return moved;
}

/** Refuses what comes from a worker of an earlier attempt. */
export function requireAttempt({ id, attempt }: Job, expected: number | undefined): void {
  if (expected === undefined || expected === attempt) return;
  throw new TinctError(
    "failed_precondition",
    `Job ${id} is at attempt ${attempt}, not ${expected}: what its earlier worker says is too late.`,
  );
}

/** Refuses to go on: the guard of an UPDATE found another state than was read; where writers wait in line, never. */
export function requireChanged(jobId: string, row: Row | undefined): asserts row is Row {
  if (row) return;
  throw new TinctError("unavailable", `Job ${jobId} has just been changed by another; try again.`);
}
