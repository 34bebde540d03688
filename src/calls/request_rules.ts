import { nameMisfit } from "../jobs/names.ts";
import type { FieldRule, FieldRules } from "../protocol/incoming_check.ts";
import { MAX_PIECE_BYTES } from "../protocol/pieces.ts";

/** The largest whole number that JavaScript counts to without a gap. */
const MOST = Number.MAX_SAFE_INTEGER;

const text = (max: number): FieldRule => ({ kind: "text", max });
const number = (min: number, max: number, unit?: string): FieldRule => ({
  kind: "number",
  range: [min, max],
  ...(unit !== undefined && { unit }),
});
/** 0 stands for the default. */
const orDefault = (min: number, max: number, unit?: string): FieldRule => ({
  kind: "number",
  range: [min, max],
  orZero: true,
  ...(unit !== undefined && { unit }),
});
const free = (why: string): FieldRule => ({ kind: "free", why });
/** An id that the server gave; whether there is such a thing the store knows. */
const id = (names: string): FieldRule => ({
  kind: "text",
  max: 200,
  required: true,
  names,
  misfit: (given) =>
    /^[\w.-]+$/.test(given) ? undefined : `is not an id of a ${names}: ${JSON.stringify(given)}`,
});
const name = (names: string): FieldRule => ({
  kind: "text",
  max: 200,
  names,
  required: true,
  misfit: nameMisfit,
});
const optionalName = (names: string): FieldRule => ({
  kind: "text",
  max: 200,
  names,
  misfit: nameMisfit,
});

const requestId: FieldRule = { kind: "text", max: 200, names: "request" };
const required: FieldRule = { kind: "required" };
const aSwitch = free("yes or no");
const anEnum = free("its values are known, others refused");
const message = free("its fields have rules of their own");
const bySweep = free("sweepViolations checks it with what it belongs to");
const page = { page_size: orDefault(1, 1000), page_token: text(2000) };

/** The rules of a message, by its fields. */
function rules(type: string, fields: Readonly<Record<string, FieldRule>>): FieldRules {
  return Object.fromEntries(
    Object.entries(fields).map(([field, rule]) => [`${type}.${field}`, rule]),
  );
}

const colorizeSettings = {
  model: required,
  format: anEnum,
  quality: orDefault(1, 100),
  saturation: number(0, 4),
  max_side: orDefault(16, 65_535, "pixels"),
  strip_metadata: aSwitch,
  hints: { kind: "list", max: 1000 },
  strokes: { kind: "bytes", max: 2 ** 31 },
  reference: { kind: "bytes", max: 2 ** 31 },
  remove_cast: aSwitch,
  refine: aSwitch,
} as const;

const wish = {
  dataset: optionalName("dataset"),
  config: free("src/config/training.ts has its options"),
  origin: free("none is fresh weights"),
  resume_from: message,
  start_from: message,
  encoder_weights: optionalName("weights"),
  perceptual_weights: optionalName("weights"),
  generator_weights: optionalName("weights"),
};

/** Of the Open Inference Protocol; what there is the handler says. */
const tensors: FieldRule = { kind: "list", max: 16 };
const parameters: FieldRule = { kind: "list", max: 64 };
const noValues: FieldRule = { kind: "list", max: 0 };
const version = text(20);
const repository: FieldRule = {
  kind: "text",
  max: 200,
  misfit: (given) => `must be empty, as there is one repository, not ${JSON.stringify(given)}`,
};

const labels: FieldRule = { kind: "list", max: 64, text: 200 };

/** What a job is called and found by. */
const marks = { display_name: text(200), labels, request_id: requestId };

/**
 * What the fields of every request may hold; a test walks the requests and finds a field that has no
 * rule here. Whether what a request names is there, and what of it contradicts the rest, handlers know.
 */
export const requestRules: FieldRules = {
  ...rules("Duration", {
    seconds: number(-315_576_000_000, 315_576_000_000),
    nanos: number(-999_999_999, 999_999_999),
  }),
  ...rules("CheckpointReference", {
    job_id: id("job"),
    checkpoint: free("none is the newest"),
    step: number(1, MOST),
    choice: anEnum,
  }),
  ...rules("ModelReference", {
    source: required,
    name: name("model"),
    checkpoint: message,
    version: orDefault(1, 2 ** 31 - 1),
    weights: anEnum,
  }),

  ...rules("TrainRequest", { ...wish, ...marks }),
  ...rules("StreamMetricsRequest", {
    job_id: id("job"),
    from_sequence: orDefault(1, MOST),
    kinds: { kind: "list", max: 7 },
    max_image_pixels: orDefault(1024, MOST, "pixels"),
    min_interval: free("the handler reads it as one number"),
    max_loss_points: orDefault(10, 10_000, "points"),
    omit_images: aSwitch,
  }),
  ...rules("ColorizeRequest", {
    ...colorizeSettings,
    image: { kind: "bytes", max: 2 ** 31, required: true },
  }),
  ...rules("ColorizeSettings", colorizeSettings),
  ...rules("ColorHint", {
    x: number(0, 65_535, "pixels"),
    y: number(0, 65_535, "pixels"),
    radius: number(0, 100, "pixels"),
    color: required,
    rgb: number(0, 0xffffff),
    ab: message,
  }),
  ...rules("Chroma", { a: number(-128, 127), b: number(-128, 127) }),
  ...rules("ColorizeInPiecesRequest", {
    image: { kind: "bytes", max: 2 ** 31, required: true },
    settings: required,
  }),
  ...rules("ColorizeStreamRequest", {
    photo_id: { kind: "text", max: 200, required: true },
    settings: free("the handler answers what is wrong with it in the photo's place"),
    data: { kind: "bytes", max: MAX_PIECE_BYTES },
    last: aSwitch,
  }),
  ...rules("ColorizeFramesRequest", {
    settings: message,
    data: { kind: "bytes", max: MAX_PIECE_BYTES },
    last: aSwitch,
  }),
  ...rules("FrameSettings", {
    model: required,
    width: number(1, 4096, "pixels"),
    height: number(1, 4096, "pixels"),
    saturation: number(0, 4),
    each_alone: aSwitch,
  }),

  ...rules("ModelReadyRequest", { name: name("model"), version }),
  ...rules("ModelMetadataRequest", { name: name("model"), version }),
  ...rules("ModelInferRequest", {
    model_name: name("model"),
    model_version: version,
    id: text(1000),
    parameters,
    inputs: tensors,
    outputs: tensors,
    raw_input_contents: tensors,
  }),
  ...rules("InferInputTensor", {
    name: text(200),
    datatype: text(200),
    shape: { kind: "list", max: 8 },
    parameters,
    contents: message,
  }),
  ...rules("InferRequestedOutputTensor", { name: text(200), parameters }),
  ...rules("InferTensorContents", {
    bool_contents: noValues,
    int_contents: noValues,
    int64_contents: noValues,
    // In memory each takes 8 bytes, or 16, where it has one in the message.
    uint_contents: { kind: "list", max: 2 ** 20 },
    uint64_contents: noValues,
    fp32_contents: noValues,
    fp64_contents: noValues,
    bytes_contents: { kind: "list", max: 64 },
  }),
  ...rules("InferParameter", {
    parameter_choice: required,
    bool_param: aSwitch,
    int64_param: free("the setting that it stands for has a range"),
    string_param: text(200),
    double_param: {
      kind: "free",
      why: "the setting that it stands for has a range, and is refused by its own name",
      orNotFinite: true,
    },
    uint64_param: free("the setting that it stands for has a range"),
  }),
  ...rules("RepositoryIndexRequest", { repository_name: repository, ready: aSwitch }),
  ...rules("RepositoryModelLoadRequest", {
    repository_name: repository,
    model_name: name("model"),
    parameters,
  }),
  ...rules("RepositoryModelUnloadRequest", {
    repository_name: repository,
    model_name: name("model"),
    parameters,
  }),
  ...rules("ModelRepositoryParameter", {
    parameter_choice: required,
    bool_param: aSwitch,
    int64_param: free("no parameter is a number"),
    string_param: text(200),
    bytes_param: { kind: "bytes", max: 2 ** 31 },
  }),

  ...rules("GetTrainingJobRequest", { job_id: id("job") }),
  ...rules("ListTrainingJobsRequest", { states: { kind: "list", max: 64 }, labels, ...page }),
  ...rules("CancelTrainingJobRequest", { job_id: id("job") }),
  ...rules("PauseTrainingJobRequest", { job_id: id("job") }),
  ...rules("ResumeTrainingJobRequest", { job_id: id("job") }),
  ...rules("DeleteTrainingJobRequest", { job_id: id("job") }),
  ...rules("DownloadCheckpointRequest", { checkpoint: required }),
  ...rules("ListCheckpointsRequest", { job_id: id("job"), ...page }),
  ...rules("ValidateTrainingConfigRequest", { ...wish, ...marks, measure: aSwitch }),

  ...rules("ListModelsRequest", page),
  ...rules("GetModelRequest", { name: name("model"), version: orDefault(1, 2 ** 31 - 1) }),
  ...rules("PromoteCheckpointRequest", {
    checkpoint: required,
    name: name("model"),
    description: text(1000),
    weights: anEnum,
  }),
  ...rules("ImportModelRequest", {
    part: required,
    start: message,
    data: { kind: "bytes", max: MAX_PIECE_BYTES },
  }),
  ...rules("ImportModelStart", {
    name: name("model"),
    description: text(1000),
    profile: text(4000),
    files: { kind: "list", max: 64 },
  }),
  ...rules("ImportFile", {
    name: { kind: "text", max: 200, required: true },
    size_bytes: number(1, MOST, "bytes"),
    sha256: { kind: "bytes", max: 32, required: true },
  }),
  ...rules("ExportModelRequest", {
    name: name("model"),
    version: orDefault(1, 2 ** 31 - 1),
    format: anEnum,
    whole: aSwitch,
    licence: text(200),
  }),
  ...rules("DeleteModelRequest", { name: name("model") }),

  ...rules("UploadDatasetRequest", {
    part: required,
    start: message,
    piece: message,
    finish: message,
  }),
  ...rules("UploadStart", { dataset: name("dataset") }),
  ...rules("UploadPiece", {
    file_name: free("one that is wrong is answered in the file's place"),
    size_bytes: free("one that is wrong is answered in the file's place"),
    sha256: free("one that is wrong is answered in the file's place"),
    data: { kind: "bytes", max: MAX_PIECE_BYTES },
    last: aSwitch,
  }),
  ...rules("UploadPiecesRequest", {
    dataset: name("dataset"),
    pieces: { kind: "list", max: 10_000 },
    offset: number(0, MOST),
    finish: aSwitch,
  }),
  ...rules("ListDatasetFilesRequest", { dataset: name("dataset"), ...page }),
  ...rules("PreviewPhotosRequest", {
    dataset: name("dataset"),
    file_names: { kind: "list", max: 60, text: 1000 },
    max_side: orDefault(16, 256, "pixels"),
  }),
  ...rules("ListDatasetsRequest", page),
  ...rules("GetDatasetRequest", { dataset: name("dataset") }),
  ...rules("DeleteDatasetRequest", { dataset: name("dataset") }),

  ...rules("UploadWeightsRequest", {
    part: required,
    start: message,
    data: { kind: "bytes", max: MAX_PIECE_BYTES },
  }),
  ...rules("UploadWeightsStart", {
    name: name("weights"),
    size_bytes: number(1, MOST, "bytes"),
    sha256: { kind: "bytes", max: 32, required: true },
    offset: number(0, MOST, "bytes"),
  }),
  ...rules("ListWeightsRequest", page),
  ...rules("GetWeightsRequest", { name: name("weights") }),
  ...rules("DeleteWeightsRequest", { name: name("weights") }),

  ...rules("CreateSweepRequest", {
    spec: required,
    display_name: text(200),
    request_id: requestId,
  }),
  ...rules("SweepSpec", {
    dataset: name("dataset"),
    config: free("src/config/training.ts has its options"),
    method: anEnum,
    parameters: { kind: "list", max: 32 },
    trials: bySweep,
    seed: bySweep,
    metric: text(100),
    halving: message,
    max_concurrent_jobs: bySweep,
  }),
  ...rules("SweepParameter", {
    option: { kind: "text", max: 100, required: true },
    domain: required,
    values: message,
    range: message,
  }),
  ...rules("SweepValues", { values: { kind: "list", max: 10_000 } }),
  ...rules("SweepValue", {
    value: required,
    number: free("its option has a range"),
    word: text(100),
    flag: aSwitch,
  }),
  ...rules("SweepRange", {
    min: free("its option has a range"),
    max: free("its option has a range"),
    logarithmic: aSwitch,
    points: bySweep,
  }),
  ...rules("SuccessiveHalving", {
    min_steps: bySweep,
    max_steps: bySweep,
    reduction_factor: bySweep,
  }),
  ...rules("GetSweepRequest", { sweep_id: id("sweep") }),
  ...rules("WatchSweepRequest", { sweep_id: id("sweep") }),
  ...rules("ListSweepsRequest", page),
  ...rules("CancelSweepRequest", { sweep_id: id("sweep") }),
  ...rules("DeleteSweepRequest", { sweep_id: id("sweep") }),
};
