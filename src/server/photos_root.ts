import { foldersIn } from "../files/folder_tree.ts";
import { messageOf, TinctError } from "../errors.ts";
import { systemErrorName } from "../files/file_errors.ts";
import { counted } from "../words.ts";
import type { DatasetFolders } from "../datasets/dataset_folders.ts";
import type { Log } from "../log/log.ts";

/** Names that a line tells. */
const MAX_TOLD = 5;

/**
 * Refuses a folder of datasets that is none, before the server starts without any.
 *
 * @param root absolute, as somebody gave it.
 * @throws {TinctError} not_found, permission_denied, failed_precondition.
 */
export async function requirePhotosRoot(root: string): Promise<void> {
  try {
    await foldersIn(root);
  } catch (cause) {
    const name = systemErrorName(cause);
    if (name === "ENOENT") {
      const sentence = `--photos ${root} does not exist: create it, or give another folder.`;
      throw new TinctError("not_found", sentence, { cause });
    }
    if (name === "ENOTDIR") {
      const sentence =
        `--photos ${root} is not a folder: give the folder whose subfolders are datasets.`;
      throw new TinctError("failed_precondition", sentence, { cause });
    }
    throw new TinctError(
      "permission_denied",
      `--photos ${root} cannot be listed (${
        messageOf(cause)
      }): give the server's user access to it.`,
      { cause },
    );
  }
}

/** Logs which folders nobody can train on, since their names cannot be those of datasets. */
export async function tellMisnamed(datasets: DatasetFolders, log: Log): Promise<void> {
  const names = await datasets.misnamed();
  if (names.length === 0) return;
  const shown = names.slice(0, MAX_TOLD).map((name) => JSON.stringify(name)).join(", ");
  const more = names.length > MAX_TOLD ? ` and ${names.length - MAX_TOLD} more` : "";
  const what = names.length === 1 ? "is not a dataset" : "are not datasets";
  log.write({
    level: "warning",
    message:
      `${counted(names.length, "folder")} of the photos' folder ${what}: ${shown}${more}. A ` +
      "dataset's name has 1 to 64 letters, digits, '.', '_' or '-', begins with a letter or digit and " +
      "does not end in a dot; rename them.",
    fields: {},
  });
}
