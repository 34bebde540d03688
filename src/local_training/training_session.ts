import { performance } from "node:perf_hooks";
import { join } from "node:path";
import { onAbort } from "../abort.ts";
import { writeFileAtomically } from "../files/atomic_write.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { lossChart, type Series } from "../drawing/loss_chart.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import type { TrainingEvent, TrainingOutcome } from "../training/events.ts";
import type { ReplicaLeader } from "../replicas/leader.ts";
import { train } from "../training/loop.ts";
import type { PerceptualNetwork } from "../training/perceptual.ts";
import type { Validation } from "../validation/measures.ts";
import { type MetricsEntry, readMetrics } from "../runs/metrics_log.ts";
import type { Run } from "../runs/run.ts";
import { flagName } from "../terminal/arguments.ts";
import { commandLine } from "../terminal/command_line.ts";
import { lossWords } from "../terminal/loss_words.ts";
import { stderr } from "../terminal/output/standard_streams.ts";
import { Progress } from "../terminal/progress.ts";
import {
  counted,
  formatBytes,
  formatDuration,
  formatLearningRates,
} from "../terminal/quantities.ts";
import { shown } from "../shown.ts";

/** What a training in the terminal works with. */
interface TrainingSession {
  readonly engine: Engine;
  readonly set: PreparedSet;
  readonly run: Run;
  readonly resume: boolean;
  readonly signal: AbortSignal;
  /** The other replicas, ready, where there are any. */
  readonly leader?: ReplicaLeader | undefined;
  /** What the perceptual loss sees with, where there is one. */
  readonly perceptual?: PerceptualNetwork | undefined;
}

/** What is there when it has ended. */
interface SessionResult {
  readonly outcome: TrainingOutcome;
  /** The newest sample sheet, where one was made. */
  readonly sheet: string | undefined;
  /** The picture of the loss curves, where there were losses to draw. */
  readonly chart: string | undefined;
}

const STOPPING =
  "Stopping after this step, with a checkpoint. A second Ctrl-C ends at once, without one.";

/** Trains with a live line on stderr, and draws the loss curves at the end. */
export async function trainInTerminal(session: TrainingSession): Promise<SessionResult> {
  const { engine, set, run, resume, signal, leader, perceptual } = session;
  let sheet: string | undefined;
  let progress: Progress | undefined;
  const say = (line: string) => progress ? progress.log(line) : stderr.write(`${line}\n`);
  const onEvent = (event: TrainingEvent) => {
    switch (event.kind) {
      case "step":
        progress ??= new Progress({
          label: "Training",
          // With a limit in minutes the number of steps says nothing of the end.
          total: run.config.maxMinutes > 0 ? undefined : event.totalSteps,
          start: event.step - 1,
          sink: stderr,
          now: () => performance.now(),
        });
        progress.update(event.step, describeLosses(event, run.config.maxMinutes > 0));
        break;
      case "validation":
        say(`Step ${event.step}: ${describeValidation(event.validation)}`);
        for (const { hints, psnr, abError, hintError } of event.hinted) {
          say(
            `Step ${event.step}: with ${counted(hints, "hint")} PSNR ${psnr.toFixed(2)} dB, ` +
              `ab error ${abError.toFixed(2)}, ${hintError.toFixed(2)} from the hints`,
          );
        }
        break;
      case "sample":
        sheet = event.path;
        say(`Step ${event.step}: probe ${describeValidation(event.measures)}`);
        break;
      case "checkpoint":
        say(
          `Step ${event.step}: checkpoint ${event.path} (${formatBytes(event.sizeBytes)})`,
        );
        break;
      case "health":
      case "notice":
        say(event.message);
    }
  };
  const stopping = onAbort(signal, () => say(STOPPING));
  let outcome: TrainingOutcome;
  try {
    const { store, config } = run;
    const inputs = { engine, set, store, config, resume, signal, onEvent, leader, perceptual };
    outcome = await train({ ...inputs, nameOf: flagName });
  } finally {
    stopping[Symbol.dispose]();
    progress?.[Symbol.dispose]();
  }
  return { outcome, sheet, chart: await drawChart(run).catch(notDrawn) };
}

/** A training that is over is not undone by a picture that the disk has no room for. */
function notDrawn(error: unknown): undefined {
  if (!(error instanceof TinctError)) throw error;
  stderr.write(`The loss curves are not drawn: ${error.message}\n`);
}

/**
 * Half a sentence such as "PSNR 24.10 dB (gray 17.20), SSIM 0.912 (0.871), ΔE 7.31 (12.40), ab error
 * 8.20 (16.00), L1 0.041 (0.098), colourfulness 31.4 (72% of the real), 64 photos".
 */
export function describeValidation(validation: Validation): string {
  const { psnr, ssim, deltaE2000, abError, l1, colorfulness, colorfulnessRatio } = validation;
  const { psnrGray, ssimGray, deltaE2000Gray, abErrorGray, l1Gray, photos } = validation;
  const share = Number.isFinite(colorfulnessRatio)
    ? ` (${Math.round(100 * colorfulnessRatio)}% of the real)`
    : "";
  return [
    `PSNR ${psnr.toFixed(2)} dB (gray ${psnrGray.toFixed(2)})`,
    `SSIM ${ssim.toFixed(3)} (${ssimGray.toFixed(3)})`,
    `ΔE ${deltaE2000.toFixed(2)} (${deltaE2000Gray.toFixed(2)})`,
    `ab error ${abError.toFixed(2)} (${abErrorGray.toFixed(2)})`,
    `L1 ${l1.toFixed(3)} (${l1Gray.toFixed(3)})`,
    `colourfulness ${colorfulness.toFixed(1)}${share}`,
    counted(photos, "photo"),
  ].join(", ");
}

function describeLosses(event: TrainingEvent & { kind: "step" }, isTimed: boolean): string {
  const left = isTimed ? `${formatDuration(Math.max(0, 1000 * event.secondsLeft))} left  ` : "";
  const { loss_D, loss_G_GAN, loss_G_L1 } = event.losses;
  return `${left}epoch ${event.epoch + 1}  ` +
    `${lossWords({ D: loss_D, G: loss_G_GAN, L1: loss_G_L1 })}  ` +
    `${event.imagesPerSecond.toFixed(1)} img/s  lr ${formatLearningRates(event.lrG, event.lrD)}`;
}

async function drawChart({ folder }: Run): Promise<string | undefined> {
  const entries = await readMetrics(folder);
  if (!entries.some(({ kind }) => kind === "losses")) return undefined;
  const names = [
    "loss_D_fake",
    "loss_D_real",
    "loss_D_GP",
    "loss_G_GAN",
    "loss_G_color",
    "loss_G_hint",
    "loss_G_perceptual",
    "loss_G_L1",
  ];
  const series: Series[] = [...names, "psnr"].map((name) => ({
    name,
    points: pointsOf(entries, name),
    ...(name === "psnr" && { panel: "Validation PSNR, dB" }),
    ...(name === "loss_G_L1" && { panel: "Generator L1" }),
  })).filter(({ points }) => points.length > 0);
  const path = join(folder, "losses.png");
  await writeFileAtomically(path, await lossChart(series, { title: "Training" }));
  return path;
}

function pointsOf(entries: readonly MetricsEntry[], name: string) {
  return entries.flatMap(({ step, [name]: value }) =>
    typeof value === "number" ? [{ step, value }] : []
  );
}

/** Prints what is wrong with some of a folder's photos, named up to a few. */
export function warnOfPhotos({ report }: PreparedSet): void {
  const { unreadable, gray, listed } = report;
  const most = 5;
  for (const { name, reason } of unreadable.slice(0, most)) {
    console.error(shown(`Skipped ${name}, which ${reason}.`));
  }
  if (unreadable.length > most) console.error(`… and ${unreadable.length - most} more skipped.`);
  if (gray.length > 0) {
    const some = shown(gray.slice(0, most).join(", ")) + (gray.length > most ? ", …" : "");
    console.error(`Left out ${counted(gray.length, "gray photo")} of ${listed}: ${some}`);
  }
}

/**
 * The error that an interrupted or paused training ends with.
 *
 * @param resumeWith the words of the command that goes on with it.
 */
export function interrupted(outcome: TrainingOutcome, resumeWith: readonly string[]): TinctError {
  const { step, checkpoint, finding } = outcome;
  const goOn = `Continue with: ${commandLine(resumeWith)}`;
  if (finding !== undefined) {
    return new TinctError(
      "failed_precondition",
      `Paused, with a checkpoint of step ${step} (${checkpoint}): ${finding.what}. ${goOn}`,
    );
  }
  return new TinctError(
    "cancelled",
    `Interrupted after step ${step}; the checkpoint ${checkpoint} is saved. ${goOn}`,
  );
}
