import { type Option } from "../config/option.ts";
import { trainingOptions } from "../config/training.ts";
import { replicasOf } from "../fleet/device_slots.ts";
import { defaultSupervisorLimits } from "../fleet/fleet_options.ts";
import type { GanMode } from "../protocol/generated/tinct/v1/gan_mode.ts";
import type { GetCapabilitiesResponse } from "../protocol/generated/tinct/v1/get_capabilities_response.ts";
import type { Precision } from "../protocol/generated/tinct/v1/precision.ts";
import type { ServerLimits } from "../protocol/generated/tinct/v1/server_limits.ts";
import type { TrainingOption } from "../protocol/generated/tinct/v1/training_option.ts";
import { MAX_PIECE_BYTES } from "../protocol/pieces.ts";
import { durationOf } from "../protocol/times.ts";
import { choiceName, fieldName } from "../protocol/training_options.ts";
import { version } from "../version.ts";
import type { ServerContext } from "./context.ts";

/** What this server can do. */
export function capabilities(context: ServerContext): GetCapabilitiesResponse {
  const options: Readonly<Record<string, Option>> = trainingOptions;
  return {
    version,
    tensorflowVersion: context.tensorflowVersion,
    devices: context.supervisor.devices().map((
      { jobId, ...device },
    ) => ({
      name: device.name,
      kind: device.kind === "gpu" ? "DEVICE_KIND_GPU" : "DEVICE_KIND_CPU",
      description: device.description,
      memoryBytes: device.memoryBytes,
      precisions: trainingOptions.precision.choices.map((choice) =>
        choiceName("precision", choice) as Precision
      ),
      jobId: jobId ?? "",
      replicas: replicasOf(device).length,
    })),
    ganModes: trainingOptions.ganMode.choices.map((choice) =>
      choiceName("ganMode", choice) as GanMode
    ),
    imageFormats: [
      "IMAGE_FORMAT_JPEG",
      "IMAGE_FORMAT_PNG",
      "IMAGE_FORMAT_WEBP",
      "IMAGE_FORMAT_TIFF",
      "IMAGE_FORMAT_AVIF",
    ],
    trainingOptions: Object.entries(options).map(([name, option]) => describe(name, option)),
    limits: limitsOf(context),
  };
}

function limitsOf({ settings }: ServerContext): ServerLimits {
  const mib = 2 ** 20;
  return {
    maxReceiveBytes: settings.maxReceiveMib * mib,
    maxSendBytes: Math.floor(settings.maxAnswerMib * mib),
    maxChunkBytes: MAX_PIECE_BYTES,
    maxPhotoPixels: Math.round(settings.maxPhotoMegapixels * 1e6),
    maxPhotoSide: settings.maxPhotoSide,
    maxPhotoBytes: settings.maxPhotoMib * mib,
    maxQueuedJobs: settings.maxQueuedJobs,
    maxQueuedPhotos: settings.maxQueuedPhotos,
    maxDatasetPhotos: settings.maxDatasetPhotos,
    maxDatasetBytes: Math.floor(settings.maxDatasetGib * 2 ** 30),
    maxLostWorkers: defaultSupervisorLimits.maxLostWorkers,
    defaultDeadline: durationOf(settings.deadlineSeconds * 1000),
  };
}

function describe(name: string, option: Option): TrainingOption {
  const kinds = {
    integer: "OPTION_KIND_INTEGER",
    number: "OPTION_KIND_NUMBER",
    choice: "OPTION_KIND_CHOICE",
    boolean: "OPTION_KIND_BOOLEAN",
  } as const;
  const { kind, unit, help } = option;
  const base = { name: fieldName(name), kind: kinds[kind], unit, help };
  switch (option.kind) {
    case "choice": {
      const choices = option.choices.map((choice) => choiceName(name, choice));
      return { ...base, choices, defaultValue: choiceName(name, option.default) };
    }
    case "boolean":
      return { ...base, defaultValue: String(option.default) };
    default:
      return { ...base, defaultValue: String(option.default), min: option.min, max: option.max };
  }
}
