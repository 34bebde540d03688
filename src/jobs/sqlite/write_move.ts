import { TinctError } from "../../errors.ts";
import type { Job } from "../job.ts";
import { encodeJson } from "../json.ts";
import type { JobMove, StateNews } from "../rules/move.ts";
import { insertEvent } from "./event_row.ts";
import { requireJob } from "./job_row.ts";
import type { OperationContext } from "./operation.ts";
import { number, type Row } from "./row.ts";

/** Writes what changes of a job that moves, and the event that says so. */
export function writeMove(context: OperationContext, move: JobMove): Job {
  const { jobId, expected, failure } = move;
  const row = context.database.get("update_job_state", {
    id: jobId,
    expected_state: expected.state,
    expected_attempt: expected.attempt,
    state: move.state,
    to_end: move.toEnd ? 1 : 0,
    slot: move.slot ?? null,
    attempt: move.attempt,
    lost_workers: move.lostWorkers,
    failure_code: failure?.code ?? null,
    failure_message: failure?.message ?? null,
    updated_at_ms: move.updatedAtMs,
    started_at_ms: move.startedAtMs ?? null,
    finished_at_ms: move.finishedAtMs ?? null,
  });
  requireChanged(jobId, row);
  writeStateEvent(context, number(row, "number"), jobId, move.event, number(row, "last_sequence"));
  return requireJob(context.database, jobId).job;
}

/** Writes the event of a job's state, whose sequence number its row has already. */
export function writeStateEvent(
  { database, appended }: OperationContext,
  job: number,
  jobId: string,
  { payload, ...event }: StateNews,
  sequence: number,
): void {
  insertEvent(
    database,
    job,
    { ...event, sequence },
    encodeJson({ ...payload, failure: payload.failure && { ...payload.failure } }),
  );
  appended.set(jobId, sequence);
}

/** Refuses to go on: the guard of an UPDATE found another state than was read; where writers wait in line, never. */
export function requireChanged(jobId: string, row: Row | undefined): asserts row is Row {
  if (row) return;
  throw new TinctError("unavailable", `Job ${jobId} was just changed by someone else; try again.`);
}
