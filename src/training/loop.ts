import { performance } from "node:perf_hooks";
import type { CheckpointStore } from "../checkpoints/checkpoint_store.ts";
import type { TrainingConfig } from "../config/training.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { batches, type DataCursor } from "../images/batches.ts";
import type { PreparedSet } from "../images/prepared_set.ts";
import { shuffled } from "../images/shuffle.ts";
import { splitSet } from "../images/split_set.ts";
import { restoreGan } from "./checkpointing.ts";
import { CheckpointWriter } from "./checkpoint_writer.ts";
import { CompiledStep } from "./compiled_step.ts";
import { Evaluator } from "./evaluator.ts";
import type { TrainingListener, TrainingOutcome, Validation } from "./events.ts";
import { Gan } from "./gan.ts";
import { LossMeters } from "./meters.ts";
import { MetricsLog } from "./metrics_log.ts";
import { nonFinite } from "./non_finite.ts";
import { Pace } from "./pace.ts";
import { decodeRunState, type RunState } from "./run_state.ts";
import { writeSampleSheet } from "./samples.ts";
import { lossNames } from "./step.ts";

/** Everything that a run of the loop works with; all of it stays the caller's. */
export interface TrainingInputs {
  readonly engine: Engine;
  /** The photos, prepared at the configuration's size. */
  readonly set: PreparedSet;
  /** The run's checkpoints; with the metric `psnr`, higher. */
  readonly store: CheckpointStore;
  readonly config: TrainingConfig;
  /** Go on from the newest good checkpoint. */
  readonly resume: boolean;
  /** Stops after the current step, with a checkpoint. */
  readonly signal: AbortSignal;
  readonly onEvent: TrainingListener;
}

/**
 * Trains until the steps, the minutes or the caller's patience are used up: batches in, steps, and
 * every now and then metrics, a validation, a sample sheet, a checkpoint.
 *
 * @throws TinctError `failed_precondition` when a loss or weight is no longer finite (it names the
 *   last good checkpoint), `invalid_argument` when there are fewer photos than a batch takes, and
 *   what reading photos and writing checkpoints throw.
 */
export async function train(inputs: TrainingInputs): Promise<TrainingOutcome> {
  const { engine, set, store, config, signal, onEvent } = inputs;
  const split = splitSet(set.ids, config);
  const stepsPerEpoch = Math.floor(split.train.length / config.batchSize);
  const totalSteps = Math.min(config.maxSteps || Infinity, config.epochs * stepsPerEpoch);
  const judged = chooseJudged(split.validation, config);

  using gan = new Gan(engine, config);
  const meters = new LossMeters();
  let state = inputs.resume ? await resume(gan, store, set, meters) : undefined;
  const firstStep = (state?.step ?? 0) + 1;
  let cursor: DataCursor = state?.cursor ?? { epoch: 0, offset: 0 };
  let bestPsnr = state?.bestPsnr ?? null;
  let pending = state?.pending ?? false;
  let validation: Validation | undefined;
  let validatedStep = 0;
  let sampledStep = 0;

  using step = new CompiledStep(gan, config);
  using evaluator = new Evaluator(gan, set, config.precision);
  await using stream = batches(set, split.train, {
    batchSize: config.batchSize,
    seed: config.seed,
    start: cursor,
  });
  await using log = await MetricsLog.open(store.runFolder, { afterStep: firstStep - 1, pending });
  await using checkpoints = new CheckpointWriter(gan, store, onEvent);
  const pace = new Pace(config.batchSize, () => performance.now());
  const deadlineMs = config.maxMinutes > 0
    ? performance.now() + config.maxMinutes * 60_000
    : Infinity;

  async function stop(nonFiniteWhat: string, at: number): Promise<never> {
    await checkpoints.settled();
    throw await nonFinite(nonFiniteWhat, at, store);
  }

  async function validate(at: number): Promise<void> {
    if (judged.length === 0 || validatedStep === at) return;
    const made = await evaluator.validate(judged, signal);
    if (!Number.isFinite(made.psnr) || !Number.isFinite(made.abError)) {
      await stop(`the validation's PSNR is ${made.psnr}`, at);
    }
    validation = made;
    validatedStep = at;
    const best = bestPsnr === null || made.psnr > bestPsnr;
    if (best) bestPsnr = made.psnr;
    await log.append({ step: at, kind: "validation", ...made });
    onEvent({ kind: "validation", step: at, validation: made, best });
  }

  async function sample(at: number): Promise<void> {
    if (sampledStep === at) return;
    const from = judged.length > 0 ? judged : split.train;
    const chosen = from.subarray(0, config.sampleCount);
    onEvent(await writeSampleSheet(evaluator, chosen, store.runFolder, at));
    sampledStep = at;
  }

  async function checkpoint(at: number): Promise<void> {
    const { key: dataKey } = set;
    state = { config, step: at, cursor, dataKey, meters: meters.save(), bestPsnr, pending };
    await log.sync();
    await checkpoints.start(state, validatedStep === at ? validation?.psnr : undefined);
  }

  /** What is due after a step. An interruption leaves it pending, for the run that is resumed. */
  async function followUp(at: number, { isLast }: { isLast: boolean }): Promise<void> {
    const isDue = (every: number) => every > 0 && (isLast || at % every === 0);
    const isSaved = isDue(config.checkpointEvery) && !isLast; // the last one in any case, by itself
    pending = true;
    if (signal.aborted) return;
    try {
      if (isDue(config.validateEvery) || (isSaved && config.validateEvery > 0)) await validate(at);
    } catch (error) {
      if (error === signal.reason) return;
      throw error;
    }
    if (isDue(config.sampleEvery)) await sample(at);
    pending = false;
    if (isSaved) await checkpoint(at);
  }

  let at = firstStep - 1;
  let reason: TrainingOutcome["reason"] = "completed";
  if (pending && at < totalSteps) await followUp(at, { isLast: false });
  while (at < totalSteps) {
    if (signal.aborted) reason = "interrupted";
    else if (performance.now() > deadlineMs) reason = "limit";
    if (reason !== "completed") break;
    pace.resume();
    const { value: batch, done } = await stream.next();
    if (done) break;
    const losses = await step.run(batch.pixels, ++at);
    const bad = lossNames.filter((name) => !Number.isFinite(losses[name]));
    if (bad.length > 0) {
      await stop(bad.map((name) => `${name} is ${losses[name]}`).join(", "), at);
    }
    cursor = batch.next;
    meters.add(losses);
    const { imagesPerSecond, secondsLeft } = pace.mark(totalSteps - at);
    const { lrG, lrD } = config;
    const { epoch } = batch;
    onEvent({
      kind: "step",
      step: at,
      epoch,
      totalSteps,
      losses,
      lrG,
      lrD,
      imagesPerSecond,
      secondsLeft: Math.min(secondsLeft, Math.max(0, deadlineMs - performance.now()) / 1000),
    });
    if (at % config.logEvery === 0) {
      const means = meters.means();
      meters.reset();
      await log.append({ step: at, kind: "losses", epoch, ...means, lrG, lrD, imagesPerSecond });
    }
    await followUp(at, { isLast: false });
  }
  if (reason !== "interrupted" && (at >= firstStep || pending)) {
    await followUp(at, { isLast: true });
    if (pending) reason = "interrupted";
  }
  if (state?.step !== at || state.pending !== pending) await checkpoint(at);
  await checkpoints.settled();
  const { path: newest = "" } = await store.latest() ?? {};
  const stepsTaken = at - firstStep + 1;
  return { reason, step: at, totalSteps, stepsTaken, checkpoint: newest, validation };
}

/** The validation photos that are measured and shown: the same ones for the whole run. */
function chooseJudged(validation: Uint32Array, config: TrainingConfig): Uint32Array {
  return shuffled(validation, config.seed, 0).subarray(0, config.validationPhotos);
}

async function resume(
  gan: Gan,
  store: CheckpointStore,
  set: PreparedSet,
  meters: LossMeters,
): Promise<RunState> {
  await using checkpoint = await store.loadLatestGood();
  const state = decodeRunState(checkpoint.info.state, checkpoint.info.path);
  if (state.dataKey !== set.key) {
    throw new TinctError(
      "failed_precondition",
      `The photos are not those that the run in ${store.runFolder} was trained on: some were ` +
        "added, removed or changed. Put them back, or start a new run.",
    );
  }
  await restoreGan(gan, checkpoint);
  meters.restore(state.meters);
  return state;
}
