import type { CheckpointStore } from "../checkpoints/checkpoint_store.ts";
import { isDiskFull } from "../files/file_errors.ts";
import type { TrainingConfig } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import { shuffled } from "../prepared/shuffle.ts";
import type { Split } from "../prepared/split_set.ts";
import type { BestMeasure } from "../runs/best_measure.ts";
import { type BestMetric, bestMetricOf } from "../runs/best_metric.ts";
import { CheckpointWriter } from "./checkpoint_writer.ts";
import { Evaluator } from "../validation/evaluator.ts";
import type { TrainingListener } from "./events.ts";
import type { Gan } from "./gan.ts";
import { GanColors, HintedColors, validatedHints } from "./gan_colors.ts";
import type { Health } from "./health/health.ts";
import type { LearningRates } from "./learning_rates.ts";
import type { HintedMeasures, Validation } from "../validation/measures.ts";
import { nonFinite } from "./non_finite.ts";
import type { RunLog } from "../runs/run_log.ts";
import type { RunState } from "../runs/run_state.ts";
import { writeSampleSheet } from "./samples.ts";

/** What follow-ups work with; all of it stays the caller's. */
interface FollowUpInputs {
  readonly gan: Gan;
  readonly set: PreparedSet;
  readonly split: Split;
  readonly store: CheckpointStore;
  readonly config: TrainingConfig;
  readonly log: RunLog;
  readonly best: BestMeasure;
  readonly rates: LearningRates;
  readonly health: Health;
  readonly signal: AbortSignal;
  readonly onEvent: TrainingListener;
  /** Whether those of the last step done were left over when the run was interrupted. */
  readonly pending: boolean;
  /** The state of the run after a step, for a checkpoint. */
  readonly stateAt: (step: number, pending: boolean) => RunState;
}

/** What is due between the steps: validations, sample sheets, checkpoints. */
export class FollowUps implements AsyncDisposable {
  readonly #inputs: FollowUpInputs;
  readonly #colors: GanColors;
  readonly #evaluator: Evaluator;
  /** For each number of hints, where the generator takes them. */
  readonly #hinted: readonly {
    readonly hints: number;
    readonly colors: HintedColors;
    readonly evaluator: Evaluator;
  }[];
  readonly #writer: CheckpointWriter;
  readonly #metric: BestMetric;
  /** The photos that are measured, and those that are shown: the same ones for the whole run. */
  readonly #judged: Uint32Array;
  readonly #shown: Uint32Array;
  #pending: boolean;
  #validation: { readonly step: number; readonly made: Validation } | undefined;
  #sampledStep = 0;
  /** The state that was saved last. */
  #saved: { readonly step: number; readonly pending: boolean } | undefined;

  constructor(inputs: FollowUpInputs, saved: FollowUps["saved"]) {
    const { gan, set, split, store, config, onEvent, pending } = inputs;
    this.#inputs = inputs;
    this.#colors = new GanColors(gan, config.precision);
    this.#evaluator = new Evaluator(gan.engine, set, this.#colors);
    this.#hinted = (config.hints ? validatedHints : []).map((hints) => {
      const colors = new HintedColors(gan, config.precision, hints);
      return { hints, colors, evaluator: new Evaluator(gan.engine, set, colors) };
    });
    this.#writer = new CheckpointWriter(gan, store, onEvent);
    this.#metric = bestMetricOf(config);
    const unseen = shuffled(split.validation, config.seed, 0);
    this.#judged = unseen.subarray(0, config.validationPhotos);
    const shown = unseen.length > 0 ? unseen : shuffled(split.train, config.seed, 0);
    this.#shown = shown.subarray(0, config.sampleCount);
    this.#pending = pending;
    this.#saved = saved;
  }

  /** Whether those of the last step are still to be made. */
  get pending(): boolean {
    return this.#pending;
  }

  /** The last validation, where there was one. */
  get validation(): Validation | undefined {
    return this.#validation?.made;
  }

  /** The state that was saved last. */
  get saved(): { readonly step: number; readonly pending: boolean } | undefined {
    return this.#saved;
  }

  /** Makes what is due after a step. An interruption leaves it pending, for the run that is resumed. */
  async after(step: number, { isLast }: { readonly isLast: boolean }): Promise<void> {
    const { config, signal } = this.#inputs;
    const isDue = (every: number) => every > 0 && (isLast || step % every === 0);
    const isSaved = isDue(config.checkpointEvery) && !isLast; // the last one in any case, by itself
    this.#pending = true;
    if (signal.aborted) return;
    try {
      // The sheet first: it may be made twice, where a validation would be judged twice.
      if (isDue(config.sampleEvery)) await this.#sample(step);
      if (isDue(config.validateEvery) || (isSaved && config.validateEvery > 0)) {
        await this.#validate(step);
      }
    } catch (error) {
      if (error === signal.reason) return;
      throw error;
    }
    this.#pending = false;
    if (isSaved) await this.checkpoint(step);
  }

  /**
   * Begins to write a checkpoint; see `CheckpointWriter.start`.
   *
   * @param known of `bestMetricOf`, where an earlier session made a validation of this state.
   */
  async checkpoint(step: number, known?: number): Promise<void> {
    const { log, onEvent, stateAt } = this.#inputs;
    onEvent({ kind: "phase", step, phase: "saving" });
    const state = stateAt(step, this.#pending);
    this.#saved = state;
    await log.sync();
    const { made } = this.#validation?.step === step ? this.#validation : {};
    const metric = made ? this.#metric.of(made) : known;
    const isWritten = await this.#writer.start(state, Number.isFinite(metric) ? metric : undefined);
    if (!isWritten) await this.stop("a weight is not a finite number", step);
  }

  /** Waits until every checkpoint is on the disk; throws what the last write failed with. */
  settled(): Promise<void> {
    return this.#writer.settled();
  }

  /** Ends a training whose numbers are no longer finite. @throws as `Health.nonFinite`, always. */
  async stop(what: string, step: number): Promise<never> {
    const { health, store } = this.#inputs;
    await this.#writer.settled();
    return await health.nonFinite(what, step, () => nonFinite(what, step, store));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer[Symbol.asyncDispose]();
    this.#evaluator[Symbol.dispose]();
    for (const { colors, evaluator } of this.#hinted) {
      evaluator[Symbol.dispose]();
      colors[Symbol.dispose]();
    }
    this.#colors[Symbol.dispose]();
  }

  async #validate(step: number): Promise<void> {
    const { signal, log, best: measure, rates, health, onEvent } = this.#inputs;
    if (this.#judged.length === 0 || this.#validation?.step === step) return;
    onEvent({ kind: "phase", step, phase: "validating" });
    const made = await this.#evaluator.validate(this.#judged, signal);
    // The others are taken of bytes, which are always numbers.
    if (!Number.isFinite(made.abError)) {
      await this.stop(`the validation's ab error is ${made.abError}`, step);
    }
    const hinted = await this.#validateHinted();
    this.#validation = { step, made };
    const value = this.#metric.of(made);
    const best = measure.judge(value);
    if (Number.isFinite(value)) rates.noteValidation({ value, direction: this.#metric.direction });
    await log.append({ step, kind: "validation", ...made });
    if (hinted.length > 0) await log.append({ step, kind: "hinted", ...entriesOf(hinted) });
    onEvent({ kind: "validation", step, validation: made, hinted, best });
    await health.validation(step, made.colorfulnessRatio);
  }

  /** The same photos with hints, where the generator takes them. */
  async #validateHinted(): Promise<HintedMeasures[]> {
    const { signal } = this.#inputs;
    const measured: HintedMeasures[] = [];
    for (const { hints, colors, evaluator } of this.#hinted) {
      const { psnr, deltaE2000, abError } = await evaluator.validate(this.#judged, signal);
      measured.push({ hints, psnr, deltaE2000, abError, hintError: colors.takeDistance() });
    }
    return measured;
  }

  async #sample(step: number): Promise<void> {
    if (this.#sampledStep === step) return;
    const { store, log, signal, onEvent } = this.#inputs;
    onEvent({ kind: "phase", step, phase: "validating" });
    const folder = store.runFolder;
    this.#sampledStep = step;
    let made: Awaited<ReturnType<typeof writeSampleSheet>>;
    try {
      made = await writeSampleSheet(this.#evaluator, this.#shown, folder, step, signal);
    } catch (error) {
      if (!(error instanceof TinctError) || !isDiskFull(error.cause)) {
        this.#sampledStep = 0;
        throw error;
      }
      const message = `The disk is full: the sample sheet of step ${step} is left out.`;
      return onEvent({ kind: "notice", step, message });
    }
    const { event, png } = made;
    await log.append({ step, kind: "probe", ...event.measures });
    log.addSheet(event, png);
    onEvent(event);
  }
}

/** Measures with hints as a line of metrics.jsonl: "psnr_10" is that with ten. */
function entriesOf(hinted: readonly HintedMeasures[]): Record<string, number> {
  return Object.fromEntries(
    hinted.flatMap(({ hints, ...measures }) =>
      Object.entries(measures).map(([name, value]) => [`${name}_${hints}`, value])
    ),
  );
}
