import { type FieldViolation, TinctError } from "../errors.ts";
import { mebibytes } from "../words.ts";
import type { ColorizedPhoto, ColorizeSettings } from "../colorizing/colorizing.ts";
import { choiceOf, type ModelSource } from "../colorizing/model_reference.ts";
import type { ColorizeSettings__Output } from "../protocol/generated/tinct/v1/colorize_settings.ts";
import type { ColorizedPhoto as ColorizedPhotoMessage } from "../protocol/generated/tinct/v1/colorized_photo.ts";
import type { ColorizeTimings } from "../protocol/generated/tinct/v1/colorize_timings.ts";
import type {
  ModelReference,
  ModelReference__Output,
} from "../protocol/generated/tinct/v1/model_reference.ts";
import { weightsMessage, weightsOf } from "../protocol/weights_choice.ts";
import { durationOf } from "../protocol/times.ts";
import { Violations } from "../calls/fields.ts";

/**
 * Reads what a client asks for, checked by `requestRules` already.
 *
 * @param at where the fields stand in the request, such as "settings.".
 * @param found what is known to be wrong already.
 * @throws {TinctError} invalid_argument that names all that is wrong.
 */
export function settingsOf(
  message: ColorizeSettings__Output,
  at = "",
  found: readonly FieldViolation[] = [],
): ColorizeSettings {
  const { format, quality, saturation = 1, maxSide, stripMetadata, hints } = message;
  const { removeCast, refine } = message;
  const [strokes, reference] = [message.strokes, message.reference]
    .map((file) => file.length > 0 ? file : undefined);
  const violations = new Violations(found);
  const source = checkSettings(message, at, violations);
  violations.refuse();
  if (source === undefined || typeof format === "number") {
    throw new TypeError("Settings without a violation are whole.");
  }
  const given = { format, quality, saturation, maxSide, stripMetadata, hints, strokes };
  return { model: source, ...given, reference, removeCast, refine };
}

/** Notes what the fields say against each other. @returns the model. */
export function checkSettings(
  { model, format, quality, reference, removeCast }: ColorizeSettings__Output,
  at: string,
  violations: Violations,
): ModelSource | undefined {
  const hasQuality = !losslessFormats.has(format);
  violations.check(hasQuality || quality === 0, `${at}quality`, `does not apply to ${format}`);
  const hasReference = reference.length > 0;
  violations.check(!removeCast || !hasReference, `${at}removeCast`, withReference);
  return sourceOf(model, `${at}model`, violations);
}

const withReference = "does not go with `reference`, which says which cast there is";

/** Formats that have no quality to choose. */
const losslessFormats: ReadonlySet<unknown> = new Set(["IMAGE_FORMAT_PNG", "IMAGE_FORMAT_TIFF"]);

/** What a photo was colorized with, for the client. */
export function modelMessage(
  { model, weights: used }: Pick<ColorizedPhoto, "model" | "weights">,
): ModelReference {
  const weights = weightsMessage(used);
  if ("name" in model) return { name: model.name, version: model.version, weights };
  return { checkpoint: { jobId: model.jobId, step: model.step }, weights };
}

/** A photo in colour without its bytes, for the client. @param totalMs see `timingsMessage`. */
export function photoMessage(photo: ColorizedPhoto, totalMs: number): ColorizedPhotoMessage {
  const { image, format, width, height, pagesLeftOut, colors, device } = photo;
  return {
    ...{ format, width, height, pagesLeftOut, colors, device, sizeBytes: image.byteLength },
    model: modelMessage(photo),
    timings: timingsMessage(photo, totalMs),
  };
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

/** Refuses files that go with a photo and are too large. @param at see `settingsOf`. */
export function checkFiles(settings: ColorizeSettings, maxPhotoMib: number, at = ""): void {
  for (const name of ["strokes", "reference"] as const) {
    const file = settings[name];
    if (file) checkPhotoBytes(file.length, maxPhotoMib, `${at}${name}`);
  }
}

/** Refuses a photo whose file is empty or too large. */
export function checkPhotoBytes(sizeBytes: number, maxPhotoMib: number, field: string): void {
  const misfit = photoMisfit(sizeBytes, maxPhotoMib);
  if (misfit === undefined) return;
  const description = sizeBytes === 0 ? "is required" : misfit;
  throw new TinctError("invalid_argument", `The photo is invalid: ${field} ${description}.`, {
    violations: [{ field, description }],
  });
}

/** What is wrong with a photo's size; undefined: nothing. */
export function photoMisfit(sizeBytes: number, maxPhotoMib: number): string | undefined {
  if (sizeBytes === 0) return "must not be empty";
  if (sizeBytes <= maxPhotoMib * 2 ** 20) return undefined;
  return `must have at most ${maxPhotoMib} MiB, not ${mebibytes(sizeBytes)}`;
}

/** Bytes of several files, or of the pieces of one. */
export function sizeOf(files: readonly Uint8Array[]): number {
  return files.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** The model that a message names; undefined where something was noted as wrong. */
export function sourceOf(
  model: ModelReference__Output | null,
  field: string,
  violations: Violations,
): ModelSource | undefined {
  const { name = "", checkpoint, version = 0 } = model ?? {};
  const weights = weightsOf(model?.weights ?? 0);
  if (model?.source === "name") {
    return { name, version: version === 0 ? undefined : version, weights };
  }
  if (model?.source !== "checkpoint" || !checkpoint) return undefined;
  violations.check(version === 0, `${field}.version`, "goes with `name` alone");
  return { jobId: checkpoint.jobId, checkpoint: choiceOf(checkpoint), weights };
}

/** An error of a photo of a stream, whose hints and files stand in its settings. */
export function inSettings(error: unknown): unknown {
  if (!(error instanceof TinctError) || error.violations.length === 0) return error;
  const violations = error.violations.map(({ field, description }) => ({
    field: /^(?:hints\b|strokes$|reference$)/.test(field) ? `settings.${field}` : field,
    description,
  }));
  const { code, message, retryDelayMs, kind, isLogged } = error;
  return new TinctError(code, message, { violations, retryDelayMs, kind, isLogged, cause: error });
}

/** A message of a stream that makes no sense where it stands. @param what half a sentence. */
export function misplaced(what: string, field: string): TinctError {
  return new TinctError("invalid_argument", `${what}.`, {
    violations: [{ field, description: `is invalid: ${what}` }],
  });
}
