import { Buffer } from "node:buffer";
import { Violations } from "../calls/fields.ts";
import type { Requests } from "../calls/requests.ts";
import type { ColorizeSettings } from "../colorizing/colorizing.ts";
import type { InferParameter__Output } from "../protocol/generated/inference/infer_parameter.ts";
import type { ModelInferRequest__Output } from "../protocol/generated/inference/model_infer_request.ts";
import type { ColorizeSettings__Output } from "../protocol/generated/tinct/v1/colorize_settings.ts";
import { ImageFormat } from "../protocol/generated/tinct/v1/image_format.ts";
import { memberOf } from "../protocol/one_of.ts";
import { weightsMessage } from "../protocol/weights_choice.ts";
import { checkSettings, settingsOf } from "./colorize_messages.ts";
import {
  type InputPhotos,
  quoted,
  readPhotos,
  type TensorKind,
  tensorKinds,
} from "./inference_tensors.ts";

/** What ModelInfer is asked for. */
export interface Inference {
  readonly input: InputPhotos;
  readonly output: TensorKind;
  /** Of each photo. */
  readonly settings: ColorizeSettings;
}

/** How many bytes a tensor has as raw contents. */
const RAW_SIZE = "binary_data_size";

/** What is needed to read a request. */
export interface ReadingRules {
  readonly requests: Requests;
  readonly maxPhotoMib: number;
}

/**
 * Reads a request of ModelInfer.
 *
 * @param found what is known to be wrong already.
 * @throws {TinctError} invalid_argument that names all that is wrong.
 */
export function readInference(
  request: ModelInferRequest__Output,
  rules: ReadingRules,
  found: Violations = new Violations(),
): Inference {
  const { parameters, modelName: name, modelVersion, inputs, outputs, rawInputContents } = request;
  const version = versionOf(modelVersion, "model_version", found);
  const [tensor] = inputs;
  const one = `must have one entry, ${quoted("input")}, not ${inputs.length}`;
  found.check(inputs.length === 1, "inputs", one);
  const input = tensor && readPhotos(tensor, rawInputContents, rules, found);
  if (tensor !== undefined) checkTensorParameters(tensor, rawInputContents[0], found);
  const output = readOutput(outputs, input?.kind, found);
  const settings = settingsWith(parameters, output, found);
  settings.model = {
    ...{ name, version, source: "name", checkpoint: null },
    weights: settings.model?.weights ?? "GENERATOR_WEIGHTS_UNSPECIFIED",
  };
  const isPixelsAsFile = input?.kind === "pixels" && output === "files";
  if (isPixelsAsFile && settings.format === "IMAGE_FORMAT_UNSPECIFIED") {
    settings.format = "IMAGE_FORMAT_PNG";
  }
  const misfits = rules.requests.violationsOf("tinct.v1.ColorizeSettings", settings, "parameters.");
  found.add(misfits.filter(({ field }) => !field.startsWith("parameters.model")));
  checkSettings(settings, "parameters.", found);
  found.refuse();
  if (input === undefined) throw new TypeError("Photos without a violation are whole.");
  const { size: pixels } = input;
  const asPixels = output === "pixels";
  return {
    input,
    output,
    settings: { ...settingsOf(settings, "parameters."), pixels, asPixels },
  };
}

/** The version that a request names, as `ModelReference` has it: 0 the newest. */
export function versionOf(text: string, field: string, violations: Violations): number {
  const version = Number(text);
  const fits = text === "" || /^\d{1,10}$/.test(text) && version >= 1 && version < 2 ** 31;
  const shown = JSON.stringify(text.slice(0, 40));
  violations.check(fits, field, `must be empty or a whole number from 1, not ${shown}`);
  return fits ? version : 0;
}

/** Notes every parameter but those that are known. */
export function refuseParameters(
  parameters: object,
  at: string,
  violations: Violations,
  known: readonly string[] = [],
): void {
  const unknown = Object.keys(parameters).filter((name) => !known.includes(name));
  const names = unknown.slice(0, 8).map((name) => JSON.stringify(name.slice(0, 60)));
  const only = known.length === 0 ? "no parameter is known here" : `known: ${known.join(", ")}`;
  violations.check(unknown.length === 0, at, `has the unknown ${names.join(", ")}; ${only}`);
}

/** KServe's client says with raw values how many bytes they are; nothing else is known of a tensor. */
function checkTensorParameters(
  { parameters }: ModelInferRequest__Output["inputs"][number],
  raw: Uint8Array | undefined,
  violations: Violations,
): void {
  const at = "inputs[0].parameters";
  refuseParameters(parameters, at, violations, [RAW_SIZE]);
  const said = parameters[RAW_SIZE];
  if (said === undefined || raw === undefined) return;
  const value = valueOf(said);
  const description = `must be ${raw.length}, the bytes of raw_input_contents[0], not ${value}`;
  violations.check(value === raw.length, `${at}.${RAW_SIZE}`, description);
}

/** What the answer is to have: as the request, where it does not say. */
function readOutput(
  outputs: ModelInferRequest__Output["outputs"],
  input: TensorKind | undefined,
  violations: Violations,
): TensorKind {
  const at = "outputs";
  const [wanted] = outputs;
  const one = `must have one entry at most, ${quoted("output")}, not ${outputs.length}`;
  violations.check(outputs.length <= 1, at, one);
  if (wanted === undefined) return input ?? "files";
  refuseParameters(wanted.parameters, `${at}[0].parameters`, violations);
  const kind = (["pixels", "files"] as const)
    .find((each) => tensorKinds[each].output === wanted.name);
  const names = `must be ${quoted("output")}, not ${JSON.stringify(wanted.name.slice(0, 60))}`;
  violations.check(kind !== undefined, `${at}[0].name`, names);
  return kind ?? "files";
}

type Settings = {
  -readonly [Name in keyof ColorizeSettings__Output]: ColorizeSettings__Output[Name];
};

/** A parameter's value; a text, a number or yes or no. */
type Value = string | number | boolean;

/** Puts a parameter's value into settings. @returns what is wrong with it. */
type Setter = (settings: Settings, value: Value) => string | undefined;

const formats: ReadonlyMap<Value, keyof typeof ImageFormat> = new Map(
  Object.values(ImageFormat).slice(1)
    .map((name) => [name.replace("IMAGE_FORMAT_", "").toLowerCase(), name]),
);

const aSwitch = (name: "stripMetadata" | "removeCast" | "refine"): Setter => (settings, value) => {
  if (typeof value !== "boolean") return "must be true or false, as a bool_param";
  settings[name] = value;
  return undefined;
};

const whole = (name: "quality" | "maxSide"): Setter => (settings, value) => {
  if (!Number.isInteger(value)) return "must be a whole number, as an int64_param";
  settings[name] = Number(value);
  return undefined;
};

/** The parameters of ModelInfer: fields of ColorizeSettings under their names. */
const setters: Readonly<Record<string, Setter>> = {
  saturation(settings, value) {
    if (typeof value !== "number") return "must be a number, as a double_param";
    settings.saturation = value;
    return undefined;
  },
  max_side: whole("maxSide"),
  quality: whole("quality"),
  format(settings, value) {
    const format = formats.get(value);
    if (format === undefined) return `must be one of ${[...formats.keys()].join(", ")}`;
    settings.format = format;
    return undefined;
  },
  strip_metadata: aSwitch("stripMetadata"),
  remove_cast: aSwitch("removeCast"),
  refine: aSwitch("refine"),
  weights(settings, value) {
    if (value !== "ema" && value !== "raw") return "must be ema or raw";
    settings.model = { weights: weightsMessage(value), name: "", checkpoint: null, version: 0 };
    return undefined;
  },
};

function settingsWith(
  parameters: ModelInferRequest__Output["parameters"],
  output: TensorKind,
  violations: Violations,
): Settings {
  const settings: Settings = {
    model: null,
    format: "IMAGE_FORMAT_UNSPECIFIED",
    quality: 0,
    maxSide: 0,
    stripMetadata: false,
    hints: [],
    strokes: Buffer.alloc(0),
    reference: Buffer.alloc(0),
    removeCast: false,
    refine: false,
  };
  for (const [name, parameter] of Object.entries(parameters)) {
    const set = Object.hasOwn(setters, name) ? setters[name] : undefined;
    if (set === undefined) continue;
    const at = `parameters.${name}`;
    const isOfFiles = name === "format" || name === "quality";
    const pixels = tensorKinds.pixels.output;
    violations.check(!isOfFiles || output === "files", at, `does not apply to ${pixels}`);
    const misfit = set(settings, valueOf(parameter));
    violations.check(misfit === undefined, at, misfit ?? "");
  }
  refuseParameters(parameters, "parameters", violations, Object.keys(setters));
  return settings;
}

/** "" of one without a value, which is refused before. */
function valueOf(parameter: InferParameter__Output): Value {
  return memberOf(parameter, "parameterChoice")?.value ?? "";
}
