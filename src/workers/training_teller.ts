import { readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { performance } from "node:perf_hooks";
import { CHECKPOINTS_FOLDER, stepOfFolder } from "../checkpoints/run_folder.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import { splitSet } from "../prepared/split_set.ts";
import type { TrainingProgress } from "../protocol/generated/tinct/v1/training_progress.ts";
import { durationOf } from "../protocol/times.ts";
import { bestMetricOf } from "../runs/best_metric.ts";
import type { TrainingEvent } from "../training/events.ts";
import { photosPerStep } from "../config/photos_per_step.ts";
import type { Run } from "../runs/run.ts";
import { LossSender } from "./loss_sender.ts";
import type { Work } from "./server_link.ts";
import { hintedMessage, layoutMessage, validationMessage } from "./validation_message.ts";

/** How far training has come, as it goes on. */
export type Progress =
  & { -readonly [K in keyof TrainingProgress]: TrainingProgress[K] }
  & { step: number };

const phases = {
  validating: "TRAINING_PHASE_VALIDATING",
  saving: "TRAINING_PHASE_SAVING",
} as const;

/** Turns what training tells into messages for the server. */
export class TrainingTeller implements Disposable {
  readonly #send: Work["send"];
  readonly #beat: Work["beat"];
  readonly #run: Run;
  readonly #progress: Progress;
  readonly #losses: LossSender;
  readonly #stepsPerEpoch: number;
  /** Steps whose checkpoints are on the disk. */
  #savedSteps: ReadonlySet<number>;
  #bestStep: number | undefined;

  /** @param progress is kept up to date; `beat` is called where its phase has changed. */
  constructor({ send, beat, run, set, progress, replicas }: {
    send: Work["send"];
    beat: Work["beat"];
    run: Run;
    set: PreparedSet;
    progress: Progress;
    /** Processes that train together; undefined: this one alone. */
    replicas?: number | undefined;
  }) {
    this.#send = send;
    this.#beat = beat;
    this.#run = run;
    this.#progress = progress;
    this.#losses = new LossSender(
      (losses) => send({ losses }),
      run.config.logEvery,
      () => performance.now(),
    );
    const { train } = splitSet(set.ids, run.config);
    const photos = photosPerStep(run.config, replicas);
    this.#stepsPerEpoch = Math.max(1, Math.floor(train.length / photos));
    this.#savedSteps = this.#stepsOnDisk();
  }

  /** Tells which checkpoints the run has; to be called before it is trained on. */
  async tellFound(): Promise<void> {
    const { store, folder } = this.#run;
    const { checkpoints, unreadable } = await store.survey();
    const best = await store.best();
    this.#send({
      found: {
        checkpoints: checkpoints.filter(({ step }) => step > 0).map(({ step, path, files }) => ({
          step,
          epoch: step / this.#stepsPerEpoch,
          path: relative(folder, path),
          sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
          best: step === best?.step,
        })),
        unreadableSteps: unreadable.map(({ step }) => step),
      },
    });
  }

  tell(event: TrainingEvent): void {
    if (event.kind === "step") return this.#tellStep(event);
    if (event.kind === "phase") return this.#enter(phases[event.phase]);
    this.#losses.flush();
    switch (event.kind) {
      case "validation": {
        if (event.best) this.#bestStep = event.step;
        return this.#send({
          validation: {
            ...validationMessage(event.step, event.validation),
            hinted: event.hinted.map(hintedMessage),
            metric: bestMetricOf(this.#run.config).field,
            best: event.best,
          },
        });
      }
      case "sample":
        return this.#send({
          sample: {
            step: event.step,
            path: relative(this.#run.folder, event.path),
            format: "IMAGE_FORMAT_PNG",
            width: event.width,
            height: event.height,
            sizeBytes: statSync(event.path).size,
            photos: event.measures.photos,
            measures: validationMessage(event.step, event.measures),
            layout: layoutMessage(event.layout, event.judgements),
          },
        });
      case "checkpoint":
        return this.#tellCheckpoint(event);
      case "notice":
        return this.#send({ log: { level: "LOG_LEVEL_WARNING", message: event.message } });
      case "health": {
        const { message, step, action, finding: { check, numbers } } = event;
        const fields = Object.entries({ check, action, step, ...numbers })
          .map(([name, value]) => [name, String(value)]);
        return this.#send({
          log: { level: "LOG_LEVEL_WARNING", message, fields: Object.fromEntries(fields) },
        });
      }
    }
  }

  /** Tells what was held back. */
  [Symbol.dispose](): void {
    this.#losses[Symbol.dispose]();
  }

  #tellStep(event: Extract<TrainingEvent, { kind: "step" }>): void {
    const { step, totalSteps, secondsLeft } = event;
    const epoch = step / this.#stepsPerEpoch;
    Object.assign(this.#progress, { step, totalSteps, epoch });
    if (Number.isFinite(secondsLeft)) this.#progress.timeLeft = durationOf(1000 * secondsLeft);
    this.#losses.add(event, epoch);
    this.#enter("TRAINING_PHASE_TRAINING");
  }

  #enter(phase: NonNullable<Progress["phase"]>): void {
    if (this.#progress.phase === phase) return;
    this.#progress.phase = phase;
    this.#beat();
  }

  #tellCheckpoint(event: Extract<TrainingEvent, { kind: "checkpoint" }>): void {
    const { step, path, sizeBytes } = event;
    const left = this.#stepsOnDisk();
    const deletedSteps = [...this.#savedSteps].filter((saved) => !left.has(saved));
    this.#savedSteps = left;
    this.#send({
      checkpoint: {
        step,
        epoch: step / this.#stepsPerEpoch,
        path: relative(this.#run.folder, path),
        sizeBytes,
        best: step === this.#bestStep,
        deletedSteps,
      },
    });
  }

  #stepsOnDisk(): Set<number> {
    const names = readdirSync(join(this.#run.folder, CHECKPOINTS_FOLDER));
    return new Set(names.flatMap((name) => stepOfFolder(name) ?? []));
  }
}
