import { realpath, rm } from "node:fs/promises";
import { preparedFolder, runFolder, runPath } from "../files/data_folder.ts";
import { parseTrainingConfig } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import type { CheckpointsFound__Output } from "../protocol/generated/tinct/worker/v1/checkpoints_found.ts";
import type { TrainingProgress__Output } from "../protocol/generated/tinct/v1/training_progress.ts";
import type { TrainingAssignment } from "../protocol/generated/tinct/worker/v1/training_assignment.ts";
import { photoLimitsMessage } from "../protocol/photo_limits.ts";
import { durationOf } from "../protocol/times.ts";
import { configMessage, fieldName } from "../protocol/training_options.ts";
import { trainedPhotosOf } from "../files/trained_photos_file.ts";
import { freeLoopbackAddresses } from "../replicas/addresses.ts";
import { replicasOf, type SlotDevice } from "../fleet/device_slots.ts";
import { EventWriter } from "./event_writer.ts";
import { compareCheckpoints } from "./found_checkpoints.ts";
import type { Job } from "../jobs/job.ts";
import { hasKeptPhotos, keptFolder } from "./kept_photos.ts";
import { findModel } from "../colorizing/model_finder.ts";
import type { EventStore } from "../jobs/store.ts";
import { isStoreAway } from "../jobs/store_away.ts";
import { datasetLimits } from "../fleet/fleet_options.ts";
import type { SupervisorOptions } from "./supervisor_options.ts";
import { heldWeights } from "../weights/held_weights.ts";
import { eventOf } from "./worker_events.ts";
import { environmentFor, type FleetSetting, threadsOf } from "../fleet/worker_environment.ts";
import { WorkerGroup } from "../fleet/worker_group.ts";
import type { WorkerEnd, WorkerMessage, WorkerTask } from "../fleet/worker_session.ts";

/** What all attempts are made with. */
export interface AttemptSetting extends FleetSetting {
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
/** The same while photos are prepared, which no other event tells of. */
const PREPARING_EVENT_INTERVAL_MS = 1000;

/** What is the same for all workers of an attempt. */
interface Share {
  readonly access: Omit<WorkerTask["access"], "environment">;
  readonly training: TrainingAssignment;
}

/** A worker's work on a job, or that of several that train it together. */
export class TrainingAttempt {
  /** Settles when its workers are gone and their events are in the store; never rejects. */
  readonly ended: Promise<AttemptEnd>;
  readonly #workers: WorkerGroup;
  readonly #events: EventStore;
  readonly #writer: EventWriter;
  readonly #job: Job;
  #step: number | undefined;
  #neverBegan = false;
  #abandoning: ReturnType<typeof setTimeout> | undefined;
  #phase: unknown;
  #photosTotal = 0;
  #heartbeatMs = -Infinity;

  private constructor(setting: AttemptSetting, job: Job, device: SlotDevice, share: Share) {
    this.#job = job;
    this.#events = setting.options.store.events;
    this.#writer = new EventWriter(this.#events, job);
    const [first, ...others] = replicasOf(device);
    const task = (name: string, rank: number): WorkerTask => ({
      access: {
        ...share.access,
        // Rank 0 alone prepares the photos and keeps the run.
        ...(rank > 0 && {
          read: [keptFolder(setting.options.dataFolder, job.id)],
          write: [],
        }),
        environment: environmentFor({ ...device, name }, setting.options.environment),
      },
      assignment: {
        training: {
          ...share.training,
          device: name,
          replicas: share.training.replicas ? { ...share.training.replicas, rank } : null,
        },
      },
      jobId: job.id,
      ...(others.length > 0 && { rank }),
      // What the others have to say, rank 0 hears.
      onMessage: (message, timeMs) => rank === 0 ? this.#take(message, timeMs) : undefined,
    });
    this.#workers = new WorkerGroup(setting, [
      task(first, 0),
      ...others.map((name, index) => task(name, index + 1)),
    ]);
    this.ended = this.#end(share.access.controlPath);
  }

  /**
   * Starts the workers of a device on a job.
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
    const count = replicasOf(device).length;
    // The job may have been queued when the server trained with another number.
    const check = { nameOf: fieldName, replicas: count };
    const config = parseTrainingConfig(job.config, check);
    const photos = await photosOf(options, job);
    const run = runFolder(dataFolder, job.id);
    const prepared = preparedFolder(dataFolder, job.dataset);
    const { origin } = job;
    const from = origin && await findModel(store, dataFolder, {
      jobId: origin.jobId,
      checkpoint: origin.step,
    }).catch((error) => {
      // It was needed for the first one alone.
      if (job.attempt > 1 && !isStoreAway(error)) return undefined;
      throw error;
    });
    const held = await heldWeights(dataFolder, job.id);
    const controlPath = count > 1 ? setting.hub.newSocketPath() : undefined;
    return new TrainingAttempt(setting, job, device, {
      access: {
        program: "train",
        read: [
          ...photos,
          ...(from ? [from.folder, trainedPhotosOf(from.folder)] : []),
          ...Object.values(held),
        ],
        write: [run, prepared],
        libraryPath,
        ...(controlPath !== undefined && { controlPath }),
      },
      training: {
        jobId: job.id,
        attempt: job.attempt,
        config: configMessage(config),
        dataset: job.dataset,
        datasetFolder: photos[0] ?? "",
        preparedFolder: prepared,
        keptFolder: keptFolder(dataFolder, job.id),
        runFolder: run,
        ...(from &&
          (origin?.mode === "resume"
            ? { resumeFolder: from.folder }
            : { startFolder: from.folder })),
        ...(held.encoder !== undefined && { encoderWeights: held.encoder }),
        ...(held.perceptual !== undefined && { perceptualWeights: held.perceptual }),
        ...(held.generator !== undefined && { generatorWeights: held.generator }),
        threads: threadsOf(options, count),
        photoLimits: photoLimitsMessage(datasetLimits(setting.limits)),
        ...(controlPath !== undefined && {
          replicas: {
            addresses: await freeLoopbackAddresses(count),
            controlPath,
            // The server notices first which one hangs.
            silence: durationOf(2 * setting.limits.heartbeatTimeoutMs),
          },
        }),
      },
    });
  }

  /** Asks the workers to end after their step with a checkpoint; if they have not begun, kills them. */
  stop(graceMs: number): void {
    if (this.#workers.isLinked) this.#workers.stop(graceMs);
    else {
      this.#neverBegan = true;
      this.#workers.kill("it was to stop before it had begun");
    }
  }

  /** Tells the workers how long this server still has the job. */
  renewLease(remainingMs: number): void {
    this.#workers.renewLease(remainingMs);
  }

  /** Stops as `stop` does, and by then waits for the store no longer where that is away. */
  suspend(graceMs: number): void {
    this.stop(graceMs);
    this.#abandoning ??= setTimeout(() => this.#writer.abandon(), graceMs);
  }

  /** @param reason half a sentence. */
  kill(reason: string): void {
    this.#workers.kill(reason);
  }

  async #take(message: WorkerMessage, timeMs: number): Promise<void> {
    const { kind, value } = message;
    if (kind === "found") return await this.#reconcile(value, timeMs);
    if (kind === "losses" || kind === "checkpoint" || kind === "finished") {
      // A checkpoint is told when it is written, by when training may be further.
      this.#step = Math.max(this.#step ?? 0, value.step);
    }
    if (kind === "heartbeat" && !this.#isNews(value.progress, timeMs)) return;
    const event = eventOf(message, timeMs, runPath(this.#job.id));
    if (event) await this.#writer.add(event, kind === "checkpoint" ? value.deletedSteps : []);
  }

  /** Records what an earlier worker of the job could not tell any more. */
  async #reconcile(found: CheckpointsFound__Output, timeMs: number): Promise<void> {
    const recorded = await this.#events.checkpoints(this.#job.id);
    const { untold, goneSteps } = compareCheckpoints(recorded, found);
    for (const value of untold) await this.#take({ kind: "checkpoint", value }, timeMs);
    if (goneSteps.length > 0) {
      const { id, attempt, epoch } = this.#job;
      await this.#events.forgetCheckpoints(id, goneSteps, { attempt, epoch });
    }
  }

  #isNews(progress: TrainingProgress__Output | null, timeMs: number): boolean {
    const { phase, photosTotal = 0 } = progress ?? {};
    const interval = phase === "TRAINING_PHASE_PREPARING"
      ? PREPARING_EVENT_INTERVAL_MS
      : HEARTBEAT_EVENT_INTERVAL_MS;
    const isSame = phase === this.#phase && photosTotal === this.#photosTotal;
    if (isSame && timeMs - this.#heartbeatMs < interval) return false;
    this.#phase = phase;
    this.#photosTotal = photosTotal;
    this.#heartbeatMs = timeMs;
    return true;
  }

  async #end(controlPath: string | undefined): Promise<AttemptEnd> {
    const workers = await this.#workers.ended;
    const end = { ...workers, step: this.#step, neverBegan: this.#neverBegan };
    try {
      if (controlPath !== undefined) await rm(controlPath, { force: true });
      await this.#writer.flush();
      return end;
    } catch (error) {
      return { ...end, failure: end.failure ?? { error } };
    } finally {
      clearTimeout(this.#abandoning);
    }
  }
}

/**
 * Where the photos of a job's dataset lie: as it was named, and with links resolved. Nowhere is an
 * answer where the job has kept what was prepared of them.
 */
async function photosOf(
  { datasetFolder, dataFolder }: SupervisorOptions,
  { id, dataset, attempt }: Job,
): Promise<string[]> {
  try {
    const folder = await datasetFolder(dataset);
    return [folder, await realpath(folder)];
  } catch (cause) {
    if (hasKeptPhotos(dataFolder, id)) return [];
    const known = cause instanceof TinctError && cause.code !== "not_found" ? cause : undefined;
    throw known ?? new TinctError(
      "not_found",
      `The photos of the dataset ${dataset} are gone from the server, and this job had not ` +
        "prepared them yet; put them back, and submit " +
        (attempt > 1 ? "a job that resumes from its newest checkpoint." : "the job again."),
      { cause },
    );
  }
}
