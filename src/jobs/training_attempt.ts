import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { parseTrainingConfig } from "../config/training.ts";
import type { TrainingAssignment } from "../protocol/generated/tinct/worker/v1/training_assignment.ts";
import { configMessage } from "../protocol/training_options.ts";
import type { SlotDevice } from "./device_slots.ts";
import { EventWriter } from "./event_writer.ts";
import type { Job } from "./job.ts";
import { findModel } from "./model_finder.ts";
import type { SupervisorOptions } from "./supervisor_options.ts";
import { eventOf } from "./worker_events.ts";
import {
  type WorkerEnd,
  type WorkerMessage,
  WorkerSession,
  type WorkerSetting,
} from "./worker_session.ts";

/** What all attempts are made with. */
export interface AttemptSetting extends WorkerSetting {
  readonly options: SupervisorOptions;
}

/** How an attempt ended. */
export interface AttemptEnd extends WorkerEnd {
  /** Training steps done, as far as was heard. */
  readonly step: number | undefined;
  /** It was stopped before its worker had reported. */
  readonly neverBegan: boolean;
}

/** At most so often a heartbeat becomes an event, unless the phase changes: milliseconds. */
const HEARTBEAT_EVENT_INTERVAL_MS = 10_000;

/** Where the prepared photo sets of all jobs lie, in the data folder. */
const PREPARED_FOLDER = "prepared";

/** Path of a job's run, relative to the data folder. */
export function runPath(jobId: string): string {
  return join("jobs", jobId);
}

/** One worker's work on a job. */
export class TrainingAttempt {
  /** Settles when the worker is gone and its events are in the store; never rejects. */
  readonly ended: Promise<AttemptEnd>;
  readonly #session: WorkerSession;
  readonly #writer: EventWriter;
  readonly #job: Job;
  #step: number | undefined;
  #neverBegan = false;
  #phase: unknown;
  #heartbeatMs = -Infinity;

  private constructor(setting: AttemptSetting, job: Job, { access, training }: {
    access: ConstructorParameters<typeof WorkerSession>[1]["access"];
    training: TrainingAssignment;
  }) {
    this.#job = job;
    this.#writer = new EventWriter(setting.options.store.events, job.id, job.attempt);
    this.#session = new WorkerSession(setting, {
      access,
      assignment: { training },
      jobId: job.id,
      onMessage: (message, timeMs) => this.#take(message, timeMs),
    });
    this.ended = this.#end();
  }

  /**
   * Starts a worker on a job.
   *
   * @throws {TinctError} invalid_argument for a configuration that does not fit, not_found for a
   *   dataset or a checkpoint that is gone.
   */
  static async start(
    setting: AttemptSetting,
    job: Job,
    device: SlotDevice,
  ): Promise<TrainingAttempt> {
    const { options } = setting;
    const { dataFolder, libraryPath, store } = options;
    const config = parseTrainingConfig(job.config);
    const datasetFolder = await options.datasetFolder(job.dataset);
    const runFolder = join(dataFolder, runPath(job.id));
    const preparedFolder = join(dataFolder, PREPARED_FOLDER);
    const { origin } = job;
    const from = origin && await findModel(store, dataFolder, {
      jobId: origin.jobId,
      checkpoint: origin.step,
    }).catch((error) => {
      if (job.attempt > 1) return undefined; // it was needed for the first one alone
      throw error;
    });
    return new TrainingAttempt(setting, job, {
      access: {
        program: "train",
        read: [datasetFolder, await realpath(datasetFolder), ...(from ? [from.folder] : [])],
        write: [runFolder, preparedFolder],
        libraryPath,
        environment: environmentFor(device, options.environment),
      },
      training: {
        jobId: job.id,
        attempt: job.attempt,
        config: configMessage(config),
        datasetFolder,
        preparedFolder,
        runFolder,
        ...(from &&
          (origin?.mode === "resume"
            ? { resumeFolder: from.folder }
            : { startFolder: from.folder })),
        device: device.name,
        threads: options.threads ?? 0,
      },
    });
  }

  /** The worker's process. */
  get pid(): number | undefined {
    return this.#session.pid;
  }

  /** Asks the worker to end after its step with a checkpoint; one that has not begun is killed. */
  stop(graceMs: number): void {
    if (this.#session.isLinked) this.#session.stop(graceMs);
    else {
      this.#neverBegan = true;
      this.#session.kill("it was to stop before it had begun");
    }
  }

  /** @param reason half a sentence. */
  kill(reason: string): void {
    this.#session.kill(reason);
  }

  async #take(message: WorkerMessage, timeMs: number): Promise<void> {
    const { kind, value } = message;
    if (kind === "losses" || kind === "checkpoint" || kind === "finished") {
      // A checkpoint is told when it is written, by when training may be further.
      this.#step = Math.max(this.#step ?? 0, value.step);
    }
    if (kind === "heartbeat" && !this.#isNews(value.progress?.phase, timeMs)) return;
    const event = eventOf(message, timeMs, runPath(this.#job.id));
    if (event) await this.#writer.add(event, kind === "checkpoint" ? value.deletedSteps : []);
  }

  #isNews(phase: unknown, timeMs: number): boolean {
    if (phase === this.#phase && timeMs - this.#heartbeatMs < HEARTBEAT_EVENT_INTERVAL_MS) {
      return false;
    }
    this.#phase = phase;
    this.#heartbeatMs = timeMs;
    return true;
  }

  async #end(): Promise<AttemptEnd> {
    const session = await this.#session.ended;
    const end = { ...session, step: this.#step, neverBegan: this.#neverBegan };
    try {
      await this.#writer.flush();
      return end;
    } catch (error) {
      return { ...end, failure: end.failure ?? { error } };
    }
  }
}

/** Shows a worker its own card alone, under the number that CUDA then gives it. */
export function environmentFor(
  device: Pick<SlotDevice, "name" | "kind">,
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  const visible = device.kind === "gpu" ? device.name.slice("gpu:".length) : "-1";
  return { ...environment, CUDA_VISIBLE_DEVICES: visible };
}
