import { realpath } from "node:fs/promises";
import type { TrainingConfig } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import { photoLimitsMessage } from "../protocol/photo_limits.ts";
import type { DatasetReport__Output } from "../protocol/generated/tinct/v1/dataset_report.ts";
import { datasetLimits } from "./fleet_options.ts";
import { workForReport } from "./report_work.ts";
import type { FleetSetting } from "./worker_environment.ts";

/** How photos would be trained on; see `findOddities`. */
export type InspectionConfig = Pick<TrainingConfig, "size" | "seed" | "validationFraction">;

/** What is looked at. */
export interface InspectionOptions {
  /** How the photos would be trained on; left out: they are not split. */
  readonly config?: InspectionConfig | undefined;
  /** Look no further once so many photos are found that would be trained on. */
  readonly untilTrained?: number | undefined;
}

/** See `Workbench.inspect`; decoding photos is a worker's, which computes nothing else. */
export async function inspectDataset(
  setting: FleetSetting,
  folder: string,
  { config, untilTrained = 0 }: InspectionOptions,
  signal: AbortSignal,
): Promise<DatasetReport__Output> {
  signal.throwIfAborted();
  const access = await accessTo(folder, setting);
  const [datasetFolder] = access.read;
  const split = config && {
    size: config.size,
    seed: config.seed,
    validationFraction: config.validationFraction,
  };
  const task = {
    access,
    assignment: {
      inspection: {
        datasetFolder,
        untilTrained,
        ...split,
        photoLimits: photoLimitsMessage(datasetLimits(setting.limits)),
      },
    },
  } as const;
  return await workForReport(setting, task, {
    reportIn: ({ kind, value }) => kind === "report" ? value : undefined,
    signal,
    whenLost: (loss) =>
      new TinctError(
        "unavailable",
        `The worker that looked at the photos was lost: ${loss}. Try again.`,
      ),
  });
}

/** What a worker may reach that decodes the photos of a folder. @throws {TinctError} not_found. */
export async function accessTo(folder: string, { options }: FleetSetting) {
  return {
    program: "inspect",
    read: [await existing(folder)],
    write: [],
    libraryPath: undefined,
    environment: options.environment,
  } as const;
}

/** A folder, links resolved. @throws {TinctError} not_found. */
async function existing(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (cause) {
    throw new TinctError("not_found", "The folder of the dataset is gone; put it back.", { cause });
  }
}
