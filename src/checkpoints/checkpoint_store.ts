import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { TinctError } from "../errors.ts";
import {
  type Failpoint,
  removeFolderAtomically,
  writeFolderAtomically,
  type WriteOptions,
} from "../files/atomic_write.ts";
import { type Checkpoint, type CheckpointInfo, openCheckpoint } from "./checkpoint_folder.ts";
import {
  type CheckpointFile,
  type CheckpointManifest,
  encodeManifest,
  isTensorFileName,
  MANIFEST_NAME,
} from "./checkpoint_manifest.ts";
import { syncFolder } from "../files/durable_file.ts";
import { systemErrorName, writing } from "../files/file_errors.ts";
import { pinnedSteps } from "./pins.ts";
import { stepsToRemove } from "./retention.ts";
import {
  bestFirst,
  CHECKPOINTS_FOLDER,
  type MetricChoice,
  openFirstGood,
  stepFolderName,
  type Survey,
  surveyCheckpoints,
  type WarningListener,
} from "./run_folder.ts";
import { safetensorsContent, type TensorSource } from "./safetensors.ts";
import { assertJsonValue, type JsonObject } from "../files/strict_json.ts";
import { removeLeftovers } from "../files/temporary_names.ts";

/** Options of `openCheckpointStore`. */
export interface CheckpointStoreOptions {
  /** Recorded in every checkpoint. */
  readonly programVersion: string;
  /** How many of the newest checkpoints stay, from 1. */
  readonly keepLast?: number;
  /** How many of the best checkpoints stay besides, from 0; without a metric there is no best. */
  readonly keepBest?: number;
  /** By what checkpoints are compared. */
  readonly metric?: MetricChoice | undefined;
  /**
   * Is told of each damaged checkpoint that is passed over, and of one that should have been removed
   * and could not. The process's own warning (on standard error) when left out.
   */
  readonly onWarning?: WarningListener;
  /** For tests. */
  readonly failpoint?: Failpoint | undefined;
}

/** What one save writes. */
export interface SaveRequest {
  /** Training steps done; a checkpoint of the same step is replaced. */
  readonly step: number;
  /** File name (such as `generator.safetensors`) to the tensors it is to hold. */
  readonly tensors: Readonly<Record<string, Iterable<TensorSource>>>;
  /** Whatever else the training needs to go on: what JSON can hold, nothing else. */
  readonly state: JsonObject;
  /** The value of the store's metric, where it was measured. */
  readonly metric?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a checkpoint is opened. */
interface LoadOptions {
  /** The tensor files to read and open; all when left out. */
  readonly files?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the checkpoints of a run for the one process that writes to it, and tidies up what a process
 * that died there left unfinished. Readers use `loadGenerator` or `surveyCheckpoints`.
 *
 * @param runFolder an existing folder; `checkpoints/` is made in it.
 * @throws {TinctError} not_found, permission_denied, resource_exhausted; data_loss when
 *   `checkpoints` is a symbolic link.
 * @throws {RangeError} when keepLast or keepBest is out of its range.
 */
export async function openCheckpointStore(
  runFolder: string,
  options: CheckpointStoreOptions,
): Promise<CheckpointStore> {
  const store = new CheckpointStore(runFolder, options);
  const folder = join(runFolder, CHECKPOINTS_FOLDER);
  try {
    await mkdir(folder);
    await syncFolder(runFolder);
  } catch (error) {
    if (systemErrorName(error) !== "EEXIST") await writing(folder, Promise.reject(error));
  }
  await store.survey();
  await removeLeftovers(folder);
  return store;
}

/**
 * The checkpoints of a run: `checkpoints/step-00001000/` with its tensor files and checkpoint.json.
 * A checkpoint is there whole or not at all, whenever the process dies. Holds no open file.
 */
export class CheckpointStore {
  readonly runFolder: string;
  readonly #programVersion: string;
  readonly #keepLast: number;
  readonly #keepBest: number;
  readonly #metric: MetricChoice | undefined;
  readonly #onWarning: WarningListener;
  readonly #failpoint: Failpoint | undefined;
  #saving = false;

  /** For `openCheckpointStore`. */
  constructor(
    runFolder: string,
    { programVersion, keepLast = 3, keepBest = 1, metric, onWarning, failpoint }:
      CheckpointStoreOptions,
  ) {
    if (!Number.isSafeInteger(keepLast) || keepLast < 1) {
      throw new RangeError(`keepLast must be a whole number from 1, not ${keepLast}`);
    }
    if (!Number.isSafeInteger(keepBest) || keepBest < 0) {
      throw new RangeError(`keepBest must be a whole number from 0, not ${keepBest}`);
    }
    this.runFolder = runFolder;
    this.#programVersion = programVersion;
    this.#keepLast = keepLast;
    this.#keepBest = keepBest;
    this.#metric = metric;
    this.#onWarning = onWarning ?? ((warning) => process.emitWarning(warning.message));
    this.#failpoint = failpoint;
  }

  /**
   * Writes a checkpoint and, once it is on the disk, removes those that are no longer to be kept.
   * One tensor is in memory at a time. When it fails, all earlier checkpoints are as they were.
   *
   * @throws {TinctError} resource_exhausted when the disk is full; permission_denied.
   * @throws {TypeError | RangeError} for a request that makes no sense, or a save during another.
   */
  async save(request: SaveRequest): Promise<CheckpointInfo> {
    this.#validate(request);
    request.signal?.throwIfAborted();
    this.#saving = true;
    try {
      const info = await this.#write(request);
      await this.#removeOld(info);
      return info;
    } finally {
      this.#saving = false;
    }
  }

  /** All checkpoints, and those that are damaged. See `surveyCheckpoints`. */
  async survey(): Promise<Survey> {
    return await surveyCheckpoints(this.runFolder);
  }

  /** The checkpoints that are not visibly damaged, in the order of their saving. */
  async list(): Promise<readonly CheckpointInfo[]> {
    return (await this.survey()).checkpoints;
  }

  /** The newest checkpoint that is not visibly damaged. */
  async latest(): Promise<CheckpointInfo | undefined> {
    return (await this.list()).at(-1);
  }

  /** The checkpoint with the best value of the store's metric, or undefined without one. */
  async best(): Promise<CheckpointInfo | undefined> {
    return this.#metric && bestFirst(await this.list(), this.#metric)[0];
  }

  /**
   * Opens one checkpoint after comparing its files with their checksums.
   *
   * @param which the newest, the best, that of a step, or one from `list`.
   * @returns the checkpoint; the caller disposes of it.
   * @throws {TinctError} not_found; data_loss when it is damaged (for "latest" also when a damaged
   *   one is newer: `loadLatestGood` goes past it).
   */
  async load(
    which: CheckpointInfo | "latest" | "best" | number,
    options: LoadOptions = {},
  ): Promise<Checkpoint> {
    return await openCheckpoint(await this.#find(which), options);
  }

  /**
   * Opens the newest checkpoint that is sound to the last bit, and warns of every damaged one.
   *
   * @throws {TinctError} not_found when the run has none; data_loss when all are damaged;
   *   failed_precondition when one is of another format version, so that work is not lost unseen.
   */
  async loadLatestGood({ files, signal }: LoadOptions = {}): Promise<Checkpoint> {
    const survey = await this.survey();
    return await openFirstGood(this.runFolder, survey, survey.checkpoints.toReversed(), {
      files,
      signal,
      onWarning: this.#onWarning,
    });
  }

  #validate({ step, tensors, state, metric }: SaveRequest): void {
    if (this.#saving) throw new TypeError("save() was called before the last save() had ended");
    if (!Number.isSafeInteger(step) || step < 0) throw new RangeError(`step is ${step}`);
    const names = Object.keys(tensors);
    if (names.length === 0) throw new TypeError("a checkpoint needs a tensor file");
    for (const name of names) {
      if (!isTensorFileName(name)) throw new TypeError(`${name} cannot be a tensor file's name`);
    }
    assertJsonValue(state, "state");
    if (metric === undefined) return;
    if (!this.#metric) throw new TypeError("the store was opened without a metric");
    if (!Number.isFinite(metric)) throw new RangeError(`${this.#metric.name} is ${metric}`);
  }

  async #write(
    { step, tensors, state, metric, signal }: SaveRequest,
  ): Promise<CheckpointInfo> {
    const sequence = ((await this.latest())?.sequence ?? 0) + 1;
    const path = join(this.runFolder, CHECKPOINTS_FOLDER, stepFolderName(step));
    const options: WriteOptions = { signal, failpoint: this.#failpoint };
    const manifest = await writeFolderAtomically(path, async (folder) => {
      const files: CheckpointFile[] = [];
      for (const [name, sources] of Object.entries(tensors)) {
        const content = safetensorsContent(sources, { format: "pt" });
        files.push({ name, ...await folder.writeFile(name, content) });
      }
      const written: CheckpointManifest = {
        programVersion: this.#programVersion,
        sequence,
        step,
        metric: metric === undefined || !this.#metric
          ? undefined
          : { ...this.#metric, value: metric },
        files,
        state: structuredClone(state),
      };
      await folder.writeFile(MANIFEST_NAME, encodeManifest(written));
      return written;
    }, options);
    return { path, ...manifest };
  }

  async #removeOld(written: CheckpointInfo): Promise<void> {
    const steps = stepsToRemove(await this.survey(), {
      keepLast: this.#keepLast,
      keepBest: this.#keepBest,
      metric: this.#metric,
      written: written.step,
    });
    for (const step of steps) {
      if ((await pinnedSteps(this.runFolder)).has(step)) continue;
      const path = join(this.runFolder, CHECKPOINTS_FOLDER, stepFolderName(step));
      try {
        await removeFolderAtomically(path, {
          failpoint: this.#failpoint,
          stillUnwanted: async () => !(await pinnedSteps(this.runFolder)).has(step),
        });
      } catch (error) {
        // The new checkpoint is safe; that an old one stays is no reason to stop the training.
        if (!(error instanceof TinctError)) throw error;
        this.#onWarning(error);
      }
    }
  }

  async #find(which: CheckpointInfo | "latest" | "best" | number): Promise<CheckpointInfo> {
    if (typeof which === "object") return which;
    const { checkpoints, unreadable } = await this.survey();
    if (typeof which === "number") {
      const damaged = unreadable.find(({ step }) => step === which);
      if (damaged) throw damaged.error;
      const found = checkpoints.find(({ step }) => step === which);
      if (found) return found;
      const steps = checkpoints.map(({ step }) => step).join(", ") || "none";
      throw new TinctError(
        "not_found",
        `${this.runFolder} has no checkpoint of step ${which}; it has ${steps}.`,
      );
    }
    const found = which === "latest"
      ? checkpoints.at(-1)
      : this.#metric && bestFirst(checkpoints, this.#metric)[0];
    const newest = unreadable.at(-1);
    if (which === "latest" && newest && newest.step > (found?.step ?? -1)) throw newest.error;
    if (found) return found;
    const what = which === "latest" ? "checkpoint yet" : "checkpoint with a metric";
    throw new TinctError("not_found", `${this.runFolder} has no ${what}; train it first.`);
  }
}
