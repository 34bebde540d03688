import { dirname, join } from "node:path";

/** The file in a run's folder that says which photos it is trained on. */
export const TRAINED_PHOTOS_FILE = "photos.json";

/** That of the run that a checkpoint belongs to. @param checkpointFolder as it lies in its run. */
export function trainedPhotosOf(checkpointFolder: string): string {
  return join(dirname(dirname(checkpointFolder)), TRAINED_PHOTOS_FILE);
}
