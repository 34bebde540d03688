import { type Checkpoint, eventKinds, type JobEvent } from "../job_event.ts";
import type { Database } from "./database.ts";
import { jsonObject, number, type Row, text, word } from "./row.ts";

/**
 * Writes an event whose sequence number has been taken from its job.
 *
 * @param payload as JSON.
 */
export function insertEvent(
  database: Database,
  job: number,
  event: Omit<JobEvent, "payload">,
  payload: string,
): void {
  database.run("insert_event", {
    job,
    sequence: event.sequence,
    kind: event.kind,
    attempt: event.attempt,
    time_ms: event.timeMs,
    payload,
  });
}

/** Decodes a row of the table `events`. */
export function decodeEvent(row: Row): JobEvent {
  return {
    sequence: number(row, "sequence"),
    kind: word(row, "kind", eventKinds),
    attempt: number(row, "attempt"),
    timeMs: number(row, "time_ms"),
    // What was appended under this kind: checked, or written by the store, before it was.
    payload: jsonObject(row, "payload"),
  } as JobEvent;
}

/** Decodes a row of the table `checkpoints`. */
export function decodeCheckpoint(jobId: string, row: Row): Checkpoint {
  return {
    jobId,
    step: number(row, "step"),
    epoch: number(row, "epoch"),
    path: text(row, "path"),
    sizeBytes: number(row, "size_bytes"),
    best: number(row, "best") === 1,
    sequence: number(row, "sequence"),
    createdAtMs: number(row, "created_at_ms"),
  };
}
