import { type Checkpoint, eventKinds, type JobEvent } from "../../jobs/job_event.ts";
import { forEach, type Work } from "./operation.ts";
import { jsonObject, number, type Row, text, word } from "./row.ts";

/** An event whose sequence number has been taken from its job, its payload as JSON. */
type WrittenEvent = Omit<JobEvent, "payload"> & { readonly payload: string };

/** Writes events of a job. */
export function* insertEvents(job: number, events: readonly WrittenEvent[]): Work<void> {
  yield* forEach(
    "insert_event",
    events.map(({ sequence, kind, attempt, timeMs, payload }) => {
      return { job, sequence, kind, attempt, time_ms: timeMs, payload };
    }),
  );
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
