import { Buffer } from "node:buffer";
import { TinctError } from "../../errors.ts";
import type { Job } from "../job.ts";
import { maxPayloadBytes, type NewCheckpoint, type NewEvent } from "../job_event.ts";
import { isTerminal } from "../job_state.ts";
import { encodeJson } from "../json.ts";
import { requireAttempt } from "./move.ts";

/** An event to be written. Its number, the next of the job's, is the driver's to give. */
interface AppendedEvent {
  readonly kind: NewEvent["kind"];
  readonly attempt: number;
  readonly timeMs: number;
  /** As JSON. */
  readonly payload: string;
  /** Is recorded with the event. */
  readonly checkpoint: NewCheckpoint | undefined;
}

/**
 * Appends events to a job.
 *
 * @param attempt refuses the events unless the job is at this attempt.
 * @throws {TinctError} as `EventStore.append`.
 */
export function appendEvents(
  { job, nowMs }: { readonly job: Job; readonly nowMs: number },
  events: readonly NewEvent[],
  attempt: number | undefined,
): readonly AppendedEvent[] {
  requireAttempt(job, attempt);
  if (isTerminal(job.state)) {
    throw new TinctError(
      "failed_precondition",
      `Job ${job.id} is ${job.state}: it takes no more events.`,
    );
  }
  return events.map(({ kind, payload, timeMs = nowMs, checkpoint }) => {
    return {
      kind,
      attempt: job.attempt,
      timeMs,
      payload: encodePayload(kind, payload),
      checkpoint,
    };
  });
}

function encodePayload(kind: NewEvent["kind"], payload: NewEvent["payload"]): string {
  const encoded = encodeJson(payload);
  const sizeBytes = Buffer.byteLength(encoded);
  if (sizeBytes <= maxPayloadBytes) return encoded;
  throw new TinctError(
    "invalid_argument",
    `An event of kind ${kind} takes ${sizeBytes} bytes and may take ${maxPayloadBytes}; put what ` +
      "is large into a file and its path into the event.",
  );
}
