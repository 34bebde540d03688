import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { TinctError } from "../errors.ts";
import {
  checkFileSizes,
  type Checkpoint,
  type CheckpointInfo,
  type FileChoice,
  openCheckpoint,
  readCheckpointInfo,
} from "./checkpoint_folder.ts";
import type { MetricDirection } from "./checkpoint_manifest.ts";
import { reading } from "../files/file_errors.ts";

/** The folder of a run that holds its checkpoints. */
export const CHECKPOINTS_FOLDER = "checkpoints";

const STEP_FOLDER = /^step-(\d{8,})$/;

/** The name of a step's folder: `step-00001000`. */
export function stepFolderName(step: number): string {
  return `step-${String(step).padStart(8, "0")}`;
}

/** The step of the checkpoint in a folder of this name; undefined for the name of something else. */
export function stepOfFolder(name: string): number | undefined {
  const step = STEP_FOLDER.exec(name)?.[1];
  return step === undefined ? undefined : Number(step);
}

/** A metric's name and which end of its scale is better. */
export interface MetricChoice {
  readonly name: string;
  readonly direction: MetricDirection;
}

/** A checkpoint folder that cannot be used, and why. */
interface UnreadableCheckpoint {
  readonly step: number;
  readonly path: string;
  /** data_loss when it is damaged; another code when it may be sound (format version, permission). */
  readonly error: TinctError;
}

/** What a run has. */
export interface Survey {
  /** In the order in which they were saved, the newest last. */
  readonly checkpoints: readonly CheckpointInfo[];
  readonly unreadable: readonly UnreadableCheckpoint[];
}

/**
 * Lists a run's checkpoints: reads each checkpoint.json and compares the files' lengths. The files
 * themselves are not read, so a flipped bit in one shows only when it is opened. Changes nothing.
 *
 * @param runFolder a run that may have no checkpoint yet.
 * @param options `files`: the tensor files that matter; all when left out.
 * @throws {TinctError} data_loss when the checkpoints folder is a symbolic link.
 */
export async function surveyCheckpoints(
  runFolder: string,
  { files }: { files?: FileChoice | undefined } = {},
): Promise<Survey> {
  const folder = join(runFolder, CHECKPOINTS_FOLDER);
  const checkpoints: CheckpointInfo[] = [];
  const unreadable: UnreadableCheckpoint[] = [];
  for (const name of await folderNames(folder)) {
    const step = stepOfFolder(name) ?? NaN;
    if (!Number.isSafeInteger(step) || stepFolderName(step) !== name) continue;
    const path = join(folder, name);
    try {
      const info = await readCheckpointInfo(path);
      if (info.step !== step) {
        throw new TinctError("data_loss", `${path} holds the checkpoint of step ${info.step}.`);
      }
      await checkFileSizes(info, files);
      checkpoints.push(info);
    } catch (error) {
      if (!(error instanceof TinctError)) throw error;
      // not_found: another process removed the whole folder since it was listed.
      if (error.code !== "not_found") unreadable.push({ step, path, error });
    }
  }
  checkpoints.sort((a, b) => a.sequence - b.sequence || a.step - b.step);
  unreadable.sort((a, b) => a.step - b.step);
  return { checkpoints, unreadable };
}

async function folderNames(folder: string): Promise<string[]> {
  try {
    const stat = await reading(folder, lstat(folder));
    if (!stat.isDirectory()) {
      throw new TinctError("data_loss", `${folder} is a link or a file, not a real folder.`);
    }
    return await reading(folder, readdir(folder));
  } catch (error) {
    if (error instanceof TinctError && error.code === "not_found") return [];
    throw error;
  }
}

/**
 * The checkpoints that have a metric, the best first; of equal ones the newer first.
 *
 * @param metric which one; when left out, the one that was recorded last.
 */
export function bestFirst(
  checkpoints: readonly CheckpointInfo[],
  metric: MetricChoice | undefined = checkpoints.findLast((info) => info.metric)?.metric,
): CheckpointInfo[] {
  if (!metric) return [];
  const sign = metric.direction === "lower" ? 1 : -1;
  return checkpoints
    .flatMap((info) =>
      info.metric?.name === metric.name && info.metric.direction === metric.direction
        ? [{ info, value: info.metric.value }]
        : []
    )
    .sort((a, b) => sign * (a.value - b.value) || b.info.sequence - a.info.sequence)
    .map(({ info }) => info);
}

/** Is told of something that was worked around: a damaged checkpoint, a folder that stays. */
export type WarningListener = (warning: TinctError) => void;

/** How `openFirstGood` opens. */
interface OpenFirstGoodOptions {
  /** The tensor files to open; all when left out. */
  readonly files?: FileChoice | undefined;
  readonly onWarning: WarningListener;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the first checkpoint that is sound to the last bit, and warns of each that is not.
 *
 * @param survey of the run, for what could not even be listed.
 * @param candidates in the order of preference.
 * @throws {TinctError} not_found when the run has no checkpoint; data_loss when none is sound; the
 *   error of a checkpoint that may be sound but cannot be read by this program or user, because
 *   going on from an older one would silently lose work.
 */
export async function openFirstGood(
  runFolder: string,
  survey: Survey,
  candidates: readonly CheckpointInfo[],
  { files, onWarning, signal }: OpenFirstGoodOptions,
): Promise<Checkpoint> {
  const damages: TinctError[] = [];
  const warn = (damage: TinctError) => {
    damages.push(damage);
    onWarning(damage);
  };
  for (const { error } of survey.unreadable) {
    if (error.code !== "data_loss") throw error;
    warn(error);
  }
  for (const info of candidates) {
    try {
      return await openCheckpoint(info, { files, signal });
    } catch (error) {
      const damaged = error instanceof TinctError &&
        (error.code === "data_loss" || error.code === "not_found");
      if (!damaged) throw error;
      warn(error);
    }
  }
  const [first] = damages;
  if (!first) {
    throw new TinctError("not_found", `${runFolder} has no checkpoint yet; train it first.`);
  }
  throw new TinctError(
    "data_loss",
    `${runFolder} has no sound checkpoint (${damages.length} damaged): ${first.message}`,
    { cause: first },
  );
}
