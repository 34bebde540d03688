import { runFolder } from "../files/data_folder.ts";
import { pinCheckpoint, unpinCheckpoint } from "../checkpoints/pins.ts";
import { readOptions } from "../config/option.ts";
import { networkShapes } from "../config/option_facts.ts";
import { resumeViolations } from "../config/resumed_options.ts";
import {
  completeTrainingOptions,
  parseTrainingConfig,
  type TrainingConfig,
  trainingOptions,
  trainingViolations,
} from "../config/training.ts";
import { type FieldViolation, TinctError } from "../errors.ts";
import type { Job, JobOrigin } from "../jobs/job.ts";
import { findCheckpoint } from "../colorizing/model_finder.ts";
import { choiceOf } from "../colorizing/model_reference.ts";
import type { Store } from "../jobs/store.ts";
import { requestHash } from "../jobs/json.ts";
import { newJobId } from "../jobs/names.ts";
import type { CheckpointReference__Output } from "../protocol/generated/tinct/v1/checkpoint_reference.ts";
import type { TrainRequest__Output } from "../protocol/generated/tinct/v1/train_request.ts";
import { configViolations, fieldName, givenOptions } from "../protocol/training_options.ts";
import type { ServerContext } from "./context.ts";
import { Violations } from "../calls/fields.ts";
import { requireRoom } from "./free_room.ts";
import { photoNeeds } from "../datasets/usable_photos.ts";
import { dropHeldWeights, holdWeights } from "../weights/held_weights.ts";
import { findWeights, findWeightsFaults, type WeightsToHold } from "./find_weights.ts";

/** The part of a request that says what is to be trained. */
export type TrainingWish = Pick<
  TrainRequest__Output,
  | "dataset"
  | "config"
  | "resumeFrom"
  | "startFrom"
  | "origin"
  | "encoderWeights"
  | "perceptualWeights"
  | "generatorWeights"
>;

/** A wish that was checked and completed. */
interface CheckedWish {
  readonly dataset: string;
  readonly config: TrainingConfig;
  readonly origin: JobOrigin | undefined;
  readonly weights: readonly WeightsToHold[];
}

/** In sentences options are called as in the protos. */
const named = { nameOf: fieldName };

/**
 * Queues a job.
 *
 * @param signal of the call: once nobody waits for the answer, nothing is queued.
 * @returns the job, and whether a request before had made it.
 */
export async function submitJob(
  context: ServerContext,
  request: TrainRequest__Output,
  signal?: AbortSignal,
): Promise<{ job: Job; repeated: boolean }> {
  const { store, settings, supervisor } = context;
  const repeatable = request.requestId === ""
    ? undefined
    : { id: request.requestId, hash: hashOf(request) };
  // The store would find it when the job is created, but only after checks that may fail by now.
  const known = repeatable && await store.jobs.findRequested(repeatable);
  if (known) return { job: known, repeated: true };
  const id = newJobId();
  const violations = new Violations();
  await findWishFaults(context, request, violations);
  violations.refuse();
  const { dataset, config, origin, weights } = await checkWish(context, request);
  await requireRoom(context);
  if (dataset !== "") {
    const needs = photoNeeds(config, settings.replicas);
    await context.usablePhotos.require(dataset, needs, signal);
  }
  signal?.throwIfAborted(); // looking may have taken long
  // From now on the other job's retention leaves the checkpoint alone.
  if (origin?.step !== undefined) await pin(context, origin.jobId, origin.step, id);
  try {
    for (const { role, path } of weights) await holdWeights(context.dataFolder, id, role, path);
    const { job, created } = await store.jobs.create({
      id,
      dataset,
      config: { ...config },
      displayName: request.displayName,
      labels: request.labels,
      origin,
      request: repeatable,
    }, { maxQueued: settings.maxQueuedJobs });
    if (!created) await release(context, origin, id);
    supervisor.wake();
    return { job, repeated: !created };
  } catch (error) {
    await release(context, origin, id);
    throw error;
  }
}

/** Gives up all that was held for a job that was not made. */
async function release(context: ServerContext, origin: JobOrigin | undefined, id: string) {
  await unpin(context, origin, id);
  await dropHeldWeights(context.dataFolder, id);
}

/**
 * Checks what is to be trained and with what.
 *
 * @throws {TinctError} invalid_argument; not_found: no such dataset, job or checkpoint;
 *   failed_precondition: the dataset is not complete, the checkpoint does not fit.
 */
async function checkWish(
  context: ServerContext,
  wish: TrainingWish,
): Promise<CheckedWish> {
  const { store, datasets } = context;
  const options = { ...await resumedOptions(store, wish), ...givenOptions(wish.config) };
  const config = parseTrainingConfig(options, named);
  const found = await findOrigin(context, wish, config);
  const dataset = found?.dataset ?? wish.dataset;
  if (dataset !== "") await datasets.folderOf(dataset);
  const weights = await findWeights(context, wish, config);
  return { dataset, config, origin: found?.origin, weights };
}

/**
 * The checkpoint that a wish begins with, and the dataset that it then trains on; undefined where it
 * begins with fresh weights.
 *
 * @throws {TinctError} not_found: no such job or checkpoint; failed_precondition: it does not fit.
 */
export async function findOrigin(
  { store, dataFolder }: Pick<ServerContext, "store" | "dataFolder">,
  wish: TrainingWish,
  config: TrainingConfig,
): Promise<{ readonly origin: JobOrigin; readonly dataset: string } | undefined> {
  const reference = originOf(wish);
  if (reference === undefined) return undefined;
  const mode = wish.origin === "resumeFrom" ? "resume" : "start";
  const other = await store.jobs.get(reference.jobId);
  const { step } = await findCheckpoint(store, dataFolder, {
    jobId: other.id,
    checkpoint: choiceOf(reference),
  });
  // Of a run that goes on `resumeViolations` has told, with all that must stay.
  if (mode === "start") refuseMisfits(other, config);
  const dataset = wish.dataset === "" && mode === "resume" ? other.dataset : wish.dataset;
  return { origin: { mode, jobId: other.id, step }, dataset };
}

function refuseMisfits(other: Job, config: TrainingConfig): void {
  const violations = networkShapes.filter((name) => other.config[name] !== config[name])
    .map((name) => ({
      field: `config.${name}`,
      description: `is ${config[name]}, and the checkpoint of job ${other.id} has ` +
        `${other.config[name]}: give the same value`,
    }));
  if (violations.length === 0) return;
  const list = violations.map(({ field, description }) => `${fieldName(field)} ${description}`);
  throw new TinctError(
    "failed_precondition",
    `The checkpoint does not match: ${list.join("; ")}.`,
    {
      kind: "NETWORK_SHAPE",
      violations,
    },
  );
}

/**
 * What is wrong with the options alone, under the configuration's names.
 *
 * @param before the options of the job that the wish goes on with; see `resumedOptions`.
 */
export function violationsOf(
  { settings }: Pick<ServerContext, "settings">,
  wish: TrainingWish,
  before: Readonly<Record<string, unknown>>,
): FieldViolation[] {
  const given = givenOptions(wish.config);
  const violations = trainingViolations({ ...before, ...given }, {
    ...named,
    replicas: settings.replicas,
  });
  const wrong = new Set(violations.map(({ field }) => field));
  const fixed = resumeViolations(before, given).filter(({ field }) => !wrong.has(field));
  return [...violations, ...fixed];
}

/** Notes what is wrong with the options of a request, and what it lacks. */
export async function findWishFaults(
  context: ServerContext,
  wish: TrainingWish,
  violations: Violations,
): Promise<void> {
  const isResumed = wish.origin === "resumeFrom";
  if (!isResumed) violations.required(wish.dataset, "dataset");
  // Where it cannot be told what it goes on with, its options cannot be judged.
  if (violations.list.some(({ field }) => field.startsWith("resume_from"))) return;
  const before = await resumedOptions(context.store, wish);
  violations.add(configViolations(violationsOf(context, wish, before)));
  const options = { ...before, ...givenOptions(wish.config) };
  const { values: config } = completeTrainingOptions(options);
  await findWeightsFaults(context, wish, config, violations);
}

/** The options of the job that a wish goes on with, all of them; none where it goes on with none. */
export async function resumedOptions(
  store: Store,
  wish: TrainingWish,
): Promise<Readonly<Record<string, unknown>>> {
  const reference = wish.origin === "resumeFrom" ? originOf(wish) : undefined;
  if (reference === undefined) return {};
  // An older version may have known fewer.
  return readOptions(trainingOptions, (await store.jobs.get(reference.jobId)).config).values;
}

function originOf(wish: TrainingWish): CheckpointReference__Output | undefined {
  return (wish.origin === "resumeFrom" ? wish.resumeFrom : wish.startFrom) ?? undefined;
}

function hashOf(request: TrainRequest__Output): string {
  const { dataset, displayName, labels, resumeFrom, startFrom } = request;
  const { encoderWeights, perceptualWeights, generatorWeights } = request;
  const reference = (given: CheckpointReference__Output | null | undefined) =>
    given ? JSON.stringify(given) : null;
  return requestHash({
    dataset,
    displayName,
    labels,
    config: JSON.stringify(Object.entries(givenOptions(request.config)).sort()),
    resumeFrom: reference(resumeFrom),
    startFrom: reference(startFrom),
    // Requests of before these fields have the hashes that they had.
    ...(encoderWeights !== "" && { encoderWeights }),
    ...(perceptualWeights !== "" && { perceptualWeights }),
    ...(generatorWeights !== "" && { generatorWeights }),
  });
}

async function pin(context: ServerContext, jobId: string, step: number, holder: string) {
  await pinCheckpoint(runFolder(context.dataFolder, jobId), step, holder);
}

/** Gives up what `submitJob` held for a job, also when that job is deleted. */
export async function unpin(
  context: ServerContext,
  origin: JobOrigin | undefined,
  holder: string,
): Promise<void> {
  if (origin?.step === undefined) return;
  await unpinCheckpoint(runFolder(context.dataFolder, origin.jobId), origin.step, holder);
}
