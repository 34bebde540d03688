import type { ErrorCode } from "../../errors.ts";
import type { Job, JobFailure, JobOrigin } from "../../jobs/job.ts";
import { jobStates } from "../../jobs/job_state.ts";
import { noJob } from "../../jobs/rules/not_found.ts";
import { first, type Work } from "./operation.ts";
import {
  jsonObject,
  number,
  optionalNumber,
  optionalText,
  type Row,
  text,
  textsByName,
  word,
} from "./row.ts";

/** A job with its row's number, by which other tables know it. */
interface NumberedJob {
  readonly number: number;
  /** The highest number that its attempt has appended an event with; 0: none. */
  readonly lastNumber: number;
  readonly job: Job;
}

/** Finds a job. @throws {TinctError} not_found. */
export function* requireJob(jobId: string): Work<NumberedJob> {
  const row = yield* first("select_job", { id: jobId });
  if (!row) throw noJob(jobId);
  return decodeNumberedJob(row);
}

/** Finds a job and holds it for this transaction. @throws {TinctError} not_found. */
export function* lockJob(jobId: string): Work<NumberedJob> {
  const row = yield* first("lock_job", { id: jobId });
  if (!row) throw noJob(jobId);
  return decodeNumberedJob(row);
}

/** Decodes a row of the table `jobs`. */
export function decodeNumberedJob(row: Row): NumberedJob {
  return {
    number: number(row, "number"),
    lastNumber: number(row, "last_number"),
    job: decodeJob(row),
  };
}

/** Decodes a row of the table `jobs`. */
export function decodeJob(row: Row): Job {
  return {
    id: text(row, "id"),
    state: word(row, "state", jobStates),
    attempt: number(row, "attempt"),
    epoch: number(row, "epoch"),
    lostWorkers: number(row, "lost_workers"),
    queuePlace: optionalNumber(row, "queue_place"),
    slot: optionalText(row, "slot"),
    owner: optionalText(row, "owner"),
    displayName: text(row, "display_name"),
    labels: textsByName(row, "labels"),
    dataset: text(row, "dataset"),
    config: jsonObject(row, "config"),
    origin: decodeOrigin(row),
    failure: decodeFailure(row),
    lastSequence: number(row, "last_sequence"),
    createdAtMs: number(row, "created_at_ms"),
    updatedAtMs: number(row, "updated_at_ms"),
    startedAtMs: optionalNumber(row, "started_at_ms"),
    finishedAtMs: optionalNumber(row, "finished_at_ms"),
  };
}

function decodeOrigin(row: Row): JobOrigin | undefined {
  if (row["origin_mode"] === null) return undefined;
  return {
    mode: word(row, "origin_mode", ["resume", "start"]),
    jobId: text(row, "origin_job_id"),
    step: optionalNumber(row, "origin_step"),
  };
}

function decodeFailure(row: Row): JobFailure | undefined {
  if (row["failure_code"] === null) return undefined;
  return {
    code: word(row, "failure_code", errorCodes),
    message: text(row, "failure_message"),
  };
}

const errorCodes = Object.keys(
  {
    invalid_argument: true,
    not_found: true,
    already_exists: true,
    permission_denied: true,
    unauthenticated: true,
    failed_precondition: true,
    resource_exhausted: true,
    data_loss: true,
    cancelled: true,
    deadline_exceeded: true,
    unavailable: true,
    unimplemented: true,
    internal: true,
  } satisfies Record<ErrorCode, true>,
) as ErrorCode[];
