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
import { CompiledStep, type Losses } from "./compiled_step.ts";
import { Evaluator } from "./evaluator.ts";
import type { TrainingListener, TrainingOutcome, Validation } from "./events.ts";
import { Gan } from "./gan.ts";
import { LossMeters } from "./meters.ts";
import { MetricsLog } from "./metrics_log.ts";
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
 * @throws TinctError `failed_precondition` when the losses are no longer finite (it names the last
 *   good checkpoint), `invalid_argument` when there are fewer photos than a batch takes, and what
 *   reading photos and writing checkpoints throw.
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
  let validation: Validation | undefined;
  let validatedStep = 0;

  using step = new CompiledStep(gan, config);
  using evaluator = new Evaluator(gan, set, config.precision);
  await using log = await MetricsLog.open(store.runFolder, firstStep - 1);
  await using checkpoints = new CheckpointWriter(gan, store, onEvent);
  const pace = new Pace(config.batchSize, () => performance.now());
  const deadlineMs = config.maxMinutes > 0
    ? performance.now() + config.maxMinutes * 60_000
    : Infinity;

  async function validate(at: number): Promise<void> {
    if (judged.length === 0 || validatedStep === at) return;
    validation = await evaluator.validate(judged, signal);
    validatedStep = at;
    const best = bestPsnr === null || validation.psnr > bestPsnr;
    if (best) bestPsnr = validation.psnr;
    await log.append({ step: at, kind: "validation", ...validation });
    onEvent({ kind: "validation", step: at, validation, best });
  }

  async function sample(at: number): Promise<void> {
    const from = judged.length > 0 ? judged : split.train;
    const chosen = from.subarray(0, config.sampleCount);
    onEvent(await writeSampleSheet(evaluator, chosen, store.runFolder, at));
  }

  async function checkpoint(at: number): Promise<void> {
    state = { config, step: at, cursor, dataKey: set.key, meters: meters.save(), bestPsnr };
    await checkpoints.start(state, validatedStep === at ? validation?.psnr : undefined);
  }

  const isDue = (every: number, at: number) => every > 0 && at % every === 0;
  let at = firstStep - 1;
  let reason: TrainingOutcome["reason"] = "completed";
  await using stream = batches(set, split.train, {
    batchSize: config.batchSize,
    seed: config.seed,
    start: cursor,
  });
  while (at < totalSteps) {
    if (signal.aborted) reason = "interrupted";
    else if (performance.now() > deadlineMs) reason = "limit";
    if (reason !== "completed") break;
    const { value: batch, done } = await stream.next();
    if (done) break;
    const losses = await step.run(batch.pixels, ++at);
    if (!lossNames.every((name) => Number.isFinite(losses[name]))) {
      throw await nonFinite(losses, at, store);
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
      secondsLeft,
    });
    if (isDue(config.logEvery, at)) {
      const means = meters.means();
      meters.reset();
      await log.append({ step: at, kind: "losses", epoch, ...means, lrG, lrD, imagesPerSecond });
    }
    if (signal.aborted) continue;
    if (isDue(config.validateEvery, at)) await validate(at);
    if (isDue(config.sampleEvery, at)) await sample(at);
    if (isDue(config.checkpointEvery, at)) {
      if (config.validateEvery > 0) await validate(at);
      await checkpoint(at);
    }
    pace.resume();
  }
  if (reason !== "interrupted" && at >= firstStep) {
    if (config.validateEvery > 0) await validate(at);
    if (config.sampleEvery > 0) await sample(at);
  }
  if (state?.step !== at) await checkpoint(at);
  await checkpoints.settled();
  const { path: newest = "" } = await store.latest() ?? {};
  return { reason, step: at, totalSteps, checkpoint: newest, validation };
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

async function nonFinite(
  losses: Losses,
  step: number,
  store: CheckpointStore,
): Promise<TinctError> {
  const bad = lossNames.filter((name) => !Number.isFinite(losses[name]))
    .map((name) => `${name} is ${losses[name]}`).join(", ");
  const good = await store.latest();
  return new TinctError(
    "failed_precondition",
    `Training stopped at step ${step}: ${bad}. ` +
      (good === undefined
        ? "There is no checkpoint yet. Start again with lower learning rates."
        : `The last good checkpoint is ${good.path}; resume from it, or start again with lower ` +
          "learning rates."),
  );
}
