import { Buffer } from "node:buffer";
import { TinctError } from "../../errors.ts";
import type { Job, JobHolder } from "../job.ts";
import { maxPayloadBytes, type NewCheckpoint, type NewEvent } from "../job_event.ts";
import { isTerminal } from "../job_state.ts";
import { encodeJson } from "../json.ts";
import { requireHolder } from "./move.ts";

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

/** What an append comes to. */
interface Append {
  /** Without those that the job has had. */
  readonly events: readonly AppendedEvent[];
  /** The highest number that its attempt has appended an event with, once these are written. */
  readonly lastNumber: number;
}

/**
 * Appends events to a job.
 *
 * @param facts `lastNumber`: the highest number that its attempt has appended.
 * @param holder refuses the events unless the job is at this attempt and epoch.
 * @throws {TinctError} as `EventStore.append`.
 */
export function appendEvents(
  { job, lastNumber, nowMs }: {
    readonly job: Job;
    readonly lastNumber: number;
    readonly nowMs: number;
  },
  events: readonly NewEvent[],
  holder: JobHolder,
): Append {
  requireHolder(job, holder);
  if (isTerminal(job.state)) {
    throw new TinctError(
      "failed_precondition",
      `Job ${job.id} is ${job.state}: it takes no more events.`,
    );
  }
  const news = events.filter(({ number }) => number === undefined || number > lastNumber);
  return {
    events: news.map(({ kind, payload, timeMs = nowMs, checkpoint }) => {
      return {
        kind,
        attempt: job.attempt,
        timeMs,
        payload: encodePayload(kind, payload),
        checkpoint,
      };
    }),
    lastNumber: Math.max(lastNumber, ...news.map(({ number = 0 }) => number)),
  };
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
