import { TinctError } from "../../errors.ts";
import { countedWith } from "../../words.ts";
import type { Job, NewJob } from "../job.ts";
import { findTransition, isTerminal, type JobState } from "../job_state.ts";
import { encodeJson } from "../json.ts";
import { requireName } from "../names.ts";
import type { JobStore } from "../store.ts";
import type { Database } from "./database.ts";
import { decodeJob, decodeNumberedJob, requireJob } from "./job_row.ts";
import { moveJob, requireAttempt, requireChanged } from "./move_job.ts";
import type { Operations } from "./operations.ts";
import { cutPage, readPage } from "./page_token.ts";
import { number } from "./row.ts";

/** The jobs in SQLite. */
export const jobOperations: Operations<JobStore> = {
  create(context, newJob, { maxQueued } = {}) {
    const { database, nowMs } = context;
    const { id, dataset, config, displayName = "", labels = {}, origin, request } = newJob;
    const known = findRequested(database, newJob);
    if (known) return { job: known, created: false };
    requireFields(newJob);
    if (database.get("select_job", { id })) {
      throw new TinctError("already_exists", `There is a job ${id} already; choose another id.`);
    }
    requireRoom(database, maxQueued);
    if (origin) requireJob(database, origin.jobId); // it may have been deleted since it was looked at
    database.run("insert_job", {
      id,
      display_name: displayName,
      labels: encodeJson(labels),
      dataset,
      config: encodeJson(config),
      origin_mode: origin?.mode ?? null,
      origin_job_id: origin?.jobId ?? null,
      origin_step: origin?.step ?? null,
      request_id: request?.id ?? null,
      request_hash: request?.hash ?? null,
      now_ms: nowMs,
    });
    const transition = { from: "(new)", trigger: "submitted", by: "client", to: "QUEUED" } as const;
    return { job: moveJob(context, requireJob(database, id), transition), created: true };
  },

  get({ database }, jobId) {
    return requireJob(database, jobId).job;
  },

  list({ database }, { states, labels = {} } = {}, page = {}) {
    const list = { list: "jobs", states: states && [...states].sort(), labels };
    const start = readPage(list, page);
    const rows = database.all("select_jobs", {
      before_number: Number(start.after ?? Number.MAX_SAFE_INTEGER),
      states: states ? encodeJson(states) : null,
      labels: encodeJson(labels),
      limit: start.pageSize + 1,
    });
    const found = rows.map(decodeNumberedJob);
    const { entries, nextPageToken } = cutPage(list, start, found, (each) => `${each.number}`);
    return { jobs: entries.map((each) => each.job), nextPageToken };
  },

  trigger(context, jobId, trigger, details = {}) {
    const { database } = context;
    const found = requireJob(database, jobId);
    requireAttempt(found.job, details.attempt);
    const transition = findTransition(jobId, found.job.state, trigger);
    if (!transition) return found.job;
    if (trigger === "resume_requested") requireRoom(database, details.maxQueued);
    return moveJob(context, found, transition, details);
  },

  claim(context, slot) {
    const { database } = context;
    const holder = database.get("select_slot_holder", { slot });
    if (holder) {
      const { id, state } = decodeJob(holder);
      throw new TinctError(
        "failed_precondition",
        `Slot ${slot} is held by job ${id}, which is ${state}; claim it when that job has left it.`,
      );
    }
    const row = database.get("select_next_queued");
    if (!row) return undefined;
    const found = decodeNumberedJob(row);
    const transition = findTransition(found.job.id, found.job.state, "started");
    return transition && moveJob(context, found, transition, {}, slot);
  },

  recover(context) {
    const rows = context.database.all("select_slot_holders");
    return rows.map(decodeNumberedJob).map((found) => {
      const { id, state } = found.job;
      const transition = findTransition(id, state, "server_stopped");
      return transition ? moveJob(context, found, transition) : found.job;
    });
  },

  requireDeletable({ database }, jobId) {
    requireDeletable(database, jobId);
  },

  delete({ database }, jobId) {
    const state = requireDeletable(database, jobId);
    requireChanged(jobId, database.get("mark_job_deleted", { id: jobId, expected_state: state }));
  },
};

/** The state of a job that may be deleted. */
function requireDeletable(database: Database, jobId: string): JobState {
  const { job: { state } } = requireJob(database, jobId);
  if (!isTerminal(state)) {
    throw new TinctError(
      "failed_precondition",
      `Job ${jobId} is ${state} and cannot be deleted; cancel it first.`,
    );
  }
  const row = database.get("select_heir", { id: jobId });
  if (!row) return state;
  const heir = decodeJob(row);
  throw new TinctError(
    "failed_precondition",
    `Job ${heir.id} is ${heir.state} and begins with a checkpoint of job ${jobId}; cancel it first, ` +
      "or wait until it has a checkpoint of its own.",
  );
}

function findRequested(database: Database, { request }: NewJob): Job | undefined {
  if (!request) return undefined;
  const row = database.get("select_job_by_request", { request_id: request.id });
  if (!row) return undefined;
  const job = decodeJob(row);
  if (row["request_hash"] === request.hash) return job;
  throw new TinctError(
    "already_exists",
    `The request id ${JSON.stringify(request.id)} came before with another request, which became ` +
      `job ${job.id}; send a new request under a new id.`,
  );
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
  throw new TinctError("invalid_argument", `The job does not fit: ${sentences.join("; ")}.`, {
    violations,
  });
}

function requireRoom(database: Database, maxQueued: number | undefined): void {
  if (maxQueued === undefined) return;
  const queued = number(database.one("count_queued"), "queued");
  if (queued < maxQueued) return;
  throw new TinctError(
    "resource_exhausted",
    `The queue is full: ${
      countedWith(queued, "job", ["waits", "wait"])
    } and ${maxQueued} may; try again when one has started.`,
    { kind: "QUEUE_FULL" },
  );
}
