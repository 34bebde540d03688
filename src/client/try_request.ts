import { TinctError } from "../errors.ts";
import type { ResourceReport__Output } from "../protocol/generated/tinct/v1/resource_report.ts";
import type { ValidateTrainingConfigRequest } from "../protocol/generated/tinct/v1/validate_training_config_request.ts";
import type { ValidateTrainingConfigResponse__Output } from "../protocol/generated/tinct/v1/validate_training_config_response.ts";
import { durationMsOf } from "../protocol/times.ts";
import { printJson } from "../terminal/print_json.ts";
import { counted, formatBytes, formatDuration } from "../terminal/quantities.ts";
import { refusalCalledHere, violationCalledHere } from "./called_here.ts";
import type { ServiceClient } from "./service_client.ts";
import { detailText } from "../terminal/text_table.ts";

/**
 * Asks a server whether it would accept a training, and prints what it says.
 *
 * @returns the exit code: 0 where it would, 1 where not.
 */
export async function tryRequest(
  client: ServiceClient,
  wish: ValidateTrainingConfigRequest,
  { measure, json }: { readonly measure: boolean; readonly json: boolean },
): Promise<number> {
  const found = await validate(client, { ...wish, measure });
  const { valid, violations, warnings, resources, dataset } = found;
  if (json) {
    printJson(client.json("ValidateTrainingConfigResponse", found));
    return valid ? 0 : 1;
  }
  const lines = violations.map((violation) => `${violationCalledHere(violation)}.`);
  lines.push(...warnings);
  if (dataset?.scanTime) {
    lines.push(`${counted(dataset.usablePhotos, "photo")} of ${dataset.photos} can be used.`);
  }
  if (resources) lines.push(describeResources(resources), ...resources.warnings);
  lines.push(valid ? "The server would accept it." : "The server would not accept it.");
  for (const line of lines) console.log(line);
  return valid ? 0 : 1;
}

/**
 * Asks a server whether it would accept a training.
 *
 * @throws {TinctError} invalid_argument with all that is wrong, by the options' names.
 */
export async function requireAcceptable(
  client: ServiceClient,
  wish: ValidateTrainingConfigRequest,
): Promise<void> {
  const { violations } = await validate(client, wish);
  if (violations.length === 0) return;
  throw refusalCalledHere(new TinctError("invalid_argument", "It is refused.", { violations }));
}

function validate(
  client: ServiceClient,
  wish: ValidateTrainingConfigRequest,
): Promise<ValidateTrainingConfigResponse__Output> {
  return client.ask((answer) => client.jobs.validateTrainingConfig(wish, answer));
}

function describeResources(resources: ResourceReport__Output): string {
  const time = (duration: ResourceReport__Output["stepTime"]) =>
    formatDuration(durationMsOf(duration) ?? NaN);
  const { device, deviceBusy, totalSteps, memoryBytes, availableMemoryBytes } = resources;
  const { checkpoints, checkpointBytes, preparedBytes } = resources;
  const rows: [string, string][] = [
    ["device", deviceBusy ? `${device}, busy with a job` : device],
    ["a step", `${time(resources.stepTime)}; the first ${time(resources.firstStepTime)}`],
    [
      "all steps",
      totalSteps === 0 ? "" : `${counted(totalSteps, "step")}, ${time(resources.totalTime)}`,
    ],
    ["memory", `${formatBytes(memoryBytes)} at most, ${formatBytes(availableMemoryBytes)} free`],
    [
      "disk",
      `${formatBytes(preparedBytes)} of prepared photos and up to ` +
      `${counted(checkpoints, "checkpoint")} of ${formatBytes(checkpointBytes)}, ` +
      `${formatBytes(resources.freeDiskBytes)} free`,
    ],
  ];
  return detailText(rows);
}
