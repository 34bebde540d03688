import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { writeFileAtomically } from "../checkpoints/atomic_write.ts";
import { type CheckpointStore, openCheckpointStore } from "../checkpoints/checkpoint_store.ts";
import { surveyCheckpoints } from "../checkpoints/run_folder.ts";
import { parseTrainingConfig, type TrainingConfig } from "../config/training.ts";
import { messageOf, TinctError } from "../errors.ts";
import { lockRun } from "./run_lock.ts";
import { decodeRunState, resumeConfig } from "./run_state.ts";

/** How a run is opened. */
export interface OpenRunOptions {
  /** The options that were given; the others take their defaults, or when resuming the run's own. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Go on with the run in the folder, instead of starting one. */
  readonly resume: boolean;
  readonly programVersion: string;
  /** Told of each damaged checkpoint that is passed over. */
  readonly onWarning: (warning: TinctError) => void;
}

/** A run folder, held by this process until it is disposed of. */
export interface Run extends Disposable {
  readonly folder: string;
  readonly store: CheckpointStore;
  readonly config: TrainingConfig;
}

/**
 * Opens the folder of a run, and makes it where a run is to start.
 *
 * @throws TinctError `already_exists` when a run is to start where there is one, `not_found` when
 *   one is to be resumed and there is none, `failed_precondition` when another process trains
 *   there, `invalid_argument` for options that do not fit or cannot change.
 */
export async function openRun(
  folder: string,
  { given, resume, programVersion, onWarning }: OpenRunOptions,
): Promise<Run> {
  if (!resume) parseTrainingConfig(given); // before anything is made
  else await requireRun(folder);
  await makeFolder(folder);
  const lock = await lockRun(folder);
  try {
    const open = (keepLast: number) =>
      openCheckpointStore(folder, {
        programVersion,
        keepLast,
        metric: { name: "psnr", direction: "higher" },
        onWarning,
      });
    const latest = await (await open(1)).latest();
    const config = latest === undefined
      ? parseTrainingConfig(given)
      : resume
      ? resumeConfig(decodeRunState(latest.state, latest.path).config, given)
      : refuseExisting(folder, latest.step);
    if (resume && latest === undefined) throw noCheckpoint(folder);
    await writeFileAtomically(join(folder, "config.json"), JSON.stringify(config, null, 2) + "\n");
    const store = await open(config.keepCheckpoints);
    return {
      folder: resolve(folder),
      store,
      config,
      [Symbol.dispose]: () => lock[Symbol.dispose](),
    };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function refuseExisting(folder: string, step: number): never {
  throw new TinctError(
    "already_exists",
    `${folder} holds a run that has come to step ${step}: go on with it (--resume), or give ` +
      "another folder.",
  );
}

function noCheckpoint(folder: string): TinctError {
  return new TinctError(
    "not_found",
    `${folder} holds no checkpoint to resume from: leave --resume out to start a run there.`,
  );
}

async function requireRun(folder: string): Promise<void> {
  try {
    const { checkpoints, unreadable } = await surveyCheckpoints(folder);
    if (checkpoints.length === 0 && unreadable.length === 0) throw noCheckpoint(folder);
  } catch (error) {
    if (error instanceof TinctError && error.code === "not_found") throw noCheckpoint(folder);
    throw error;
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new TinctError(
      "failed_precondition",
      `The folder ${folder} cannot be made (${messageOf(cause)}): give another one.`,
      { cause },
    );
  }
}
