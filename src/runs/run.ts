import { join } from "node:path";
import { isThere } from "../files/folder_tree.ts";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { type CheckpointStore, openCheckpointStore } from "../checkpoints/checkpoint_store.ts";
import { CHECKPOINTS_FOLDER, type MetricChoice } from "../checkpoints/run_folder.ts";
import type { OptionNaming } from "../config/option.ts";
import { parseTrainingConfig, type TrainingConfig } from "../config/training.ts";
import { makeFolder } from "../files/make_folder.ts";
import { removeLeftovers } from "../files/temporary_names.ts";
import { TinctError } from "../errors.ts";
import { bestMetricOf } from "./best_metric.ts";
import { lockRun } from "./run_lock.ts";
import { decodeRunState, resumeConfig } from "./run_state.ts";

/** How a run is opened. */
interface OpenRunOptions {
  /** The options that were given; the others take their defaults, or when resuming the run's own. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Go on with the run in the folder, instead of starting one. */
  readonly resume: boolean;
  /** The caller has taken the folder by `waitForRun`, and gives it back; else that is done here. */
  readonly isHeld?: boolean;
  readonly programVersion: string;
  /** What the reader of an error calls an option; its own name when left out. */
  readonly nameOf?: OptionNaming | undefined;
  /** Told of each damaged checkpoint that is passed over. */
  readonly onWarning: (warning: TinctError) => void;
}

/** A run folder, held by this process until it is disposed of. */
export interface Run extends Disposable {
  /** As it was given. */
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
  { given, resume, isHeld = false, programVersion, nameOf, onWarning }: OpenRunOptions,
): Promise<Run> {
  // Before anything is made.
  const fresh = resume ? undefined : parseTrainingConfig(given, { nameOf });
  if (resume && !isThere(join(folder, CHECKPOINTS_FOLDER))) throw noCheckpoint(folder);
  await makeFolder(folder);
  const lock = isHeld ? undefined : await lockRun(folder);
  try {
    await tidyUp(folder);
    const open = (keepLast: number, metric?: MetricChoice) =>
      openCheckpointStore(folder, {
        programVersion,
        keepLast,
        metric,
        onWarning,
      });
    const { checkpoints, unreadable } = await (await open(1)).survey();
    const latest = checkpoints.at(-1);
    let config = fresh;
    if (config !== undefined) refuseExisting(folder, latest ?? unreadable.at(-1));
    else if (latest === undefined) throw noSoundCheckpoint(folder, unreadable.at(-1));
    else config = resumeConfig(decodeRunState(latest.state, latest.path).config, given, nameOf);
    await writeFileAtomically(join(folder, "config.json"), JSON.stringify(config, null, 2) + "\n");
    const { name, direction } = bestMetricOf(config);
    const store = await open(config.keepCheckpoints, { name, direction });
    return {
      folder,
      store,
      config,
      [Symbol.dispose]: () => lock?.[Symbol.dispose](),
    };
  } catch (error) {
    lock?.[Symbol.dispose]();
    throw error;
  }
}

function refuseExisting(folder: string, newest: { readonly step: number } | undefined): void {
  if (newest === undefined) return;
  throw new TinctError(
    "already_exists",
    `${folder} holds a run that is at step ${newest.step}: continue it (--resume), or give ` +
      "another folder.",
  );
}

function noSoundCheckpoint(
  folder: string,
  damaged: { readonly error: TinctError } | undefined,
): TinctError {
  if (damaged === undefined) return noCheckpoint(folder);
  const { error } = damaged;
  return new TinctError(
    error.code,
    `${folder} holds no sound checkpoint to resume from: ${error.message} Start a run in another ` +
      "folder.",
    { cause: error },
  );
}

function noCheckpoint(folder: string): TinctError {
  return new TinctError(
    "not_found",
    `${folder} holds no checkpoint to resume from: leave out --resume to start a run there.`,
  );
}

/** Removes what a process that was killed left half written. */
async function tidyUp(folder: string): Promise<void> {
  for (const place of [folder, join(folder, "samples")]) {
    if (isThere(place)) await removeLeftovers(place);
  }
}
