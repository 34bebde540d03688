import { performance } from "node:perf_hooks";
import type { CheckpointStore } from "../checkpoints/checkpoint_store.ts";
import type { TrainingConfig } from "../config/training.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { batches, type DataCursor } from "../images/batches.ts";
import type { PreparedSet } from "../images/prepared_set.ts";
import { splitSet } from "../images/split_set.ts";
import { BestMeasure } from "./best_measure.ts";
import { bestMetricOf } from "./best_metric.ts";
import { restoreGan } from "./checkpointing.ts";
import { CompiledStep, type Losses } from "./compiled_step.ts";
import type { TrainingListener, TrainingOutcome } from "./events.ts";
import { FollowUps } from "./follow_ups.ts";
import { Gan } from "./gan.ts";
import { LearningRates } from "./learning_rates.ts";
import { LossMeters } from "./meters.ts";
import { MetricsLog } from "./metrics_log.ts";
import { Pace } from "./pace.ts";
import { restoreParts, type RunParts, saveParts } from "./run_part.ts";
import { decodeRunState, type SavedRunState } from "./run_state.ts";
import { lossNames } from "./step.ts";

/** Everything that a run of the loop works with; all of it stays the caller's. */
export interface TrainingInputs {
  readonly engine: Engine;
  /** The photos, prepared at the configuration's size. */
  readonly set: PreparedSet;
  /** The run's checkpoints, with the metric of `bestMetricOf`. */
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
  const batchSize = config.batchSize * config.accumulate; // photos a step
  const split = splitSet(set.ids, config);
  const stepsPerEpoch = Math.floor(split.train.length / batchSize);
  const totalSteps = Math.min(config.maxSteps || Infinity, config.epochs * stepsPerEpoch);

  using gan = new Gan(engine, config);
  const meters = new LossMeters();
  const best = new BestMeasure(bestMetricOf(config).direction);
  const rates = new LearningRates(config, { stepsPerEpoch, totalSteps });
  const parts: RunParts = { meters, best, rates };
  const saved = inputs.resume ? await resume(gan, store, set, parts) : undefined;
  const firstStep = (saved?.step ?? 0) + 1;
  let at = firstStep - 1;
  let cursor: DataCursor = saved?.cursor ?? { epoch: 0, offset: 0 };
  const pending = saved?.pending ?? false;

  using step = new CompiledStep(gan, config);
  await using stream = batches(set, split.train, { batchSize, seed: config.seed, start: cursor });
  await using log = await MetricsLog.open(store.runFolder, { afterStep: at, pending });
  await using followUps = new FollowUps({
    gan,
    set,
    split,
    store,
    config,
    log,
    best,
    rates,
    signal,
    onEvent,
    pending,
    stateAt: (step, pending) => ({
      config,
      step,
      cursor,
      dataKey: set.key,
      pending,
      parts: saveParts(parts),
    }),
  }, saved);
  const pace = new Pace(batchSize, () => performance.now());
  const deadlineMs = config.maxMinutes > 0
    ? performance.now() + config.maxMinutes * 60_000
    : Infinity;
  const limits = () => {
    if (signal.aborted) return "interrupted";
    if (config.earlyStop > 0 && best.validationsSince >= config.earlyStop) return "early_stop";
    return performance.now() > deadlineMs ? "limit" : undefined;
  };

  if (pending && at < totalSteps) await followUps.after(at, { isLast: false });
  let reason: TrainingOutcome["reason"] | undefined;
  while (at < totalSteps && (reason = limits()) === undefined) {
    pace.resume();
    const { value: batch, done } = await stream.next();
    if (done) break;
    const current = rates.at(++at);
    const losses = await step.run(batch.pixels, at, current);
    const bad = describeNonFinite(losses);
    if (bad !== "") await followUps.stop(bad, at);
    cursor = batch.next;
    meters.add(losses);
    const { epoch } = batch;
    const { imagesPerSecond, secondsLeft: secondsForSteps } = pace.mark(totalSteps - at);
    const secondsToLimit = Math.max(0, deadlineMs - performance.now()) / 1000;
    const secondsLeft = Math.min(secondsForSteps, secondsToLimit);
    const told = { ...current, imagesPerSecond };
    onEvent({ kind: "step", step: at, epoch, totalSteps, losses, ...told, secondsLeft });
    if (at % config.logEvery === 0) {
      await log.append({ step: at, kind: "losses", epoch, ...meters.means(), ...told });
      meters.reset();
    }
    await followUps.after(at, { isLast: false });
  }
  reason ??= "completed";
  if (reason !== "interrupted" && (at >= firstStep || followUps.pending)) {
    await followUps.after(at, { isLast: true });
    if (followUps.pending) reason = "interrupted";
  }
  const { saved: last } = followUps;
  if (last?.step !== at || last.pending !== followUps.pending) await followUps.checkpoint(at);
  await followUps.settled();
  const { path: checkpoint = "" } = await store.latest() ?? {};
  const { validation } = followUps;
  return { reason, step: at, totalSteps, stepsTaken: at - firstStep + 1, checkpoint, validation };
}

/** Names the losses that are no finite numbers; empty where all are. */
function describeNonFinite(losses: Losses): string {
  return lossNames.filter((name) => name in losses && !Number.isFinite(losses[name]))
    .map((name) => `${name} is ${losses[name]}`).join(", ");
}

async function resume(
  gan: Gan,
  store: CheckpointStore,
  set: PreparedSet,
  parts: RunParts,
): Promise<SavedRunState> {
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
  restoreParts(parts, state.parts);
  return state;
}
