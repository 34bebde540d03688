import { TinctError } from "../errors.ts";
import type {
  ColorizedPhoto,
  ColorizeSettings,
  GeneratorWeights,
  ModelSource,
} from "../jobs/colorizing.ts";
import type { ColorizeSettings__Output } from "../protocol/generated/tinct/v1/colorize_settings.ts";
import type { ColorizeTimings } from "../protocol/generated/tinct/v1/colorize_timings.ts";
import type {
  ModelReference,
  ModelReference__Output,
} from "../protocol/generated/tinct/v1/model_reference.ts";
import type { GeneratorWeights__Output } from "../protocol/generated/tinct/v1/generator_weights.ts";
import { weightsMessage, weightsOf } from "../protocol/generator_weights.ts";
import { durationOf } from "../protocol/times.ts";
import { choiceOf } from "./checkpoint_choice.ts";
import { Violations } from "./fields.ts";

/**
 * Checks and completes what a client asks for.
 *
 * @param at where the fields stand in the request, such as "settings.".
 * @throws {TinctError} invalid_argument that names all that is wrong.
 */
export function settingsOf(message: ColorizeSettings__Output, at = ""): ColorizeSettings {
  const { model, format, quality, saturation = 1, maxSide } = message;
  const violations = new Violations();
  const source = sourceOf(model, `${at}model`, violations);
  violations.check(typeof format === "string", `${at}format`, `is not known: ${format}`);
  violations.range(quality, `${at}quality`, [0, 100]);
  violations.range(saturation, `${at}saturation`, [0, 4]);
  if (maxSide !== 0) violations.range(maxSide, `${at}maxSide`, [16, 65_535], "pixels");
  violations.refuse();
  if (source === undefined) throw new TypeError("A model without a violation is there.");
  return { model: source, format, quality, saturation, maxSide };
}

/** What a photo was colorized with, for the client. */
export function modelMessage(
  { model, weights: used }: Pick<ColorizedPhoto, "model" | "weights">,
): ModelReference {
  const weights = weightsMessage(used);
  if ("name" in model) return { name: model.name, version: model.version, weights };
  return { checkpoint: { jobId: model.jobId, step: model.step }, weights };
}

/** Where the time of a photo went. @param totalMs from its last byte's arrival until now. */
export function timingsMessage(
  { timings: { queueMs, decodeMs, modelMs, encodeMs, batchSize } }: ColorizedPhoto,
  totalMs: number,
): ColorizeTimings {
  // What passed between the processes belongs to no part of its own: it was waiting.
  const restMs = Math.max(0, totalMs - queueMs - decodeMs - modelMs - encodeMs);
  return {
    queue: durationOf(queueMs + restMs),
    decode: durationOf(decodeMs),
    model: durationOf(modelMs),
    encode: durationOf(encodeMs),
    total: durationOf(Math.max(totalMs, queueMs + decodeMs + modelMs + encodeMs)),
    batchSize,
  };
}

/** Refuses a photo whose file is empty or too large. */
export function checkPhotoBytes(sizeBytes: number, maxPhotoMib: number, field: string): void {
  const description = sizeBytes === 0
    ? "is required"
    : `must have at most ${maxPhotoMib} MiB, not ${(sizeBytes / 2 ** 20).toFixed(1)}`;
  if (sizeBytes > 0 && sizeBytes <= maxPhotoMib * 2 ** 20) return;
  throw new TinctError("invalid_argument", `The photo does not fit: ${field} ${description}.`, {
    violations: [{ field, description }],
  });
}

/** Which weights a field asks for; a value of a later version is a violation. */
export function weightsOfField(
  value: GeneratorWeights__Output | number,
  field: string,
  violations: Violations,
): GeneratorWeights | undefined {
  const isKnown = typeof value === "string" || value === 0;
  violations.check(isKnown, field, `is not known: ${value}`);
  return weightsOf(value);
}

function sourceOf(
  model: ModelReference__Output | null,
  field: string,
  violations: Violations,
): ModelSource | undefined {
  const { name = "", checkpoint, version = 0 } = model ?? {};
  const weights = weightsOfField(model?.weights ?? 0, `${field}.weights`, violations);
  if (model?.source === "name") {
    violations.required(name, `${field}.name`);
    violations.range(version, `${field}.version`, [0, 2 ** 31 - 1]);
    return { name, version: version === 0 ? undefined : version, weights };
  }
  if (model?.source === "checkpoint" && checkpoint) {
    violations.required(checkpoint.jobId, `${field}.checkpoint.jobId`);
    violations.check(version === 0, `${field}.version`, "goes with `name` alone");
    return { jobId: checkpoint.jobId, checkpoint: choiceOf(checkpoint), weights };
  }
  violations.check(false, field, "is required: the name of a model, or a checkpoint of a job");
  return undefined;
}
