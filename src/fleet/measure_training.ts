import { freeBytes } from "../files/free_bytes.ts";
import type { TrainingConfig } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import type { ResourceReport__Output } from "../protocol/generated/tinct/v1/resource_report.ts";
import { configMessage } from "../protocol/training_options.ts";
import { replicasOf, type SlotStatus } from "./device_slots.ts";
import { workForReport } from "./report_work.ts";
import { environmentFor, type FleetSetting, threadsOf } from "./worker_environment.ts";

/** What is to be measured. */
export interface Measurement {
  readonly config: TrainingConfig;
  /** Usable photos of the dataset; 0: not known. */
  readonly photos: number;
}

/** See `Workbench.measure`; computing is a worker's, on the device where a job would run. */
export async function measureTraining(
  setting: FleetSetting,
  { config, photos }: Measurement,
  device: SlotStatus,
  signal: AbortSignal,
): Promise<ResourceReport__Output> {
  signal.throwIfAborted();
  const { libraryPath, dataFolder, environment } = setting.options;
  const freeDiskBytes = await freeBytes(dataFolder);
  const replicas = replicasOf(device);
  const [first] = replicas;
  const task = {
    access: {
      program: "measure",
      read: [],
      write: [],
      libraryPath,
      environment: environmentFor({ ...device, name: first }, environment),
    },
    assignment: {
      measurement: {
        config: configMessage(config),
        device: first,
        threads: threadsOf(setting.options, replicas.length),
        photos,
        freeDiskBytes,
        replicas: replicas.length,
      },
    },
  } as const;
  const report = await workForReport(setting, task, {
    reportIn: ({ kind, value }) => kind === "resources" ? value : undefined,
    signal,
    whenLost: (loss) =>
      new TinctError(
        "resource_exhausted",
        `The worker that measured a step was lost: ${loss}. Where its memory was too ` +
          "little, a smaller batch_size or size may fit.",
      ),
  });
  return { ...report, device: device.name, deviceBusy: device.jobId !== undefined };
}
