import type { Engine } from "../../src/engine/engine.ts";
import { prepareGenerated } from "../../src/prepared/prepare_generated.ts";
import type { PreparedSet } from "../../src/prepared/prepared_set.ts";
import { renderScene } from "../../src/scenes/scenes.ts";
import type { TrainingEvent, TrainingOutcome } from "../../src/training/events.ts";
import type { PerceptualNetwork } from "../../src/training/perceptual.ts";
import { train } from "../../src/training/loop.ts";
import { type MetricsEntry, readMetrics } from "../../src/runs/metrics_log.ts";
import { openRun, type Run } from "../../src/runs/run.ts";
import type { Losses } from "../../src/training/compiled_step.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

/** The smallest U-Net there is, on 32x32; a step takes some milliseconds. Nothing happens besides steps. */
export const smallOptions = {
  size: 32,
  nDown: 5,
  ngf: 4,
  ndf: 4,
  nLayers: 2,
  batchSize: 2,
  validationFraction: 0.3,
  validateEvery: 0,
  sampleEvery: 0,
  checkpointEvery: 0,
  logEvery: 1,
} as const;

/** How a small training is run. */
interface SmallTrainingOptions {
  /** Options beside `smallOptions`; all of a run's own when resuming. */
  readonly given?: Readonly<Record<string, unknown>>;
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainingEvent) => void;
  /** What a perceptual loss sees with. */
  readonly perceptual?: PerceptualNetwork;
}

/** What a training made. */
export interface SmallTrainingResult {
  readonly outcome: TrainingOutcome;
  readonly events: readonly TrainingEvent[];
  /** What was warned of when the run was opened and its checkpoint loaded. */
  readonly warnings: readonly string[];
  /** Of every step. */
  readonly losses: readonly Losses[];
}

/** A folder for runs, and scenes to train on. */
export class SmallTraining implements AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly set: PreparedSet;

  private constructor(folder: TemporaryFolder, set: PreparedSet) {
    this.folder = folder;
    this.set = set;
  }

  /** Draws scenes; the same for the same numbers. */
  static async create({ count = 12, size = 32, draw }: {
    readonly count?: number;
    readonly size?: number;
    /** Draws a picture, [size, size, 3]; a scene when left out. */
    readonly draw?: (index: number) => Uint8Array<ArrayBuffer>;
  } = {}): Promise<SmallTraining> {
    const folder = await TemporaryFolder.create();
    const set = await prepareGenerated(draw ?? ((index) => renderScene(index, { size })), {
      count,
      size,
      key: "scenes of a test",
      cacheFolder: folder.join("cache"),
    });
    return new SmallTraining(folder, set);
  }

  /** The path of a run. */
  path(run: string): string {
    return this.folder.join(run);
  }

  /** Opens a run, as the command line does. */
  open(
    run: string,
    { given = {}, resume = false, onWarning = () => {} }: SmallTrainingOptions & {
      onWarning?: (message: string) => void;
    } = {},
  ): Promise<Run> {
    return openRun(this.path(run), {
      given: resume ? given : { ...smallOptions, ...given },
      resume,
      programVersion: "test",
      onWarning: ({ message }) => onWarning(message),
    });
  }

  /** Opens a run and trains it until it ends or throws. */
  async train(
    engine: Engine,
    run: string,
    options: SmallTrainingOptions = {},
  ): Promise<SmallTrainingResult> {
    const { resume = false, signal = new AbortController().signal, onEvent = () => {} } = options;
    const warnings: string[] = [];
    const events: TrainingEvent[] = [];
    const onWarning = (message: string) => warnings.push(message);
    using opened = await this.open(run, { ...options, onWarning });
    const { store, config } = opened;
    const outcome = await train({
      engine,
      set: this.set,
      store,
      config,
      resume,
      signal,
      perceptual: options.perceptual,
      onEvent: (event) => {
        events.push(event);
        onEvent(event);
      },
    });
    const losses = events.flatMap((event) => event.kind === "step" ? [event.losses] : []);
    return { outcome, events, warnings, losses };
  }

  /** The lines of a run's metrics.jsonl, but for how fast it went. */
  async metrics(run: string): Promise<MetricsEntry[]> {
    const entries = await readMetrics(this.path(run));
    return entries.map(({ imagesPerSecond: _, ...entry }) => entry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.set[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}

/** A signal that is aborted as soon as an event matches. */
export function abortAt(matches: (event: TrainingEvent) => boolean): {
  readonly signal: AbortSignal;
  readonly onEvent: (event: TrainingEvent) => void;
} {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onEvent: (event) => {
      if (matches(event)) controller.abort(new Error("stopped by the test"));
    },
  };
}
