import { freeBytes } from "../files/free_bytes.ts";
import type { TrainingConfig } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import { errorOf } from "../protocol/faults.ts";
import type { ResourceReport__Output } from "../protocol/generated/tinct/v1/resource_report.ts";
import { configMessage } from "../protocol/training_options.ts";
import { replicasOf, type SlotStatus } from "./device_slots.ts";
import { environmentFor, type FleetSetting, threadsOf } from "./worker_environment.ts";
import { describeLoss, WorkerSession } from "./worker_session.ts";

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
  let report: ResourceReport__Output | undefined;
  const session = new WorkerSession(setting, {
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
    onMessage: ({ kind, value }) => {
      if (kind === "resources") report = value;
    },
  });
  const abort = () => session.kill("nobody waits for its report");
  signal.addEventListener("abort", abort, { once: true });
  const end = await session.ended;
  signal.removeEventListener("abort", abort);
  signal.throwIfAborted();
  if (end.finished?.fault) throw errorOf(end.finished.fault);
  if (report && end.finished) {
    return { ...report, device: device.name, deviceBusy: device.jobId !== undefined };
  }
  throw new TinctError(
    "resource_exhausted",
    `The worker that measured a step was lost: ${describeLoss(end)}. Where its memory was too ` +
      "little, a smaller batch_size or size may fit.",
  );
}
