import { isTerminal, type JobState, jobStates } from "./job_state.ts";
import type { JsonObject } from "./json.ts";

/** What an event can be about. */
export const eventKinds = [
  "state",
  "losses",
  "validation",
  "sample",
  "checkpoint",
  "log",
  "heartbeat",
] as const;

/** One of `eventKinds`. */
export type EventKind = typeof eventKinds[number];

/** One thing that happened to a job. */
export interface JobEvent {
  /** 1 for a job's first event, without gaps; the order of events, whatever the clock says. */
  readonly sequence: number;
  readonly kind: EventKind;
  /** The attempt it belongs to; 0 before the first start. */
  readonly attempt: number;
  /** Milliseconds since 1970, UTC, by the clock of whoever reported it; may run backwards. */
  readonly timeMs: number;
  /** What the kind says: `StatePayload` for `state`, losses by name for `losses`, and so on. */
  readonly payload: JsonObject;
}

/** An event that a worker or the supervisor reports. States have events of the store's own. */
export interface NewEvent {
  readonly kind: Exclude<EventKind, "state">;
  /** At most `maxPayloadBytes` as JSON. Pictures are files; their path and dimensions go here. */
  readonly payload: JsonObject;
  /** When it happened; now by default. */
  readonly timeMs?: number | undefined;
  /** For kind `checkpoint`: is recorded with the event, in the same transaction. */
  readonly checkpoint?: NewCheckpoint | undefined;
}

/** The most that an event's payload may take as JSON. */
export const maxPayloadBytes = 16 * 1024;

/** A checkpoint that lies on the disk. */
export interface NewCheckpoint {
  /** Optimizer steps that its weights have seen. */
  readonly step: number;
  /** Passes over the photos done, with the part of the one under way. */
  readonly epoch: number;
  /** Relative to the data folder. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Whether its validation was the job's best so far. */
  readonly best: boolean;
}

/** A recorded checkpoint of a job. */
export interface Checkpoint extends NewCheckpoint {
  readonly jobId: string;
  /** Of the event that reported it. */
  readonly sequence: number;
  readonly createdAtMs: number;
}

/** The state that an event reports, or undefined for events of other kinds. */
export function stateOf(event: JobEvent): JobState | undefined {
  if (event.kind !== "state") return undefined;
  return jobStates.find((state) => state === event.payload["to"]);
}

/** Whether this is a job's last event: that of its terminal state. */
export function isFinal(event: JobEvent): boolean {
  const state = stateOf(event);
  return state !== undefined && isTerminal(state);
}
