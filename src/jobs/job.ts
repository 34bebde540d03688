import type { ErrorCode } from "../errors.ts";
import type { JobState, JobTrigger } from "./job_state.ts";
import type { JsonObject } from "./json.ts";

/** A training job as the store holds it. All times are milliseconds since 1970, UTC. */
export interface Job {
  /** A name that is unique for ever; see `newJobId`. */
  readonly id: string;
  readonly state: JobState;
  /**
   * How many workers have been given to this job, the present one included; 0 before the first.
   * What a worker of an earlier attempt still says is refused.
   */
  readonly attempt: number;
  /**
   * How often it was given to a server or taken from one. What one says that had it at an earlier
   * epoch is refused, whatever that one believes (a fencing token).
   */
  readonly epoch: number;
  /** Workers lost since the job was submitted or last resumed by a client. */
  readonly lostWorkers: number;
  /** Its place in the queue when it was read, from 1; defined while QUEUED. */
  readonly queuePlace: number | undefined;
  /** The device slot it holds; defined while RUNNING, PAUSING and CANCELLING. */
  readonly slot: string | undefined;
  /** The server that the slot is of, see `Store.owner`; defined where `slot` is. */
  readonly owner: string | undefined;
  readonly displayName: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The dataset's name. */
  readonly dataset: string;
  /** The training options as they were accepted; the worker parses them. */
  readonly config: JsonObject;
  readonly origin: JobOrigin | undefined;
  /** Why the job FAILED; defined in that state alone. */
  readonly failure: JobFailure | undefined;
  /** The sequence number of its newest event. */
  readonly lastSequence: number;
  readonly createdAtMs: number;
  /** When its state last changed. */
  readonly updatedAtMs: number;
  /** When it was first started. */
  readonly startedAtMs: number | undefined;
  /** Defined in terminal states alone. */
  readonly finishedAtMs: number | undefined;
}

/** The checkpoint of another job that a job begins with. */
export interface JobOrigin {
  /** `resume`: its optimizer and step too; `start`: its weights alone. */
  readonly mode: "resume" | "start";
  readonly jobId: string;
  /** Which of its checkpoints; undefined: its newest when the job starts. */
  readonly step: number | undefined;
}

/** Why a job failed, in words for its owner. */
export interface JobFailure {
  readonly code: ErrorCode;
  /** One sentence. */
  readonly message: string;
}

/** What a client submits. */
export interface NewJob {
  /** See `newJobId`. */
  readonly id: string;
  readonly dataset: string;
  readonly config: JsonObject;
  /** At most 200 characters; "" by default. */
  readonly displayName?: string;
  /** At most 64, of at most 200 characters each; none by default. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly origin?: JobOrigin | undefined;
  /** Makes a repeated submission give the same job, for as long as that job exists. */
  readonly request?: ClientRequest | undefined;
}

/** How a repeated request is recognized. */
export interface ClientRequest {
  /** Chosen by the client, 1 to 200 characters. */
  readonly id: string;
  /** See `requestHash`. */
  readonly hash: string;
}

/** Who has a job: what comes from a worker, or from the server that it works for, says so. */
export interface JobHolder {
  /** Refuses the change unless the job is at this attempt. */
  readonly attempt?: number | undefined;
  /** Refuses the change unless the job is at this epoch. */
  readonly epoch?: number | undefined;
}

/** What goes along with a trigger. */
export interface TriggerDetails extends JobHolder {
  /** Why the job fails; with the trigger `failed`, and only there. */
  readonly failure?: JobFailure | undefined;
  /** Limit of QUEUED jobs, for `resume_requested`. */
  readonly maxQueued?: number | undefined;
  /** What watchers are told besides, such as a worker's exit code and last step. */
  readonly payload?: JsonObject | undefined;
}

/** The payload of an event of kind `state`. */
export interface StatePayload {
  readonly from: JobState | "(new)";
  readonly to: JobState;
  readonly trigger: JobTrigger;
  readonly failure?: JobFailure | undefined;
  /** What came with the trigger, see `TriggerDetails.payload`. */
  readonly details?: JsonObject | undefined;
}
