import type { Job, NewJob } from "../../jobs/job.ts";
import { encodeJson } from "../../jobs/json.ts";
import { createJob } from "../../jobs/rules/create.ts";
import { deleteJob, heirStates, type JobDeletion } from "../../jobs/rules/delete.ts";
import { claimSlot, moveJob } from "../../jobs/rules/move.ts";
import { type Requested, requestedBefore } from "../../jobs/rules/request.ts";
import type { JobStore } from "../../jobs/store.ts";
import { decodeJob, decodeNumberedJob, lockJob, requireJob } from "./job_row.ts";
import { all, first, lock, one, type Operations, type Work } from "./operation.ts";
import { cutPage, readPage } from "./page_token.ts";
import { number, text } from "./row.ts";
import { requireChanged, writeMove, writeStateEvent } from "./write_move.ts";

/** The jobs. */
export const jobOperations: Operations<JobStore> = {
  *create(context, newJob, limits) {
    yield* lock("queue");
    const facts = {
      requested: yield* findRequested(newJob),
      idTaken: (yield* first("select_job", { id: newJob.id })) !== undefined,
      queued: yield* countQueued(),
      originExists: !newJob.origin ||
        (yield* first("select_job", { id: newJob.origin.jobId })) !== undefined,
      nowMs: context.nowMs,
    };
    const made = createJob(facts, newJob, limits);
    if ("known" in made) return { job: made.known, created: false };
    const { job, request, event } = made.creation;
    const row = yield* one("insert_job", {
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
    yield* writeStateEvent(context, number(row, "number"), job.id, event, job.lastSequence);
    return { job: (yield* requireJob(job.id)).job, created: true };
  },

  *get(_context, jobId) {
    return (yield* requireJob(jobId)).job;
  },

  *findRequested(_context, request) {
    return requestedBefore("job", request, yield* findRequested({ request }));
  },

  *list(_context, { states, labels = {} } = {}, page = {}) {
    const list = { list: "jobs", states: states && [...states].sort(), labels };
    const start = readPage(list, page);
    const rows = yield* all("select_jobs", {
      before_number: Number(start.after ?? Number.MAX_SAFE_INTEGER),
      states: states ? encodeJson(states) : null,
      labels: encodeJson(labels),
      limit: start.pageSize + 1,
    });
    const found = rows.map(decodeNumberedJob);
    const { entries, nextPageToken } = cutPage(list, start, found, (each) => `${each.number}`);
    return { jobs: entries.map((each) => each.job), nextPageToken };
  },

  *trigger(context, jobId, trigger, details) {
    const { nowMs } = context;
    const resumes = trigger === "resume_requested";
    if (resumes) yield* lock("queue");
    const { job } = yield* lockJob(jobId);
    // Of the other triggers none asks how many jobs wait.
    const queued = resumes ? yield* countQueued() : 0;
    const move = moveJob({ job, queued, nowMs }, trigger, details);
    return move ? yield* writeMove(context, move) : job;
  },

  *claim(context, slot) {
    const { owner, nowMs } = context;
    const held = yield* first("select_slot_holder", { owner, slot });
    const waiting = yield* first("select_next_queued");
    const facts = {
      holder: held && decodeJob(held),
      next: waiting && decodeJob(waiting),
      nowMs,
    };
    const move = claimSlot(facts, { owner, slot });
    return move && (yield* writeMove(context, move));
  },

  *recover(context, { own = true, lapsed = true } = {}) {
    const { owner, nowMs, leaseNowMs } = context;
    const wanted = { own: own ? 1 : 0, lapsed: lapsed ? 1 : 0 };
    const rows = yield* all("lock_lapsed", { owner, ...wanted, now_ms: leaseNowMs });
    const moved: Job[] = [];
    for (const job of rows.map(decodeJob)) {
      const move = moveJob({ job, queued: 0, nowMs }, "server_stopped");
      if (move) moved.push(yield* writeMove(context, move));
    }
    return moved;
  },

  *requireDeletable(_context, jobId) {
    yield* deletionOf(jobId);
  },

  *delete(_context, jobId) {
    yield* lock("queue"); // no job begins with a checkpoint of it meanwhile
    const { expectedState } = yield* deletionOf(jobId);
    const row = yield* first("mark_job_deleted", { id: jobId, expected_state: expectedState });
    requireChanged(jobId, row);
  },
};

function* deletionOf(jobId: string): Work<JobDeletion> {
  const { job } = yield* requireJob(jobId);
  const row = yield* first("select_heir", { id: jobId, states: encodeJson(heirStates) });
  return deleteJob({ job, heir: row && decodeJob(row) });
}

function* findRequested(
  { request }: Pick<NewJob, "request">,
): Work<Requested<Job> | undefined> {
  const row = request && (yield* first("select_job_by_request", { request_id: request.id }));
  return row && { made: decodeJob(row), hash: text(row, "request_hash") };
}

function* countQueued(): Work<number> {
  return number(yield* one("count_queued"), "queued");
}
