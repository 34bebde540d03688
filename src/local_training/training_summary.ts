import { shown } from "../shown.ts";
import type { TrainingConfig } from "../config/training.ts";
import { earlyStopSentence } from "../runs/best_metric.ts";
import type { TrainingOutcome } from "../training/events.ts";
import { printJson } from "../terminal/print_json.ts";
import { counted } from "../terminal/quantities.ts";
import { describeValidation } from "./training_session.ts";

/** What a training has come to. */
interface TrainingSummary {
  /** The run's folder, as it was given. */
  readonly run: string;
  readonly config: TrainingConfig;
  /** How many photos were used, those for validation included. */
  readonly photos: number;
  readonly outcome: TrainingOutcome;
  /** The newest sample sheet, where one was made. */
  readonly sheet: string | undefined;
  /** The picture of the loss curves, where there were losses to draw. */
  readonly chart: string | undefined;
}

/** Prints the summary for programs; a run that was interrupted or paused has one, too. */
export function printSummaryJson({ run, photos, outcome, sheet, chart }: TrainingSummary): void {
  const { reason, step, totalSteps, stepsTaken, checkpoint, validation, finding } = outcome;
  printJson({
    run,
    reason,
    finding: finding?.what ?? null,
    photos,
    step,
    // Without a limit in steps there is no number of them.
    totalSteps: Number.isFinite(totalSteps) ? totalSteps : null,
    stepsTaken,
    checkpoint,
    validation: validation ?? null,
    samples: sheet ?? null,
    losses: chart ?? null,
  });
}

/** Prints the summary of a run that has ended for people. */
export function printSummary(
  { config, photos, outcome, sheet, chart }: TrainingSummary,
): void {
  console.log(
    outcome.stepsTaken > 0
      ? `Trained ${counted(outcome.step, "step")} on ${counted(photos, "photo")}.`
      : `The run had already ended, at step ${outcome.step}: ` + (
        outcome.reason === "early_stop"
          ? "a larger --early-stop, or 0, takes it further."
          : "--max-steps and --epochs take it further."
      ),
  );
  if (outcome.reason === "early_stop") console.log(earlyStopSentence(outcome, config));
  if (outcome.validation) console.log(`Validation: ${describeValidation(outcome.validation)}`);
  if (sheet !== undefined) console.log(`Samples:    ${shown(sheet)}`);
  if (chart !== undefined) console.log(`Losses:     ${shown(chart)}`);
  console.log(`Checkpoint: ${shown(outcome.checkpoint)}`);
}
