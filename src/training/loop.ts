import { photosPerStep } from "../config/photos_per_step.ts";
import { performance } from "node:perf_hooks";
import type { CheckpointStore } from "../checkpoints/checkpoint_store.ts";
import type { OptionNaming } from "../config/option.ts";
import type { TrainingConfig } from "../config/training.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { batches, type DataCursor } from "../prepared/batches.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import { splitSet } from "../prepared/split_set.ts";
import type { ReplicaLeader } from "../replicas/leader.ts";
import { BestMeasure } from "../runs/best_measure.ts";
import { bestMetricOf } from "../runs/best_metric.ts";
import { restoreGan } from "./checkpointing.ts";
import { CompiledStep, type Losses } from "./compiled_step.ts";
import type { TrainingListener, TrainingOutcome } from "./events.ts";
import { FollowUps } from "./follow_ups.ts";
import { Gan } from "./gan.ts";
import { Health, HealthHalt, type Recovery } from "./health/health.ts";
import { nextRecovery, openLastGood } from "./health/rollback.ts";
import { healthEntry, healthEvent, rollbackEntry } from "./health/tell_health.ts";
import { LearningRates } from "./learning_rates.ts";
import { LossMeters } from "./meters.ts";
import { nonFinite } from "./non_finite.ts";
import { explainOutOfMemory } from "./out_of_memory.ts";
import { Pace } from "./pace.ts";
import { LeadingReplica } from "./replicas.ts";
import { runLength } from "./run_length.ts";
import { RunLog } from "../runs/run_log.ts";
import { restoreParts, type RunParts, saveParts } from "../runs/run_part.ts";
import { memoryOf } from "./resources/step_memory.ts";
import { keepTrainedPhotos, knowTrainedPhotos } from "../runs/trained_photos.ts";
import { decodeRunState, type SavedRunState } from "../runs/run_state.ts";
import { lossNames } from "./step.ts";

/** Everything that a run of the loop works with; all of it stays the caller's. */
interface TrainingInputs {
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
  /** The other replicas, all of them ready, where this process is the first of several. */
  readonly leader?: ReplicaLeader | undefined;
  /** What the reader of an error calls an option; its own name when left out. */
  readonly nameOf?: OptionNaming | undefined;
}

/**
 * Trains until the steps, the minutes or the caller's patience are used up: batches in, steps, and
 * every now and then metrics, a validation, a sample sheet, a checkpoint. Where the run's health asks
 * for it, goes back to a checkpoint and on from there with lower learning rates.
 *
 * @throws TinctError `failed_precondition` when a loss or weight is no longer finite (it names the
 *   last good checkpoint) or the run was rolled back too often, `invalid_argument` when there are
 *   fewer photos than a batch takes, and what reading photos and writing checkpoints throw.
 */
export async function train(inputs: TrainingInputs): Promise<TrainingOutcome> {
  const { store, config } = inputs;
  const { set, isKnown } = await recognize(inputs);
  const known = { ...inputs, set };
  const progress: Progress = { stepsTaken: 0, totalSteps: 0, deadlineMs: undefined };
  let back: Rollback | undefined;
  while (true) {
    try {
      const end = await runSession(known, back, progress, isKnown);
      return { ...end, stepsTaken: progress.stepsTaken };
    } catch (error) {
      if (!(error instanceof HealthHalt)) {
        const { engine, nameOf = (option) => option } = inputs;
        throw explainOutOfMemory(error, config, () => memoryOf(engine), nameOf);
      }
      const { step, finding } = error;
      if (error.action === "pause") {
        const { path, step } = await store.latest() ?? {};
        if (path === undefined || step === undefined) {
          throw await nonFinite(finding.what, error.step, store);
        }
        const { stepsTaken, totalSteps } = progress;
        const rest = { validation: undefined, finding, totalSteps, stepsTaken };
        return { reason: "paused", step, checkpoint: path, ...rest };
      }
      // Where nothing was saved since the last rollback, what it went back to is not good either.
      const { step: newest } = await store.latest() ?? {};
      const { rollbacks, wentBackTo } = error.recovery;
      const isStuck = rollbacks > 0 && newest === wentBackTo;
      const before = isStuck ? Math.min(finding.since, wentBackTo) : finding.since;
      back = { step, finding, before, recovery: nextRecovery(error, config) };
    }
  }
}

/** Where a session begins that an unhealthy one led to. */
interface Rollback extends Pick<HealthHalt, "step" | "finding"> {
  /** A checkpoint of an earlier step is taken for good. */
  readonly before: number;
  readonly recovery: Omit<Recovery, "wentBackTo">;
}

/** How far all sessions of a training have come; each keeps it up to date. */
interface Progress {
  stepsTaken: number;
  /** How many steps the run is to have. */
  totalSteps: number;
  /** When the minutes are over; they begin with the first session's first step. */
  deadlineMs: number | undefined;
}

/** Trains to the end, or until the run's health throws a `HealthHalt`. */
async function runSession(
  inputs: TrainingInputs,
  back: Rollback | undefined,
  progress: Progress,
  arePhotosKept: boolean,
): Promise<Omit<TrainingOutcome, "stepsTaken">> {
  const { engine, set, store, config, onEvent, leader } = inputs;
  const signal = leader ? AbortSignal.any([inputs.signal, leader.signal]) : inputs.signal;
  const batchSize = photosPerStep(config, leader?.size); // of all replicas
  const split = splitSet(set.ids, config);

  using gan = new Gan(engine, config);
  const origin = await restoreState(inputs, back, gan);
  const saved = origin?.state;
  if (!arePhotosKept && back === undefined) await keepTrainedPhotos(store.runFolder, set);
  const firstStep = (saved?.step ?? 0) + 1;
  let at = firstStep - 1;
  let cursor: DataCursor = saved?.cursor ?? { epoch: 0, offset: 0 };
  const pending = saved?.pending ?? false;
  const length = runLength(config, { photos: split.train.length, batchSize, step: at, cursor });
  const totalSteps = progress.totalSteps = length.totalSteps;
  const meters = new LossMeters();
  const best = new BestMeasure(bestMetricOf(config).direction);
  const rates = new LearningRates(config, length);
  const health = new Health(config, async (step, finding, action) => {
    // The line of a rollback is written where the run goes on.
    if (action !== "rollback") await log.append(healthEntry(step, finding, action));
    onEvent(healthEvent(step, finding, action));
  });
  const parts: RunParts = { meters, best, rates, health };
  if (saved) restoreParts(parts, saved.parts);
  if (back) health.recover({ ...back.recovery, wentBackTo: at });

  using replicas = leader && new LeadingReplica(gan, leader);
  using step = new CompiledStep(gan, config, replicas?.collectives);
  const { seed } = config;
  const reading = { batchSize, seed, start: cursor, share: replicas?.share };
  await using stream = batches(set, split.train, reading);
  await using log = await RunLog.open(
    store.runFolder,
    config,
    { afterStep: at, pending },
    (message) => onEvent({ kind: "notice", step: at, message }),
  );
  await using followUps = new FollowUps({
    gan,
    set,
    split,
    store,
    config,
    log,
    best,
    rates,
    health,
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
  const deadlineMs = progress.deadlineMs ??= config.maxMinutes > 0
    ? performance.now() + config.maxMinutes * 60_000
    : Infinity;
  const limits = () => {
    if (signal.aborted) return "interrupted";
    if (health.pause) return "paused";
    if (config.earlyStop > 0 && best.validationsSince >= config.earlyStop) return "early_stop";
    return performance.now() > deadlineMs ? "limit" : undefined;
  };

  if (back) {
    await log.append(rollbackEntry(at, back.finding, back.step, health.recovery));
    await followUps.checkpoint(at, origin?.metric);
  }
  await replicas?.shareState(cursor);
  if (pending && at < totalSteps) await followUps.after(at, { isLast: false });
  let reason: TrainingOutcome["reason"] | undefined;
  while (at < totalSteps && (reason = limits()) === undefined) {
    pace.resume();
    const { value: batch, done } = await stream.next();
    if (done) break;
    const current = health.lowered(rates.at(++at));
    const losses = replicas
      ? await replicas.run(step, batch.pixels, at, current)
      : await step.run(batch.pixels, at, current);
    progress.stepsTaken++;
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
    await health.step(at, losses);
    await followUps.after(at, { isLast: false });
  }
  reason ??= "completed";
  if (reason !== "interrupted" && reason !== "paused" && (at >= firstStep || followUps.pending)) {
    await followUps.after(at, { isLast: true });
    if (followUps.pending) reason = "interrupted";
  }
  const { saved: last } = followUps;
  if (last?.step !== at || last.pending !== followUps.pending) await followUps.checkpoint(at);
  await followUps.settled();
  const { path: checkpoint = "" } = await store.latest() ?? {};
  const { validation } = followUps;
  const finding = reason === "paused" ? health.pause : undefined;
  return { reason, finding, step: at, totalSteps, checkpoint, validation };
}

/** Names the losses that are no finite numbers; empty where all are. */
function describeNonFinite(losses: Losses): string {
  return lossNames.filter((name) => name in losses && !Number.isFinite(losses[name]))
    .map((name) => `${name} is ${losses[name]}`).join(", ");
}

/** The photos as the run began with them, and whether the run's folder says which they are. */
async function recognize(
  { set, store, resume, leader, onEvent, nameOf = (option) => option }: TrainingInputs,
): Promise<{ readonly set: PreparedSet; readonly isKnown: boolean }> {
  if (!resume) return { set, isKnown: false };
  const options = {
    nameOf,
    mayReorder: leader === undefined,
    onLeftOut: (message: string) => onEvent({ kind: "notice", step: 0, message }),
  };
  const known = await knowTrainedPhotos(store.runFolder, set, options);
  return { set: known ?? set, isKnown: known !== undefined };
}

/** Puts the state of the checkpoint that a session begins with into the networks. */
async function restoreState(
  { store, set, resume, nameOf = (option) => option }: TrainingInputs,
  back: Rollback | undefined,
  gan: Gan,
): Promise<{ readonly state: SavedRunState; readonly metric: number | undefined } | undefined> {
  if (!back && !resume) return undefined;
  await using checkpoint = back
    ? await openLastGood(store, back.before)
    : await store.loadLatestGood();
  if (checkpoint === undefined) return undefined;
  const { state: json, path, metric } = checkpoint.info;
  const state = decodeRunState(json, path);
  if (state.dataKey !== set.key) {
    throw new TinctError(
      "failed_precondition",
      "The photos are not those that this run was trained on: some were added, removed or changed. " +
        `Put them back, or start a new run with this one's weights (${nameOf("startFrom")}).`,
    );
  }
  await restoreGan(gan, checkpoint);
  return { state, metric: metric?.value };
}
