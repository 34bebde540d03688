import { JsonFields } from "../files/json_fields.ts";
import type { JsonObject } from "../files/strict_json.ts";
import type { OptionNaming } from "../config/option.ts";
import { resumeRefusal, resumeViolations } from "../config/resumed_options.ts";
import { parseTrainingConfig, type TrainingConfig } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import type { DataCursor } from "../prepared/batches.ts";

/** What a checkpoint keeps beside the tensors: all that a run goes on from. */
export interface RunState {
  readonly config: TrainingConfig;
  /** Steps done. */
  readonly step: number;
  /** Where the data stands. */
  readonly cursor: DataCursor;
  /** The prepared set that was trained on. */
  readonly dataKey: string;
  /** Whether the step's validation and sample sheet are still to be made where they are due. */
  readonly pending: boolean;
  /** What the parts of the run remember, by name. */
  readonly parts: Readonly<Record<string, JsonObject>>;
}

/** A run state as it was read; its parts read themselves. */
export interface SavedRunState extends Omit<RunState, "parts"> {
  readonly parts: JsonFields;
}

/** For `checkpoint.json`. */
export function encodeRunState(state: RunState): JsonObject {
  const { config, cursor, parts } = state;
  return { ...state, config: { ...config }, cursor: { ...cursor }, parts: { ...parts } };
}

/**
 * Reads it back.
 *
 * @param file names the checkpoint in errors.
 * @throws TinctError `data_loss` where a field is missing or of another type, `invalid_argument`
 *   where the configuration does not fit this version.
 */
export function decodeRunState(state: JsonObject, file: string): SavedRunState {
  const fields = new JsonFields(state, file, "state.");
  const cursor = fields.object("cursor");
  return {
    config: parseTrainingConfig(fields.object("config").value),
    step: fields.integer("step"),
    cursor: { epoch: cursor.integer("epoch"), offset: cursor.integer("offset") },
    dataKey: fields.string("dataKey"),
    pending: fields.value.pending === true,
    parts: fields.has("parts") ? fields.object("parts") : partsOfFirstVersion(fields, file),
  };
}

/** Version 0.1.0 kept the two parts that there were at the top. */
function partsOfFirstVersion(fields: JsonFields, file: string): JsonFields {
  const meters = fields.object("meters").value;
  const best = { value: fields.value.bestPsnr ?? null };
  return new JsonFields({ meters, best }, file, "state.");
}

/**
 * The configuration that a resumed run goes on with.
 *
 * @param saved the checkpoint's.
 * @param given what was asked for now.
 * @param nameOf what its reader calls an option.
 * @throws TinctError `invalid_argument` that names each option that cannot change in a run.
 */
export function resumeConfig(
  saved: TrainingConfig,
  given: Readonly<Record<string, unknown>>,
  nameOf: OptionNaming = (option) => option,
): TrainingConfig {
  const violations = resumeViolations(saved, given);
  if (violations.length > 0) {
    throw new TinctError("invalid_argument", resumeRefusal(violations, nameOf), { violations });
  }
  return parseTrainingConfig({ ...saved, ...given }, { nameOf });
}
