import { createReadStream, existsSync } from "node:fs";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { writeFolderAtomically } from "../files/atomic_write.ts";
import { TRAINED_PHOTOS_FILE, trainedPhotosOf } from "../files/trained_photos_file.ts";
import { CHECKPOINTS_FOLDER, stepOfFolder } from "../checkpoints/run_folder.ts";

/** Whether a run has checkpoints of its own. */
export async function hasCheckpoints(runFolder: string): Promise<boolean> {
  const folder = join(runFolder, CHECKPOINTS_FOLDER);
  if (!existsSync(folder)) return false;
  return (await readdir(folder)).some((name) => stepOfFolder(name) !== undefined);
}

/**
 * Makes a checkpoint of another run the first one of a run, whole or not at all. What is known of the
 * other run's photos comes along.
 *
 * @param checkpointFolder whose name is that of its step.
 */
export async function adoptCheckpoint(checkpointFolder: string, runFolder: string): Promise<void> {
  const folder = join(runFolder, CHECKPOINTS_FOLDER);
  await mkdir(folder, { recursive: true });
  const photos = trainedPhotosOf(checkpointFolder);
  if (existsSync(photos)) await copyFile(photos, join(runFolder, TRAINED_PHOTOS_FILE));
  const names = await readdir(checkpointFolder);
  await writeFolderAtomically(join(folder, basename(checkpointFolder)), async (writer) => {
    for (const name of names) {
      await writer.writeFile(name, async (file) => {
        for await (const chunk of createReadStream(join(checkpointFolder, name))) {
          await file.write(chunk);
        }
      });
    }
  });
}
