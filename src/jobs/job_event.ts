import type { HeartbeatEvent__Output } from "../protocol/generated/tinct/v1/heartbeat_event.ts";
import type { LogEntry__Output } from "../protocol/generated/tinct/v1/log_entry.ts";
import type { Losses__Output } from "../protocol/generated/tinct/v1/losses.ts";
import type { Validation__Output } from "../protocol/generated/tinct/v1/validation.ts";
import type { SampleFile__Output } from "../protocol/generated/tinct/worker/v1/sample_file.ts";
import type { SavedCheckpoint__Output } from "../protocol/generated/tinct/worker/v1/saved_checkpoint.ts";
import type { StatePayload } from "./job.ts";
import { isTerminal, type JobState } from "./job_state.ts";
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

/**
 * What the events of each kind say. A state is the store's own word; the others are the messages of
 * workers as JSON, without numbers that are not finite and messages that are null.
 */
export interface EventPayloads {
  readonly state: StatePayload;
  readonly losses: Partial<Losses__Output>;
  readonly validation: Partial<Validation__Output>;
  readonly sample: SampleFile__Output;
  readonly checkpoint: SavedCheckpoint__Output;
  readonly log: LogEntry__Output;
  readonly heartbeat: Partial<HeartbeatEvent__Output>;
}

/** One thing of some kind that happened to a job. */
export interface EventOf<Kind extends EventKind> {
  /** 1 for a job's first event, without gaps; the order of events, whatever the clock says. */
  readonly sequence: number;
  readonly kind: Kind;
  /** The attempt it belongs to; 0 before the first start. */
  readonly attempt: number;
  /** Milliseconds since 1970, UTC, by the reporter's clock; may run backwards. */
  readonly timeMs: number;
  /** What its kind says, and whatever else it was appended with. */
  readonly payload: JsonObject & EventPayloads[Kind];
}

/** One thing that happened to a job. */
export type JobEvent = { readonly [Kind in EventKind]: EventOf<Kind> }[EventKind];

/** An event that a worker or the supervisor reports. States have events of the store's own. */
export interface NewEvent {
  readonly kind: Exclude<EventKind, "state">;
  /** At most `maxPayloadBytes` as JSON. Pictures are files; their path and dimensions go here. */
  readonly payload: JsonObject;
  /** When it happened; now by default. */
  readonly timeMs?: number | undefined;
  /**
   * Its number among what the job's attempt appends, from 1, rising. An event whose number, or a
   * later one, the store has had from this attempt is left out: what is repeated after a lost answer
   * is there once.
   */
  readonly number?: number | undefined;
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
function stateOf(event: JobEvent): JobState | undefined {
  return event.kind === "state" ? event.payload.to : undefined;
}

/** Whether this is a job's last event: that of its terminal state. */
export function isFinal(event: JobEvent): boolean {
  const state = stateOf(event);
  return state !== undefined && isTerminal(state);
}
