import type { GetCapabilitiesResponse__Output } from "../protocol/generated/tinct/v1/get_capabilities_response.ts";
import type { TrainingOption__Output } from "../protocol/generated/tinct/v1/training_option.ts";
import { durationMsOf } from "../protocol/times.ts";
import { defineCommand } from "../terminal/command.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { formatBytes, formatCount, formatDuration } from "../terminal/quantities.ts";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { detailText } from "../terminal/text_table.ts";

export const command = defineCommand({
  options: { ...serverOptions, ...jsonOption },
  async run({ options }, { environment }) {
    using client = new ServiceClient(options, environment);
    const found = await client.ask<GetCapabilitiesResponse__Output>((answer) =>
      client.jobs.getCapabilities({}, answer)
    );
    if (options.json) printJson(client.json("GetCapabilitiesResponse", found));
    else console.log(describe(found));
  },
});

function describe(found: GetCapabilitiesResponse__Output): string {
  const { version, tensorflowVersion, devices, imageFormats, limits, trainingOptions } = found;
  const rows: [string, string][] = [
    ["version", version],
    ["TensorFlow", tensorflowVersion === "" ? "none was found" : tensorflowVersion],
  ];
  for (const { name, description, memoryBytes, jobId } of devices) {
    const facts = [
      name,
      description,
      memoryBytes === 0 ? "" : formatBytes(memoryBytes),
      jobId === "" ? "free" : `trains ${jobId}`,
    ];
    rows.push(["device", facts.filter((fact) => fact !== "").join(", ")]);
  }
  const formats = imageFormats.map((format) => String(format).replace("IMAGE_FORMAT_", ""));
  rows.push(["results as", formats.join(", ")]);
  if (limits) rows.push(...limitRows(limits));
  const all: [string, string][] = trainingOptions.map((option) => [
    option.name,
    `${option.help} ${valuesOf(option)}`,
  ]);
  return `${detailText(rows)}\n\nTraining options:\n${detailText(all)}`;
}

function limitRows(
  limits: NonNullable<GetCapabilitiesResponse__Output["limits"]>,
): [string, string][] {
  const bytes = (value: number) => value === 0 ? "no limit" : formatBytes(value);
  const count = (value: number) => value === 0 ? "no limit" : formatCount(value);
  const deadlineMs = durationMsOf(limits.defaultDeadline);
  return [
    [
      "a message",
      `${bytes(limits.maxReceiveBytes)} at most, answers ${bytes(limits.maxSendBytes)}`,
    ],
    [
      "a photo",
      `${bytes(limits.maxPhotoBytes)}, ${count(limits.maxPhotoPixels)} pixels and ` +
      `${count(limits.maxPhotoSide)} pixels per side at most`,
    ],
    [
      "a dataset",
      `${count(limits.maxDatasetPhotos)} photos and ${bytes(limits.maxDatasetBytes)} at most`,
    ],
    [
      "waiting",
      `${count(limits.maxQueuedJobs)} jobs and ${count(limits.maxQueuedPhotos)} photos at most`,
    ],
    ["a job", `fails at the lost worker number ${limits.maxLostWorkers}`],
    ...deadlineMs === undefined
      ? []
      : [["a call", `ends after ${formatDuration(deadlineMs)} by default`] as [string, string]],
  ];
}

function valuesOf(
  { kind, choices, min, max, unit, defaultValue }: TrainingOption__Output,
): string {
  switch (kind) {
    case "OPTION_KIND_CHOICE":
      return `(${choices.join(", ")}; default ${defaultValue})`;
    case "OPTION_KIND_BOOLEAN":
      return `(default ${defaultValue})`;
    default:
      return `(${min} to ${max}${unit === "" ? "" : ` ${unit}`}, default ${defaultValue})`;
  }
}
