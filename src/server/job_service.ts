import { runFolder } from "../files/data_folder.ts";
import type { Job } from "../jobs/job.ts";
import type { JobFilter } from "../jobs/store.ts";
import type { ListTrainingJobsRequest__Output } from "../protocol/generated/tinct/v1/list_training_jobs_request.ts";
import type { TrainingJob } from "../protocol/generated/tinct/v1/training_job.ts";
import { wordOf } from "../protocol/enum_words.ts";
import { capabilities } from "./capabilities.ts";
import type { ServerContext } from "./context.ts";
import { serverStream, type ServiceMethods, unary } from "../calls/methods.ts";
import { downloadCheckpoint } from "./download_checkpoint.ts";
import { findTokenFault, fitPage, pageOf } from "../calls/fields.ts";
import { checkpointMessage, jobMessage, newsOf } from "./job_messages.ts";
import { pageOfNames } from "./name_page.ts";
import { removeKnown } from "../files/remove_known.ts";
import { thoseThere } from "./those_there.ts";
import { unpin } from "./train.ts";
import { validateWish } from "./validate_wish.ts";
import { validationAt } from "./validation_at.ts";

/** The calls of tinct.v1.TrainingJobService. */
export function jobMethods(context: ServerContext): ServiceMethods<"tinct.v1.TrainingJobService"> {
  const { store, supervisor, settings } = context;
  return {
    GetTrainingJob: unary(async ({ jobId }, { fields }) => {
      fields["jobId"] = jobId;
      return { job: await describeJob(context, await store.jobs.get(jobId)) };
    }),

    ListTrainingJobs: unary(
      async (request) => {
        const filter = filterOf(request);
        return await fitPage(pageOf(request), async (fitting) => {
          const { jobs, nextPageToken } = await store.jobs.list(filter, fitting);
          const described = jobs.map((job) => describeJob(context, job));
          return { jobs: await thoseThere(described), nextPageToken };
        });
      },
      findTokenFault((page, request) => store.jobs.list(filterOf(request), page)),
    ),

    CancelTrainingJob: unary(async ({ jobId }, { fields }) => {
      fields["jobId"] = jobId;
      return { job: await describeJob(context, await supervisor.cancel(jobId)) };
    }),

    PauseTrainingJob: unary(async ({ jobId }, { fields }) => {
      fields["jobId"] = jobId;
      return { job: await describeJob(context, await supervisor.pause(jobId)) };
    }),

    ResumeTrainingJob: unary(async ({ jobId }, { fields }) => {
      fields["jobId"] = jobId;
      const job = await supervisor.resume(jobId, { maxQueued: settings.maxQueuedJobs });
      return { job: await describeJob(context, job) };
    }),

    DeleteTrainingJob: unary(async ({ jobId }, { fields }) => {
      fields["jobId"] = jobId;
      await deleteJob(context, jobId);
      return {};
    }),

    ListCheckpoints: unary(async ({ jobId, ...page }) => {
      const checkpoints = [...await store.events.checkpoints(jobId)].reverse();
      // Each that was the best when it was saved says so; the newest of these is it now.
      const bestStep = checkpoints.find(({ best }) => best)?.step;
      // Steps count down, and tokens compare as text.
      const places = checkpoints.map(({ step }) => `${1e15 - step}`);
      const { from, to, nextPageToken } = pageOfNames(places, pageOf(page));
      const listed = checkpoints.slice(from, to).map(async (checkpoint) => {
        const best = checkpoint.step === bestStep;
        return checkpointMessage({ ...checkpoint, best }, await validationAt(store, checkpoint));
      });
      return { checkpoints: await Promise.all(listed), nextPageToken };
    }, findTokenFault((page) => pageOfNames([], page))),

    DownloadCheckpoint: serverStream((request, scope) =>
      downloadCheckpoint(context, request, scope)
    ),

    ValidateTrainingConfig: unary(
      (request, { signal }) => validateWish(context, request, signal),
      "answer",
    ),

    GetCapabilities: unary(() => Promise.resolve(capabilities(context))),
  };
}

/** The jobs that a request wants; its states are known, or the request is refused. */
function filterOf({ states, labels }: ListTrainingJobsRequest__Output): JobFilter {
  const wanted = states.flatMap((name) => wordOf("JOB_STATE_", name) ?? []);
  return { ...(wanted.length > 0 && { states: wanted }), labels };
}

/** The message of a job with the newest that its events tell. */
export async function describeJob(
  context: ServerContext,
  job: Job,
): Promise<TrainingJob> {
  return jobMessage(job, await newsOf(context.store.events, job.id), context.status.words);
}

async function deleteJob(context: ServerContext, jobId: string): Promise<void> {
  const { store } = context;
  const job = await store.jobs.get(jobId);
  // Before its folder is touched; where that changes in between, `delete` refuses and the folder is back.
  await store.jobs.requireDeletable(jobId);
  await removeKnown(runFolder(context.dataFolder, jobId), () => store.jobs.delete(jobId));
  await unpin(context, job.origin, jobId);
}
