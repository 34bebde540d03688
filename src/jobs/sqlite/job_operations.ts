import type { Job, NewJob } from "../job.ts";
import { encodeJson } from "../json.ts";
import { createJob } from "../rules/create.ts";
import { deleteJob, heirStates, type JobDeletion } from "../rules/delete.ts";
import { claimSlot, moveJob } from "../rules/move.ts";
import { type Requested, requestedBefore } from "../rules/request.ts";
import type { JobStore } from "../store.ts";
import type { Database } from "./database.ts";
import { decodeJob, decodeNumberedJob, requireJob } from "./job_row.ts";
import type { Operations } from "./operation.ts";
import { cutPage, readPage } from "./page_token.ts";
import { number, text } from "./row.ts";
import { requireChanged, writeMove, writeStateEvent } from "./write_move.ts";

/** The jobs in SQLite. */
export const jobOperations: Operations<JobStore> = {
  create(context, newJob, limits) {
    const { database, nowMs } = context;
    const facts = {
      requested: findRequested(database, newJob),
      idTaken: database.get("select_job", { id: newJob.id }) !== undefined,
      queued: countQueued(database),
      originExists: !newJob.origin ||
        database.get("select_job", { id: newJob.origin.jobId }) !== undefined,
      nowMs,
    };
    const made = createJob(facts, newJob, limits);
    if ("known" in made) return { job: made.known, created: false };
    const { job, request, event } = made.creation;
    const row = database.one("insert_job", {
      id: job.id,
      state: job.state,
      display_name: job.displayName,
      labels: encodeJson(job.labels),
      dataset: job.dataset,
      config: encodeJson(job.config),
      origin_mode: job.origin?.mode ?? null,
      origin_job_id: job.origin?.jobId ?? null,
      origin_step: job.origin?.step ?? null,
      request_id: request?.id ?? null,
      request_hash: request?.hash ?? null,
      last_sequence: job.lastSequence,
      created_at_ms: job.createdAtMs,
      updated_at_ms: job.updatedAtMs,
    });
    writeStateEvent(context, number(row, "number"), job.id, event, job.lastSequence);
    return { job: requireJob(database, job.id).job, created: true };
  },

  get({ database }, jobId) {
    return requireJob(database, jobId).job;
  },

  findRequested({ database }, request) {
    return requestedBefore("job", request, findRequested(database, { request }));
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

  trigger(context, jobId, trigger, details) {
    const { database, nowMs } = context;
    const { job } = requireJob(database, jobId);
    const move = moveJob({ job, queued: countQueued(database), nowMs }, trigger, details);
    return move ? writeMove(context, move) : job;
  },

  claim(context, slot) {
    const { database, nowMs } = context;
    const held = database.get("select_slot_holder", { slot });
    const waiting = database.get("select_next_queued");
    const facts = {
      holder: held && decodeJob(held),
      next: waiting && decodeJob(waiting),
      nowMs,
    };
    const move = claimSlot(facts, slot);
    return move && writeMove(context, move);
  },

  recover(context) {
    const { database, nowMs } = context;
    return database.all("select_slot_holders").map(decodeJob).map((job) => {
      const move = moveJob({ job, queued: countQueued(database), nowMs }, "server_stopped");
      return move ? writeMove(context, move) : job;
    });
  },

  requireDeletable({ database }, jobId) {
    deletionOf(database, jobId);
  },

  delete({ database }, jobId) {
    const { expectedState } = deletionOf(database, jobId);
    const row = database.get("mark_job_deleted", { id: jobId, expected_state: expectedState });
    requireChanged(jobId, row);
  },
};

function deletionOf(database: Database, jobId: string): JobDeletion {
  const { job } = requireJob(database, jobId);
  const row = database.get("select_heir", { id: jobId, states: encodeJson(heirStates) });
  return deleteJob({ job, heir: row && decodeJob(row) });
}

function findRequested(
  database: Database,
  { request }: Pick<NewJob, "request">,
): Requested<Job> | undefined {
  const row = request && database.get("select_job_by_request", { request_id: request.id });
  return row && { made: decodeJob(row), hash: text(row, "request_hash") };
}

function countQueued(database: Database): number {
  return number(database.one("count_queued"), "queued");
}
