import { join } from "node:path";
import { rename, rm } from "node:fs/promises";
import { TinctError } from "../errors.ts";
import type { Job } from "../jobs/job.ts";
import { jobStates } from "../jobs/job_state.ts";
import type { TrainingJob } from "../protocol/generated/tinct/v1/training_job.ts";
import type { TrainingJobServiceHandlers } from "../protocol/generated/tinct/v1/training_job_service.ts";
import type { ValidateTrainingConfigResponse } from "../protocol/generated/tinct/v1/validate_training_config_response.ts";
import { wordOf } from "../protocol/enum_words.ts";
import { configMessage, configViolations } from "../protocol/training_options.ts";
import { capabilities } from "./capabilities.ts";
import { runFolder, type ServerContext } from "./context.ts";
import { reportMessage } from "./dataset_messages.ts";
import { pageOf, requireField, Violations } from "./fields.ts";
import { checkpointMessage, jobMessage, newsOf } from "./job_messages.ts";
import { pageOfNames } from "./name_page.ts";
import { checkWish, completed, type TrainingWish, unpin, violationsOf } from "./train.ts";
import { validationAt } from "./validation_at.ts";

/** The calls of tinct.v1.TrainingJobService. */
export function jobHandlers(context: ServerContext): TrainingJobServiceHandlers {
  const { calls, store, supervisor, settings } = context;
  return {
    GetTrainingJob: calls.unary(async ({ jobId }, { fields }) => {
      requireField(jobId, "jobId");
      fields["jobId"] = jobId;
      return { job: await describeJob(context, await store.jobs.get(jobId)) };
    }),

    ListTrainingJobs: calls.unary(async ({ states, labels, ...page }) => {
      const violations = new Violations();
      const wanted = states.flatMap((name) => wordOf("JOB_STATE_", name) ?? []);
      violations.check(
        wanted.length === states.length,
        "states",
        `must be of ${jobStates.join(", ")}`,
      );
      violations.refuse();
      const filter = { ...(wanted.length > 0 && { states: wanted }), labels };
      const { jobs, nextPageToken } = await store.jobs.list(filter, pageOf(page));
      const described = jobs.map((job) => describeJob(context, job));
      return { jobs: await Promise.all(described), nextPageToken };
    }),

    CancelTrainingJob: calls.unary(async ({ jobId }, { fields }) => {
      requireField(jobId, "jobId");
      fields["jobId"] = jobId;
      return { job: await describeJob(context, await supervisor.cancel(jobId)) };
    }),

    PauseTrainingJob: calls.unary(async ({ jobId }, { fields }) => {
      requireField(jobId, "jobId");
      fields["jobId"] = jobId;
      return { job: await describeJob(context, await supervisor.pause(jobId)) };
    }),

    ResumeTrainingJob: calls.unary(async ({ jobId }, { fields }) => {
      requireField(jobId, "jobId");
      fields["jobId"] = jobId;
      const job = await supervisor.resume(jobId, { maxQueued: settings.maxQueuedJobs });
      return { job: await describeJob(context, job) };
    }),

    DeleteTrainingJob: calls.unary(async ({ jobId }, { fields }) => {
      requireField(jobId, "jobId");
      fields["jobId"] = jobId;
      await deleteJob(context, jobId);
      return {};
    }),

    ListCheckpoints: calls.unary(async ({ jobId, ...page }) => {
      requireField(jobId, "jobId");
      const checkpoints = [...await store.events.checkpoints(jobId)].reverse();
      // Steps count down, and tokens compare as text.
      const places = checkpoints.map(({ step }) => `${1e15 - step}`);
      const { from, to, nextPageToken } = pageOfNames(places, pageOf(page));
      const listed = checkpoints.slice(from, to).map(async (checkpoint) =>
        checkpointMessage(checkpoint, await validationAt(store, checkpoint))
      );
      return { checkpoints: await Promise.all(listed), nextPageToken };
    }),

    ValidateTrainingConfig: calls.unary(async (request) => {
      return await validateWish(context, request);
    }),

    GetCapabilities: calls.unary(() => Promise.resolve(capabilities(context))),
  };
}

/** The message of a job with the newest that its events tell. */
export async function describeJob(
  context: ServerContext,
  job: Job,
): Promise<TrainingJob> {
  return jobMessage(job, await newsOf(context.store.events, job.id));
}

async function deleteJob(context: ServerContext, jobId: string): Promise<void> {
  const { store } = context;
  const job = await store.jobs.get(jobId);
  const states = ["QUEUED", "RUNNING", "PAUSING", "PAUSED"] as const;
  const { jobs } = await store.jobs.list({ states }, { pageSize: 1000 });
  const heir = jobs.find(({ origin, attempt }) => origin?.jobId === jobId && attempt === 0);
  if (heir) {
    throw new TinctError(
      "failed_precondition",
      `Job ${heir.id} is ${heir.state} and begins with a checkpoint of job ${jobId}; cancel it ` +
        "first, or wait until it has started.",
    );
  }
  await store.jobs.delete(jobId);
  await unpin(context, job.origin, jobId);
  const folder = runFolder(context, jobId);
  const hidden = join(context.dataFolder, "jobs", `.deleted-${jobId}`);
  try {
    await rename(folder, hidden);
  } catch (error) {
    const isGone = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isGone) return; // a job that never ran has no folder
    throw error;
  }
  await rm(hidden, { recursive: true, force: true });
}

async function validateWish(
  context: ServerContext,
  wish: TrainingWish,
): Promise<ValidateTrainingConfigResponse> {
  const { store, datasets } = context;
  const violations = new Violations();
  const warnings: string[] = [];
  let config = completed(wish);
  try {
    violations.list.push(...configViolations(await violationsOf(context, wish)));
    const checked = violations.list.length === 0 ? await checkWish(context, wish) : undefined;
    config = checked?.config ?? config;
  } catch (error) {
    if (!(error instanceof TinctError)) throw error;
    const field = error.message.includes("dataset") ? "dataset" : wish.origin ?? "dataset";
    violations.check(false, field, `does not fit: ${error.message}`);
  }
  let report = null;
  if (wish.dataset !== "" && !violations.list.some(({ field }) => field === "dataset")) {
    const placed = await datasets.placed(wish.dataset);
    report = placed === undefined
      ? reportMessage((await store.datasets.get(wish.dataset)).report)
      : await context.supervisor.inspect(placed);
  }
  const usable = Number(report?.usablePhotos ?? 0);
  if (report !== null && usable === 0) violations.check(false, "dataset", "has no usable photo");
  if (report !== null && usable > 0 && usable < config.batchSize) {
    warnings.push(
      `The dataset has ${usable} usable photos, fewer than a batch of ${config.batchSize}.`,
    );
  }
  return {
    valid: violations.list.length === 0,
    violations: violations.list.map(({ field, description }) => ({ field, description })),
    config: configMessage(config),
    dataset: report,
    warnings,
  };
}
