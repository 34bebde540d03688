import { TinctError } from "../../errors.ts";
import type { ClientRequest, Job, NewJob } from "../job.ts";
import { requireName } from "../names.ts";
import { noJob } from "./not_found.ts";
import { requireRoom, type StateNews } from "./move.ts";
import { type Requested, requestedBefore } from "./request.ts";

/** What bears on a submission. */
export interface CreateFacts {
  /** What the request's id made before; undefined where it made nothing, or there is no request. */
  readonly requested: Requested<Job> | undefined;
  /** Whether a job has the id already. */
  readonly idTaken: boolean;
  /** How many jobs wait. */
  readonly queued: number;
  /** Whether the job that it begins with exists; true where it begins with none. */
  readonly originExists: boolean;
  readonly nowMs: number;
}

/** A job to be written. Its place in the queue, behind all others, is the driver's to give. */
interface JobCreation {
  readonly job: Omit<Job, "queuePlace">;
  readonly request: ClientRequest | undefined;
  /** Its first event. */
  readonly event: StateNews;
}

/**
 * Submits a job.
 *
 * @param limits `maxQueued`: how many jobs may wait, this one included; any number by default.
 * @returns the job that the request made before, or the new one.
 * @throws {TinctError} as `JobStore.create`.
 */
export function createJob(
  { requested, idTaken, queued, originExists, nowMs }: CreateFacts,
  newJob: NewJob,
  { maxQueued }: { readonly maxQueued?: number | undefined } = {},
): { readonly known: Job } | { readonly creation: JobCreation } {
  const { id, dataset, config, displayName = "", labels = {}, origin, request } = newJob;
  const known = requestedBefore("job", request, requested);
  if (known) return { known };
  requireFields(newJob);
  if (idTaken) {
    throw new TinctError("already_exists", `Job ${id} exists already; choose another id.`);
  }
  requireRoom(queued, maxQueued);
  if (origin && !originExists) throw noJob(origin.jobId); // deleted since it was looked at
  const job = {
    id,
    state: "QUEUED",
    attempt: 0,
    epoch: 0,
    lostWorkers: 0,
    slot: undefined,
    owner: undefined,
    displayName,
    labels,
    dataset,
    config,
    origin,
    failure: undefined,
    lastSequence: 1,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    startedAtMs: undefined,
    finishedAtMs: undefined,
  } as const;
  const payload = { from: "(new)", to: "QUEUED", trigger: "submitted" } as const;
  return {
    creation: { job, request, event: { kind: "state", attempt: 0, timeMs: nowMs, payload } },
  };
}

function requireFields({ id, displayName = "", labels = {}, request }: NewJob): void {
  requireName("job", id);
  const violations = [];
  const tooLong = (text: string) => text.length > 200;
  if (tooLong(displayName)) {
    violations.push({ field: "displayName", description: "must have at most 200 characters" });
  }
  if (request && (request.id === "" || tooLong(request.id))) {
    violations.push({ field: "requestId", description: "must have 1 to 200 characters" });
  }
  const entries = Object.entries(labels);
  if (entries.length > 64 || entries.flat().some(tooLong) || "" in labels) {
    const description =
      "must be at most 64, with keys of 1 to 200 and values of 0 to 200 characters";
    violations.push({ field: "labels", description });
  }
  if (violations.length === 0) return;
  const sentences = violations.map(({ field, description }) => `${field} ${description}`);
  throw new TinctError("invalid_argument", `The job is invalid: ${sentences.join("; ")}.`, {
    violations,
  });
}
