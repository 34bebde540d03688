import { readFile } from "node:fs/promises";
import { trainingOptions } from "../config/training.ts";
import { messageOf, TinctError } from "../errors.ts";
import { reading } from "../files/file_errors.ts";
import { parseStrictJson } from "../files/strict_json.ts";
import type { SweepParameter } from "../protocol/generated/tinct/v1/sweep_parameter.ts";
import type { SweepSpec } from "../protocol/generated/tinct/v1/sweep_spec.ts";
import type { SweepValue } from "../protocol/generated/tinct/v1/sweep_value.ts";
import { configMessage, fieldName } from "../protocol/training_options.ts";
import { nearest } from "../terminal/nearest.ts";

/** A plain object of JSON. */
type Fields = Readonly<Record<string, unknown>>;

const fieldsOfFile = [
  "dataset",
  "config",
  "method",
  "parameters",
  "trials",
  "seed",
  "metric",
  "halving",
  "maxConcurrentJobs",
];

const fieldsOfRange = ["min", "max", "logarithmic", "points"];
const fieldsOfHalving = ["minSteps", "maxSteps", "reductionFactor"];
const optionNames = Object.keys(trainingOptions);

/**
 * Reads the file of a sweep: JSON with the fields of `SweepSpec`, in which `parameters` is an object
 * of options, each with an array of values or `{ "min", "max", "logarithmic", "points" }`. What the
 * values mean is checked by the server.
 *
 * @throws {TinctError} as `reading`; invalid_argument that names the field.
 */
export async function readSweepFile(path: string): Promise<SweepSpec> {
  return parseSweepFile(await reading(path, readFile(path, "utf8")), path);
}

/** The spec in the text of a sweep's file; `path` names it in errors. */
export function parseSweepFile(text: string, path: string): SweepSpec {
  const refuse = (what: string): never => {
    throw new TinctError("invalid_argument", `${path}: ${what}.`);
  };
  const object = (value: unknown, name: string): Fields =>
    isFields(value) ? value : refuse(`${name} must be an object, not ${JSON.stringify(value)}`);
  const number = (value: unknown, name: string): number =>
    typeof value === "number"
      ? value
      : refuse(`${name} must be a number, not ${JSON.stringify(value)}`);
  let parsed: unknown;
  try {
    parsed = parseStrictJson(text, { maxDepth: 10 });
  } catch (error) {
    return refuse(`it is not JSON: ${messageOf(error)}`);
  }
  const file = object(parsed, "the file");
  const unknown = unknownNames(file);
  if (unknown.length > 0) refuse(unknown.join("; "));
  const { dataset, method = "random", metric, halving } = file;
  if (dataset !== undefined && typeof dataset !== "string") refuse("dataset must be a name");
  if (method !== "random" && method !== "grid") refuse('method must be "random" or "grid"');
  if (metric !== undefined && typeof metric !== "string") refuse("metric must be a name");
  const optional = (name: string) => file[name] === undefined ? 0 : number(file[name], name);
  const config = object(file["config"] ?? {}, "config");
  for (const [name, value] of Object.entries(config)) {
    if (!isPlain(value)) refuse(`config.${name} must be a number, a word, true or false`);
  }
  const parameters = Object.entries(object(file["parameters"], "parameters")).map(
    ([option, domain]): SweepParameter => {
      const name = `parameters.${option}`;
      if (Array.isArray(domain)) {
        const values = domain.map((value): SweepValue =>
          valueMessage(value) ??
            refuse(`${name} has ${JSON.stringify(value)}, which is not a value`)
        );
        return { option: fieldName(option), values: { values } };
      }
      const { min, max, logarithmic = false, points = 0 } = object(domain, name);
      if (typeof logarithmic !== "boolean") refuse(`${name}.logarithmic must be true or false`);
      const range = {
        min: number(min, `${name}.min`),
        max: number(max, `${name}.max`),
        logarithmic: logarithmic === true,
        points: number(points, `${name}.points`),
      };
      return { option: fieldName(option), range };
    },
  );
  return {
    ...(typeof dataset === "string" && { dataset }),
    // Every value is a number, a word or a switch.
    config: configMessage(config as Record<string, string | number | boolean>),
    method: method === "grid" ? "SWEEP_METHOD_GRID" : "SWEEP_METHOD_RANDOM",
    parameters,
    trials: optional("trials"),
    seed: optional("seed"),
    ...(typeof metric === "string" && { metric }),
    ...(halving !== undefined && { halving: halvingOf(object(halving, "halving"), number) }),
    maxConcurrentJobs: optional("maxConcurrentJobs"),
  };
}

/** What the file names that there is not, a sentence each. */
function unknownNames(file: Fields): string[] {
  const within = (value: unknown): Fields => isFields(value) ? value : {};
  const look = (fields: Fields, known: readonly string[], at: string, what: string) =>
    Object.keys(fields).filter((name) => !known.includes(name)).map((name) => {
      const meant = nearest(name, known);
      // All options are too many to be told.
      const advice = meant !== undefined
        ? ` (did you mean ${meant}?)`
        : known === optionNames
        ? "; `train --help` lists them"
        : `; there are ${known.join(", ")}`;
      return `${at}${name} is not a ${what}${advice}`;
    });
  const parameters = within(file["parameters"]);
  return [
    ...look(file, fieldsOfFile, "", "field"),
    ...look(within(file["config"]), optionNames, "config.", "training option"),
    ...look(parameters, optionNames, "parameters.", "training option"),
    ...Object.entries(parameters).flatMap(([option, domain]) =>
      look(within(domain), fieldsOfRange, `parameters.${option}.`, "field of a range")
    ),
    ...look(within(file["halving"]), fieldsOfHalving, "halving.", "field of halving"),
  ];
}

function halvingOf(fields: Fields, number: (value: unknown, name: string) => number) {
  const { minSteps, maxSteps, reductionFactor = 0 } = fields;
  return {
    minSteps: number(minSteps, "halving.minSteps"),
    maxSteps: number(maxSteps, "halving.maxSteps"),
    reductionFactor: number(reductionFactor, "halving.reductionFactor"),
  };
}

function valueMessage(value: unknown): SweepValue | undefined {
  if (typeof value === "number") return { number: value };
  if (typeof value === "boolean") return { flag: value };
  return typeof value === "string" ? { word: value } : undefined;
}

function isPlain(value: unknown): boolean {
  return ["number", "string", "boolean"].includes(typeof value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
