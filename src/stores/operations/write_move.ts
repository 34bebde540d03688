import { TinctError } from "../../errors.ts";
import type { Job } from "../../jobs/job.ts";
import { encodeJson } from "../../jobs/json.ts";
import type { JobMove, StateNews } from "../../jobs/rules/move.ts";
import { insertEvents } from "./event_row.ts";
import { requireJob } from "./job_row.ts";
import { first, type OperationContext, type Work } from "./operation.ts";
import { number, type Row } from "./row.ts";

/** Writes what changes of a job that moves, and the event that says so. */
export function* writeMove(context: OperationContext, move: JobMove): Work<Job> {
  const { jobId, expected, failure } = move;
  const row = yield* first("update_job_state", {
    id: jobId,
    expected_state: expected.state,
    expected_epoch: expected.epoch,
    state: move.state,
    to_end: move.toEnd ? 1 : 0,
    slot: move.slot ?? null,
    owner: move.owner ?? null,
    attempt: move.attempt,
    epoch: move.epoch,
    lost_workers: move.lostWorkers,
    failure_code: failure?.code ?? null,
    failure_message: failure?.message ?? null,
    updated_at_ms: move.updatedAtMs,
    started_at_ms: move.startedAtMs ?? null,
    finished_at_ms: move.finishedAtMs ?? null,
  });
  requireChanged(jobId, row);
  const sequence = number(row, "last_sequence");
  yield* writeStateEvent(context, number(row, "number"), jobId, move.event, sequence);
  return (yield* requireJob(jobId)).job;
}

/** Writes the event of a job's state, whose sequence number its row has already. */
export function* writeStateEvent(
  { appended }: OperationContext,
  job: number,
  jobId: string,
  { payload, ...event }: StateNews,
  sequence: number,
): Work<void> {
  const said = encodeJson({ ...payload, failure: payload.failure && { ...payload.failure } });
  yield* insertEvents(job, [{ ...event, sequence, payload: said }]);
  appended.set(jobId, sequence);
}

/** Refuses to go on: the guard of an UPDATE found another state than was read; where writers wait in line, never. */
export function requireChanged(jobId: string, row: Row | undefined): asserts row is Row {
  if (row) return;
  throw new TinctError("unavailable", `Job ${jobId} was just changed by someone else; try again.`);
}
