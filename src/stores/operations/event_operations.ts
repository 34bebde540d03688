import type { NewCheckpoint } from "../../jobs/job_event.ts";
import { encodeJson } from "../../jobs/json.ts";
import { appendEvents } from "../../jobs/rules/append.ts";
import { requireHolder } from "../../jobs/rules/move.ts";
import type { EventStore } from "../../jobs/store.ts";
import { decodeCheckpoint, decodeEvent, insertEvents } from "./event_row.ts";
import { lockJob, requireJob } from "./job_row.ts";
import { all, first, forEach, type Operations, type Parameters } from "./operation.ts";
import { number } from "./row.ts";
import { requireChanged } from "./write_move.ts";

/** The events. */
export const eventOperations: Operations<EventStore> = {
  *append({ nowMs, appended }, jobId, events, holder = {}) {
    const { number: jobNumber, job, lastNumber } = yield* lockJob(jobId);
    const append = appendEvents({ job, lastNumber, nowMs }, events, holder);
    const { length } = append.events;
    if (length === 0) return job.lastSequence;
    const row = yield* first("update_last_sequence", {
      id: jobId,
      count: length,
      last_number: append.lastNumber,
      expected_state: job.state,
      expected_epoch: job.epoch,
    });
    requireChanged(jobId, row);
    const lastSequence = number(row, "last_sequence");
    const numbered = append.events.map((event, index) => {
      return { ...event, sequence: lastSequence - length + 1 + index };
    });
    yield* insertEvents(jobNumber, numbered);
    yield* forEach(
      "upsert_checkpoint",
      numbered.flatMap(({ checkpoint, sequence }) => {
        return checkpoint ? [checkpointRow(jobNumber, checkpoint, sequence, nowMs)] : [];
      }),
    );
    appended.set(jobId, lastSequence);
    return lastSequence;
  },

  *read(_context, jobId, fromSequence, limit) {
    if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
      throw new RangeError(`From 1 to 10,000 events are read at a time, not ${limit}.`);
    }
    const { number: job } = yield* requireJob(jobId);
    const rows = yield* all("select_events", { job, from_sequence: fromSequence, limit });
    return rows.map(decodeEvent);
  },

  *newest(_context, jobId, kind, toSequence = Number.MAX_SAFE_INTEGER) {
    const { number: job } = yield* requireJob(jobId);
    const row = kind === "validation"
      ? yield* first("select_newest_validation", { job, to_sequence: toSequence })
      : yield* first("select_newest_event", { job, kind, to_sequence: toSequence });
    return row && decodeEvent(row);
  },

  *checkpoints(_context, jobId) {
    const { number: job } = yield* requireJob(jobId);
    const rows = yield* all("select_checkpoints", { job });
    return rows.map((row) => decodeCheckpoint(jobId, row));
  },

  *forgetCheckpoints(_context, jobId, steps, holder = {}) {
    const { number: jobNumber, job } = yield* lockJob(jobId);
    requireHolder(job, holder);
    yield* all("delete_checkpoints", { job: jobNumber, steps: encodeJson(steps) });
  },
};

function checkpointRow(
  job: number,
  { step, epoch, path, sizeBytes, best }: NewCheckpoint,
  sequence: number,
  nowMs: number,
): Parameters {
  const size_bytes = sizeBytes;
  return { job, step, epoch, path, size_bytes, best: best ? 1 : 0, sequence, now_ms: nowMs };
}
