import type { NewCheckpoint } from "../job_event.ts";
import { encodeJson } from "../json.ts";
import { appendEvents } from "../rules/append.ts";
import type { EventStore } from "../store.ts";
import { decodeCheckpoint, decodeEvent, insertEvent } from "./event_row.ts";
import { requireJob } from "./job_row.ts";
import type { OperationContext, Operations } from "./operation.ts";
import { number } from "./row.ts";
import { requireChanged } from "./write_move.ts";

/** The events in SQLite. */
export const eventOperations: Operations<EventStore> = {
  append(context, jobId, events, { attempt } = {}) {
    const { database, nowMs, appended } = context;
    const found = requireJob(database, jobId);
    const { job } = found;
    const news = appendEvents({ job, nowMs }, events, attempt);
    if (news.length === 0) return job.lastSequence;
    const row = database.get("update_last_sequence", {
      id: jobId,
      count: news.length,
      expected_state: job.state,
      expected_attempt: job.attempt,
    });
    requireChanged(jobId, row);
    const lastSequence = number(row, "last_sequence");
    news.forEach(({ checkpoint, payload, ...event }, index) => {
      const sequence = lastSequence - news.length + 1 + index;
      insertEvent(database, found.number, { ...event, sequence }, payload);
      if (checkpoint) recordCheckpoint(context, found.number, checkpoint, sequence);
    });
    appended.set(jobId, lastSequence);
    return lastSequence;
  },

  read({ database }, jobId, fromSequence, limit) {
    if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
      throw new RangeError(`From 1 to 10,000 events are read at a time, not ${limit}.`);
    }
    const { number: job } = requireJob(database, jobId);
    const rows = database.all("select_events", { job, from_sequence: fromSequence, limit });
    return rows.map(decodeEvent);
  },

  newest({ database }, jobId, kind, toSequence = Number.MAX_SAFE_INTEGER) {
    const { number: job } = requireJob(database, jobId);
    const row = kind === "validation"
      ? database.get("select_newest_validation", { job, to_sequence: toSequence })
      : database.get("select_newest_event", { job, kind, to_sequence: toSequence });
    return row && decodeEvent(row);
  },

  checkpoints({ database }, jobId) {
    const { number: job } = requireJob(database, jobId);
    return database.all("select_checkpoints", { job }).map((row) => decodeCheckpoint(jobId, row));
  },

  forgetCheckpoints({ database }, jobId, steps) {
    const { number: job } = requireJob(database, jobId);
    database.run("delete_checkpoints", { job, steps: encodeJson(steps) });
  },
};

function recordCheckpoint(
  { database, nowMs }: OperationContext,
  job: number,
  checkpoint: NewCheckpoint,
  sequence: number,
): void {
  database.run("upsert_checkpoint", {
    job,
    step: checkpoint.step,
    epoch: checkpoint.epoch,
    path: checkpoint.path,
    size_bytes: checkpoint.sizeBytes,
    best: checkpoint.best ? 1 : 0,
    sequence,
    now_ms: nowMs,
  });
}
