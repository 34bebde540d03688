import { join } from "node:path";
import { isThere } from "../files/folder_tree.ts";
import { TinctError } from "../errors.ts";
import { type CheckpointInfo, readCheckpointInfo } from "./checkpoint_folder.ts";
import { MANIFEST_NAME } from "./checkpoint_manifest.ts";
import { CHECKPOINTS_FOLDER, surveyCheckpoints } from "./run_folder.ts";

/**
 * The checkpoint that a path stands for: itself, or the newest of a run. Its tensors are not read.
 *
 * @throws {TinctError} not_found where there is none, data_loss for a damaged one.
 */
export async function checkpointAt(path: string): Promise<CheckpointInfo> {
  if (isThere(join(path, MANIFEST_NAME))) return await readCheckpointInfo(path);
  const isRun = isThere(join(path, CHECKPOINTS_FOLDER));
  const { checkpoints, unreadable } = isRun
    ? await surveyCheckpoints(path)
    : { checkpoints: [], unreadable: [] };
  const newest = checkpoints.at(-1);
  if (newest !== undefined) return newest;
  const [damaged] = unreadable;
  if (damaged !== undefined) throw damaged.error;
  if (!isThere(path)) {
    throw new TinctError("not_found", `${path} does not exist; check its path.`);
  }
  throw new TinctError(
    "not_found",
    `${path} is neither a run with a checkpoint nor a checkpoint: give the folder of one.`,
  );
}
