import { TinctError } from "../errors.ts";
import { photoLimitsMessage } from "../protocol/photo_limits.ts";
import type { PhotoPreview__Output } from "../protocol/generated/tinct/v1/photo_preview.ts";
import { datasetLimits } from "./fleet_options.ts";
import { accessTo } from "./inspect_dataset.ts";
import { workForReport } from "./report_work.ts";
import type { FleetSetting } from "./worker_environment.ts";

/** Which pictures are wanted. */
export interface WantedPreviews {
  /** Names of photos within the folder. */
  readonly fileNames: readonly string[];
  /** Longer side of a picture at most, in pixels. */
  readonly maxSide: number;
}

/** See `Workbench.preview`; photos are decoded by a worker that reads this folder and nothing else. */
export async function previewPhotos(
  setting: FleetSetting,
  folder: string,
  { fileNames, maxSide }: WantedPreviews,
  signal: AbortSignal,
): Promise<readonly PhotoPreview__Output[]> {
  if (fileNames.length === 0) return [];
  signal.throwIfAborted();
  const access = await accessTo(folder, setting);
  const task = {
    access,
    assignment: {
      preview: {
        datasetFolder: access.read[0],
        fileNames: [...fileNames],
        maxSide,
        photoLimits: photoLimitsMessage(datasetLimits(setting.limits)),
      },
    },
  };
  const made: PhotoPreview__Output[] = [];
  return await workForReport(setting, task, {
    reportIn: ({ kind, value }) => {
      if (kind !== "preview") return undefined;
      made.push(value);
      return made;
    },
    signal,
    whenLost: (loss) =>
      new TinctError(
        "unavailable",
        `The worker that made pictures of photos was lost: ${loss}. Try again.`,
      ),
  });
}
