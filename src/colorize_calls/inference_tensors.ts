import { Buffer } from "node:buffer";
import type { Violations } from "../calls/fields.ts";
import type { _inference_ModelInferRequest_InferInputTensor__Output as InputTensor } from "../protocol/generated/inference/model_infer_request.ts";
import { photoMisfit } from "./colorize_messages.ts";

/** The kinds of tensor that photos travel in, by their names in requests and answers. */
export const tensorKinds = {
  pixels: { input: "image", output: "colorized", datatype: "UINT8", shape: [-1, -1, -1, 3] },
  files: { input: "encoded_image", output: "encoded_colorized", datatype: "BYTES", shape: [-1] },
} as const;

export type TensorKind = keyof typeof tensorKinds;

/** The most photos of a request. */
const MAX_PHOTOS = 64;

/** The longest side of pixels, as `max_side` has it. */
const MAX_SIDE = 65_535;

/** Photos of a request: files, or pixels [height, width, 3] of a size that all of them have. */
export interface InputPhotos {
  readonly kind: TensorKind;
  /** Views into the request, or of what its typed contents were made into. */
  readonly photos: readonly Uint8Array[];
  /** Of pixels. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
}

/**
 * Reads the photos of a request's tensor; its typed contents are let go.
 *
 * @param raw `raw_input_contents` of the request.
 * @returns undefined where something was noted as wrong.
 */
export function readPhotos(
  tensor: InputTensor,
  raw: readonly Uint8Array[],
  { maxPhotoMib }: { readonly maxPhotoMib: number },
  violations: Violations,
): InputPhotos | undefined {
  const known = violations.list.length;
  const { name, datatype } = tensor;
  const kind = (["pixels", "files"] as const).find((each) => tensorKinds[each].input === name);
  const names = `must be ${quoted("input")}, not ${JSON.stringify(name.slice(0, 60))}`;
  violations.check(kind !== undefined, "inputs[0].name", names);
  if (kind === undefined) return undefined;
  const { datatype: fitting } = tensorKinds[kind];
  const type = `must be ${fitting} of ${name}, not ${JSON.stringify(datatype.slice(0, 20))}`;
  violations.check(datatype === fitting, "inputs[0].datatype", type);
  const shape = checkShape(kind, tensor.shape, violations);
  if (violations.list.length > known) return undefined;
  const photos = kind === "pixels"
    ? readPixels(tensor, raw, shape, violations)
    : readFiles(tensor, raw, shape, violations);
  photos?.forEach((photo, index) => {
    const misfit = photoMisfit(photo.length, maxPhotoMib);
    const description = `has a photo, number ${index + 1}, that ${misfit}`;
    violations.check(misfit === undefined, placeOf(raw), description);
  });
  if (photos === undefined || violations.list.length > known) return undefined;
  const [, height = 0, width = 0] = shape;
  return { kind, photos, size: kind === "pixels" ? { width, height } : undefined };
}

/** The names of tensors, for a sentence. */
export function quoted(side: "input" | "output"): string {
  return Object.values(tensorKinds).map((each) => JSON.stringify(each[side])).join(" or ");
}

function checkShape(
  kind: TensorKind,
  shape: readonly number[],
  violations: Violations,
): readonly number[] {
  const { input } = tensorKinds[kind];
  const form = kind === "pixels" ? "[N, height, width, 3]" : "[N]";
  const [photos = 0, height = 1, width = 1, channels = 3] = shape;
  const isWhole = (number: number, most: number) =>
    Number.isInteger(number) && number >= 1 && number <= most;
  const fits = shape.length === (kind === "pixels" ? 4 : 1) && isWhole(photos, MAX_PHOTOS) &&
    isWhole(height, MAX_SIDE) && isWhole(width, MAX_SIDE) && channels === 3;
  violations.check(
    fits,
    "inputs[0].shape",
    `must be ${form} of ${input}, N from 1 to ${MAX_PHOTOS}, not [${shape.join(", ")}]`,
  );
  return shape;
}

function readPixels(
  { contents }: InputTensor,
  raw: readonly Uint8Array[],
  [count = 0, height = 0, width = 0]: readonly number[],
  violations: Violations,
): Uint8Array[] | undefined {
  const values = contents?.uintContents ?? [];
  const hasBytes = contents !== null && contents.bytesContents.length > 0;
  violations.check(!hasBytes, "inputs[0].contents.bytes_contents", "does not go with UINT8");
  const wrong = values.findIndex((value) => value > 255);
  const range = `must be from 0 to 255, not ${values[wrong]}`;
  violations.check(wrong < 0, `inputs[0].contents.uint_contents[${wrong}]`, range);
  if (!onePlace(raw, values.length, violations) || hasBytes || wrong >= 0) return undefined;
  const bytes = raw[0] ?? Uint8Array.from(values);
  values.length = 0; // they take eight times as much
  const each = width * height * 3;
  const whole = `must have ${count * each} bytes by its shape, not ${bytes.length}`;
  violations.check(bytes.length === count * each, placeOf(raw), whole);
  if (bytes.length !== count * each) return undefined;
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * each, (at + 1) * each));
}

function readFiles(
  { contents }: InputTensor,
  raw: readonly Uint8Array[],
  [count = 0]: readonly number[],
  violations: Violations,
): readonly Uint8Array[] | undefined {
  const given = contents?.bytesContents ?? [];
  const hasPixels = contents !== null && contents.uintContents.length > 0;
  violations.check(!hasPixels, "inputs[0].contents.uint_contents", "does not go with BYTES");
  if (!onePlace(raw, given.length, violations) || hasPixels) return undefined;
  const files = raw[0] === undefined ? given : splitFiles(raw[0]);
  const found = files === undefined ? "others" : `${files.length}`;
  violations.check(
    files?.length === count,
    placeOf(raw),
    `must have ${count} elements by its shape, each after its length in 4 bytes, and has ${found}`,
  );
  return files?.length === count ? files : undefined;
}

/** Checks that values stand in one place. */
function onePlace(raw: readonly Uint8Array[], typed: number, violations: Violations): boolean {
  const isOne = raw.length === (typed > 0 ? 0 : 1);
  const description = typed > 0
    ? "does not go with typed contents"
    : `must have 1 entry for 1 input, not ${raw.length}`;
  violations.check(isOne, "raw_input_contents", description);
  return isOne;
}

/** Where the values of the tensor stand. */
export function placeOf(raw: readonly Uint8Array[]): string {
  return raw.length > 0 ? "raw_input_contents[0]" : "inputs[0].contents";
}

/** The elements of BYTES; undefined where the lengths do not add up. */
function splitFiles(bytes: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const files: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length || files.length > MAX_PHOTOS) return undefined;
    const start = at + 4;
    at = start + view.getUint32(at, true);
    if (at > bytes.length) return undefined;
    files.push(bytes.subarray(start, at));
  }
  return files;
}

/** What an answer's tensor holds, as `raw_output_contents` has it. */
export function rawContents(kind: TensorKind, photos: readonly Uint8Array[]): Uint8Array {
  const [only] = photos;
  if (kind === "pixels") return photos.length === 1 && only ? only : Buffer.concat(photos);
  return Buffer.concat(photos.flatMap((file) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(file.byteLength);
    return [length, file];
  }));
}
