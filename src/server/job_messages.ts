import type { Job, JobFailure, JobOrigin, StatePayload } from "../jobs/job.ts";
import type { Checkpoint } from "../jobs/job_event.ts";
import { holdsSlot, type JobState } from "../jobs/job_state.ts";
import type { EventStore } from "../jobs/store.ts";
import type { StateDetails } from "../supervision/supervisor.ts";
import type { Checkpoint as CheckpointMessage } from "../protocol/generated/tinct/v1/checkpoint.ts";
import type { CheckpointReference } from "../protocol/generated/tinct/v1/checkpoint_reference.ts";
import type { JobState as JobStateName } from "../protocol/generated/tinct/v1/job_state.ts";
import type { Losses } from "../protocol/generated/tinct/v1/losses.ts";
import type { StateEvent } from "../protocol/generated/tinct/v1/state_event.ts";
import type { TrainingJob } from "../protocol/generated/tinct/v1/training_job.ts";
import type { TrainingProgress } from "../protocol/generated/tinct/v1/training_progress.ts";
import type { Validation } from "../protocol/generated/tinct/v1/validation.ts";
import { timestampOf } from "../protocol/times.ts";
import { configMessage } from "../protocol/training_options.ts";
import type { ClientWords } from "../calls/client_words.ts";
import { grpcCodeOf } from "../protocol/error_codes.ts";

/** What is known of a job beside its row in the store. */
interface JobNews {
  readonly progress: TrainingProgress | null;
  readonly losses: Losses | null;
  readonly validation: Validation | null;
}

/** The message of a job. */
export function jobMessage(job: Job, news: JobNews, words: ClientWords): TrainingJob {
  const { origin, failure } = job;
  return {
    jobId: job.id,
    displayName: job.displayName,
    labels: { ...job.labels },
    state: jobStateName(job.state),
    dataset: job.dataset,
    config: configOf(job),
    ...(origin?.mode === "resume" && { resumeFrom: originMessage(origin) }),
    ...(origin?.mode === "start" && { startFrom: originMessage(origin) }),
    createTime: timestampOf(job.createdAtMs),
    startTime: job.startedAtMs === undefined ? null : timestampOf(job.startedAtMs),
    endTime: job.finishedAtMs === undefined ? null : timestampOf(job.finishedAtMs),
    updateTime: timestampOf(job.updatedAtMs),
    queuePosition: job.queuePlace ?? 0,
    device: job.slot ?? "",
    attempt: job.attempt,
    lostWorkers: job.lostWorkers,
    progress: progressOf(job, news),
    latestLosses: news.losses,
    latestValidation: news.validation,
    failure: failureMessage(failure, words),
    latestSequence: job.lastSequence,
  };
}

/** The configuration of a job, whole. */
export function configOf({ config }: Pick<Job, "config">): ReturnType<typeof configMessage> {
  // The store holds what `parseTrainingConfig` gave: numbers, words and switches.
  return configMessage(config as Record<string, string | number | boolean>);
}

/** "JOB_STATE_QUEUED" of "QUEUED". */
function jobStateName(state: JobState): JobStateName & string {
  return `JOB_STATE_${state}`;
}

/** The newest that the events of a job tell. */
export async function newsOf(events: EventStore, jobId: string): Promise<JobNews> {
  const [heartbeat, losses, validation] = await Promise.all([
    events.newest(jobId, "heartbeat"),
    events.newest(jobId, "losses"),
    events.newest(jobId, "validation"),
  ]);
  return {
    progress: heartbeat?.payload.progress ?? null,
    losses: losses?.payload ?? null,
    validation: validation?.payload ?? null,
  };
}

/** The message of a checkpoint. */
export function checkpointMessage(
  checkpoint: Checkpoint,
  validation: Validation | null,
): CheckpointMessage {
  const { jobId, step, epoch, sizeBytes, best, createdAtMs } = checkpoint;
  return { jobId, step, epoch, sizeBytes, best, createTime: timestampOf(createdAtMs), validation };
}

/** The message of a change of state. */
export function stateMessage(
  { from, to, trigger, failure, details }: StatePayload,
  words: ClientWords,
): StateEvent {
  // The supervisor's.
  const { message, exitCode, signal, step }: StateDetails = details ?? {};
  return {
    from: from === "(new)" ? "JOB_STATE_UNSPECIFIED" : jobStateName(from),
    to: jobStateName(to),
    trigger: `JOB_TRIGGER_${trigger.toUpperCase() as Uppercase<typeof trigger>}`,
    message: words.of(message ?? failure?.message ?? ""),
    failure: failureMessage(failure, words),
    ...(exitCode !== undefined && { exitCode }),
    signal: signal ?? "",
    ...(step !== undefined && { step }),
  };
}

/** A job that holds no device does nothing now: only how far it has come is left of its progress. */
function progressOf({ state }: Job, { progress }: JobNews): TrainingProgress | null {
  if (progress === null || holdsSlot(state)) return progress;
  const { timeLeft: _, ...stands } = progress;
  return { ...stands, phase: "TRAINING_PHASE_UNSPECIFIED", photosDone: 0, photosTotal: 0 };
}

function failureMessage(failure: JobFailure | undefined, words: ClientWords) {
  if (failure === undefined) return null;
  return { code: grpcCodeOf(failure.code), message: words.of(failure.message) };
}

function originMessage({ jobId, step }: JobOrigin): CheckpointReference {
  return step === undefined ? { jobId, choice: "CHECKPOINT_CHOICE_NEWEST" } : { jobId, step };
}
