import { performance } from "node:perf_hooks";
import type { CheckpointStore } from "../checkpoints/checkpoint_store.ts";
import type { OptionNaming } from "../config/option.ts";
import { photosPerStep } from "../config/photos_per_step.ts";
import type { TrainingConfig } from "../config/training.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { type Batch, batches, type DataCursor } from "../prepared/batches.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import { splitSet } from "../prepared/split_set.ts";
import type { ReplicaLeader } from "../replicas/leader.ts";
import { BestMeasure } from "../runs/best_measure.ts";
import { bestMetricOf } from "../runs/best_metric.ts";
import { RunLog } from "../runs/run_log.ts";
import { restoreParts, saveParts } from "../runs/run_part.ts";
import { decodeRunState, type SavedRunState } from "../runs/run_state.ts";
import { keepTrainedPhotos } from "../runs/trained_photos.ts";
import { restoreGan } from "./checkpointing.ts";
import { CompiledStep, type Losses } from "./compiled_step.ts";
import type { TrainingListener, TrainingOutcome } from "./events.ts";
import { FollowUps } from "./follow_ups.ts";
import { Gan } from "./gan.ts";
import { Health, type HealthHalt, type Recovery } from "./health/health.ts";
import { openLastGood } from "./health/rollback.ts";
import { healthEntry, healthEvent, rollbackEntry } from "./health/tell_health.ts";
import { LearningRates } from "./learning_rates.ts";
import { LossMeters } from "./meters.ts";
import { Pace } from "./pace.ts";
import { type PerceptualNetwork, PerceptualRecord } from "./perceptual.ts";
import { LeadingReplica } from "./replicas.ts";
import { runLength } from "./run_length.ts";
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
  /** The other replicas, all of them ready, where this process is the first of several. */
  readonly leader?: ReplicaLeader | undefined;
  /** What the perceptual loss sees with, where `lambdaPerceptual` is not 0. */
  readonly perceptual?: PerceptualNetwork | undefined;
  /** What the reader of an error calls an option; its own name when left out. */
  readonly nameOf?: OptionNaming | undefined;
}

/** Where a session begins that an unhealthy one led to. */
export interface Rollback extends Pick<HealthHalt, "step" | "finding"> {
  /** A checkpoint of an earlier step is taken for good. */
  readonly before: number;
  readonly recovery: Omit<Recovery, "wentBackTo">;
}

/** How far all sessions of a training have come; each keeps it up to date. */
export interface Progress {
  stepsTaken: number;
  /** How many steps the run is to have. */
  totalSteps: number;
  /** When the minutes are over; they begin with the first session's first step. */
  deadlineMs: number | undefined;
}

/** How a session begins. */
interface Beginning {
  readonly inputs: TrainingInputs;
  /** Where an unhealthy session led to it. */
  readonly back: Rollback | undefined;
  readonly progress: Progress;
  /** Whether the run's folder says which photos it is trained on. */
  readonly arePhotosKept: boolean;
}

/** Where a session stands: the steps done, and the data to read next. */
interface Place {
  step: number;
  cursor: DataCursor;
}

type Tools = Awaited<ReturnType<typeof prepare>>;

type SessionEnd = Omit<TrainingOutcome, "stepsTaken">;

/**
 * A training without its rollbacks: from the beginning, or a checkpoint, to the end, or until the
 * run's health throws a `HealthHalt`.
 */
export class Session implements AsyncDisposable {
  readonly #beginning: Beginning;
  readonly #tools: Tools;
  readonly #owned: AsyncDisposableStack;
  /** When the run's minutes are over. */
  readonly #deadlineMs: number;
  readonly #firstStep: number;

  private constructor(beginning: Beginning, tools: Tools, owned: AsyncDisposableStack) {
    this.#beginning = beginning;
    this.#tools = tools;
    this.#owned = owned;
    this.#firstStep = tools.place.step + 1;
    const { inputs: { config }, progress } = beginning;
    this.#deadlineMs = progress.deadlineMs ??= config.maxMinutes > 0
      ? performance.now() + config.maxMinutes * 60_000
      : Infinity;
  }

  /** Makes the networks, with a checkpoint's state where there is one, and all that goes with them. */
  static async open(beginning: Beginning): Promise<Session> {
    await using owned = new AsyncDisposableStack();
    const tools = await prepare(beginning, owned);
    return new Session(beginning, tools, owned.move());
  }

  /** Trains to the end. */
  async run(): Promise<SessionEnd> {
    const { place, stream } = this.#tools;
    const { totalSteps } = this.#beginning.progress;
    await this.#begin();
    let reason: TrainingOutcome["reason"] | undefined;
    while (place.step < totalSteps && (reason = this.#limit()) === undefined) {
      this.#tools.pace.resume();
      const { value: batch, done } = await stream.next();
      if (done) break;
      await this.#step(batch);
    }
    return await this.#end(reason ?? "completed");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }

  /** Does what comes before the first step: what was left over, and what a rollback is told by. */
  async #begin(): Promise<void> {
    const { place, log, health, followUps, origin, replicas, pending } = this.#tools;
    const { back, progress } = this.#beginning;
    if (back) {
      await log.append(rollbackEntry(place.step, back.finding, back.step, health.recovery));
      await followUps.checkpoint(place.step, origin?.metric);
    }
    await replicas?.shareState(place.cursor);
    if (pending && place.step < progress.totalSteps) {
      await followUps.after(place.step, { isLast: false });
    }
  }

  /** Why no further step is taken; undefined while one is. */
  #limit(): TrainingOutcome["reason"] | undefined {
    const { health, best, signal } = this.#tools;
    const { earlyStop } = this.#beginning.inputs.config;
    if (signal.aborted) return "interrupted";
    if (health.pause) return "paused";
    if (earlyStop > 0 && best.validationsSince >= earlyStop) return "early_stop";
    return performance.now() > this.#deadlineMs ? "limit" : undefined;
  }

  /** Takes a step, tells of it, and does what is due after it. */
  async #step(batch: Batch): Promise<void> {
    const { place, rates, health, replicas, step, followUps, meters, log } = this.#tools;
    const { inputs: { config, onEvent }, progress } = this.#beginning;
    const at = ++place.step;
    const current = health.lowered(rates.at(at));
    const losses = replicas
      ? await replicas.run(step, batch.pixels, at, current)
      : await step.run(batch.pixels, at, current);
    progress.stepsTaken++;
    const bad = describeNonFinite(losses);
    if (bad !== "") await followUps.stop(bad, at);
    place.cursor = batch.next;
    meters.add(losses);
    const { epoch } = batch;
    const { imagesPerSecond, secondsLeft } = this.#pace();
    const told = { ...current, imagesPerSecond };
    const { totalSteps } = progress;
    onEvent({ kind: "step", step: at, epoch, totalSteps, losses, ...told, secondsLeft });
    if (at % config.logEvery === 0) {
      await log.append({ step: at, kind: "losses", epoch, ...meters.means(), ...told });
      meters.reset();
    }
    await health.step(at, losses);
    await followUps.after(at, { isLast: false });
  }

  /** How fast training goes after a step, and how long it takes yet. */
  #pace(): { readonly imagesPerSecond: number; readonly secondsLeft: number } {
    const { pace, place } = this.#tools;
    const marked = pace.mark(this.#beginning.progress.totalSteps - place.step);
    const secondsToLimit = Math.max(0, this.#deadlineMs - performance.now()) / 1000;
    return { ...marked, secondsLeft: Math.min(marked.secondsLeft, secondsToLimit) };
  }

  /** Does what is due at the end, the last checkpoint above all. */
  async #end(limit: TrainingOutcome["reason"]): Promise<SessionEnd> {
    const { place: { step }, followUps, health } = this.#tools;
    const { inputs: { store }, progress: { totalSteps } } = this.#beginning;
    const isStopped = limit === "interrupted" || limit === "paused";
    let reason = limit;
    if (!isStopped && (step >= this.#firstStep || followUps.pending)) {
      await followUps.after(step, { isLast: true });
      if (followUps.pending) reason = "interrupted";
    }
    const { saved: last } = followUps;
    if (last?.step !== step || last.pending !== followUps.pending) await followUps.checkpoint(step);
    await followUps.settled();
    const { path: checkpoint = "" } = await store.latest() ?? {};
    const { validation } = followUps;
    const finding = reason === "paused" ? health.pause : undefined;
    return { reason, finding, step, totalSteps, checkpoint, validation };
  }
}

/**
 * Makes everything that a session works with.
 *
 * @param owned disposes of it.
 */
async function prepare(
  { inputs, back, progress, arePhotosKept }: Beginning,
  owned: AsyncDisposableStack,
) {
  const { engine, set, store, config, onEvent, leader } = inputs;
  const signal = leader ? AbortSignal.any([inputs.signal, leader.signal]) : inputs.signal;
  const batchSize = photosPerStep(config, leader?.size); // of all replicas
  const split = splitSet(set.ids, config);

  const gan = owned.use(new Gan(engine, config, inputs.perceptual));
  const origin = await restoreState(inputs, back, gan);
  if (gan.frozenEncoder && origin === undefined) throw unseeing(inputs);
  const saved = origin?.state;
  if (!arePhotosKept && back === undefined) await keepTrainedPhotos(store.runFolder, set);
  const place: Place = { step: saved?.step ?? 0, cursor: saved?.cursor ?? { epoch: 0, offset: 0 } };
  const pending = saved?.pending ?? false;
  const length = runLength(config, { photos: split.train.length, batchSize, ...place });
  progress.totalSteps = length.totalSteps;
  const meters = new LossMeters();
  const best = new BestMeasure(bestMetricOf(config).direction);
  const rates = new LearningRates(config, length);
  const health = new Health(config, async (step, finding, action) => {
    // The line of a rollback is written where the run goes on.
    if (action !== "rollback") await log.append(healthEntry(step, finding, action));
    onEvent(healthEvent(step, finding, action));
  });
  const seen = inputs.perceptual?.sha256;
  const perceptual = seen === undefined ? {} : { perceptual: new PerceptualRecord(seen) };
  const parts = { meters, best, rates, health, ...perceptual };
  if (saved) restoreParts(parts, saved.parts);
  if (back) health.recover({ ...back.recovery, wentBackTo: place.step });

  const replicas = owned.use(leader && new LeadingReplica(gan, leader));
  const step = owned.use(new CompiledStep(gan, config, replicas?.collectives));
  const { seed } = config;
  const reading = { batchSize, seed, start: place.cursor, share: replicas?.share };
  const stream = owned.use(batches(set, split.train, reading));
  const log = owned.use(
    await RunLog.open(
      store.runFolder,
      config,
      { afterStep: place.step, pending },
      (message) => onEvent({ kind: "notice", step: place.step, message }),
    ),
  );
  const stateAt = (step: number, pending: boolean) => ({
    config,
    step,
    cursor: place.cursor,
    dataKey: set.key,
    pending,
    parts: saveParts(parts),
  });
  const given = { gan, set, split, store, config, log, best, rates, health };
  const followUps = owned.use(
    new FollowUps({ ...given, signal, onEvent, pending, stateAt }, saved),
  );
  const pace = new Pace(batchSize, () => performance.now());
  return {
    ...{ origin, place, pending, signal, meters, best, rates, health },
    ...{ replicas, step, stream, log, followUps, pace },
  };
}

/** A copy of an encoder that was drawn would compare what it has never learned to see. */
function unseeing({ nameOf = (option) => option }: TrainingInputs): TinctError {
  return new TinctError(
    "invalid_argument",
    `${nameOf("perceptual")} encoder needs an encoder that was trained before: give ` +
      `${nameOf("encoderWeights")}. One whose weights are drawn has learned to see nothing.`,
  );
}

/** Names the losses that are no finite numbers; empty where all are. */
function describeNonFinite(losses: Losses): string {
  return lossNames.filter((name) => name in losses && !Number.isFinite(losses[name]))
    .map((name) => `${name} is ${losses[name]}`).join(", ");
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
