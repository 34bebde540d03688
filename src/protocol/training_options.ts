import { enumPrefixes } from "../config/option_facts.ts";
import type { FieldViolation } from "../errors.ts";
import type {
  TrainingConfig,
  TrainingConfig__Output,
} from "./generated/tinct/v1/training_config.ts";

/** By option; undefined for those that are no choice. */
const prefixes: Readonly<Record<string, string | undefined>> = enumPrefixes;

/**
 * The options that a message gives, under the names and with the words of the configuration: what
 * `parseTrainingConfig` takes. An enum value that this version does not know stays a number, so that
 * parsing refuses it by name.
 *
 * @param message null, as for a field that is absent, gives no options.
 */
export function givenOptions(message: TrainingConfig__Output | null): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message ?? {})) {
    if (name.startsWith("_") || value === undefined) continue; // `_seed` only says that `seed` is set
    const prefix = prefixes[name];
    if (prefix === undefined || typeof value !== "string") given[name] = value;
    else if (value !== `${prefix}UNSPECIFIED`) given[name] = wordOfChoice(prefix, value);
  }
  return given;
}

/**
 * The message of a configuration, whole or in part.
 *
 * @param values options by name; every one must have a field in the message.
 */
export function configMessage(
  values: Readonly<Record<string, string | number | boolean>>,
): TrainingConfig {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "string" ? choiceName(name, value) : value,
    ]),
  );
}

/** The enum value of a choice, such as "GAN_MODE_LSGAN" of ("ganMode", "lsgan"). */
export function choiceName(option: string, choice: string): string {
  const prefix = prefixes[option];
  if (prefix === undefined) throw new TypeError(`The option ${option} is no enum in the protos.`);
  return prefix + choice.replaceAll("-", "_").toUpperCase();
}

/** The field of an option in the protos, such as "batch_size" of "batchSize". */
export function fieldName(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The option of a field in the protos, as code names it: "batchSize" of "batch_size". */
export function optionName(field: string): string {
  return field.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Violations of options as a client of the protos knows them: "batchSize" as "config.batch_size". */
export function configViolations(violations: readonly FieldViolation[]): FieldViolation[] {
  return violations.map(({ field, description }) => ({
    field: `config.${fieldName(field)}`,
    description,
  }));
}

function wordOfChoice(prefix: string, name: string): string {
  return name.slice(prefix.length).toLowerCase().replaceAll("_", "-");
}
