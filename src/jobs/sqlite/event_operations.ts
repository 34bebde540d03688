import { Buffer } from "node:buffer";
import { TinctError } from "../../errors.ts";
import { maxPayloadBytes, type NewCheckpoint, type NewEvent } from "../job_event.ts";
import { isTerminal } from "../job_state.ts";
import { encodeJson } from "../json.ts";
import type { EventStore } from "../store.ts";
import { decodeCheckpoint, decodeEvent, insertEvent } from "./event_row.ts";
import { requireJob } from "./job_row.ts";
import { requireAttempt, requireChanged } from "./move_job.ts";
import type { OperationContext, Operations } from "./operations.ts";
import { number } from "./row.ts";

/** The events in SQLite. */
export const eventOperations: Operations<EventStore> = {
  append(context, jobId, events, { attempt } = {}) {
    const { database, nowMs, appended } = context;
    const found = requireJob(database, jobId);
    const { job } = found;
    requireAttempt(job, attempt);
    if (isTerminal(job.state)) {
      throw new TinctError(
        "failed_precondition",
        `Job ${jobId} is ${job.state}: it has had its last event.`,
      );
    }
    const payloads = events.map(encodePayload);
    if (events.length === 0) return job.lastSequence;
    const row = database.get("update_last_sequence", {
      id: jobId,
      count: events.length,
      expected_state: job.state,
      expected_attempt: job.attempt,
    });
    requireChanged(jobId, row);
    const lastSequence = number(row, "last_sequence");
    events.forEach(({ kind, timeMs = nowMs, checkpoint }, index) => {
      const sequence = lastSequence - events.length + 1 + index;
      const event = { sequence, kind, attempt: job.attempt, timeMs };
      insertEvent(database, found.number, event, payloads[index] ?? "");
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

function encodePayload({ kind, payload }: NewEvent): string {
  const encoded = encodeJson(payload);
  const sizeBytes = Buffer.byteLength(encoded);
  if (sizeBytes <= maxPayloadBytes) return encoded;
  throw new TinctError(
    "invalid_argument",
    `An event of kind ${kind} takes ${sizeBytes} bytes and may take ${maxPayloadBytes}; put what ` +
      "is large into a file and its path into the event.",
  );
}
