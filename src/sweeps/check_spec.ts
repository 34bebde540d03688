import { explainMisfit, type OptionNaming } from "../config/option.ts";
import { type TrainingCheck, trainingViolations } from "../config/training.ts";
import type { FieldViolation } from "../errors.ts";
import { rungSteps } from "./halving.ts";
import { optionOf, trialCount, type TrialValues, trialValues } from "./search.ts";
import type { SweepParameter, SweepSpec } from "../jobs/sweep.ts";

/** The most trials of a sweep. */
const MAX_TRIALS = 10_000;

/** Options that a sweep with successive halving sets itself. */
const setByHalving = ["maxSteps", "epochs"];

/** Fields without which it can still be said what the trials are. */
const apartFromTrials = ["dataset", "maxConcurrentJobs"];

/** The most trials that are named as not fitting. */
const MAX_NAMED = 5;

/**
 * What is wrong with a sweep, all of it, before anything is trained: its own fields, then the options
 * of each trial.
 *
 * @param check how the options of trials are checked, and called.
 */
export function sweepViolations(spec: SweepSpec, check: TrainingCheck = {}): FieldViolation[] {
  const { nameOf = (option) => option } = check;
  const list: FieldViolation[] = [];
  const require = (fits: boolean, field: string, description: string) => {
    if (!fits) list.push({ field, description });
  };
  const { parameters, halving, method, trials, seed } = spec;
  require(spec.dataset !== "", "dataset", "is required");
  require(isWhole(seed, 0, 2 ** 31 - 1), "seed", `must be from 0 to ${2 ** 31 - 1}, not ${seed}`);
  require(
    isWhole(spec.maxConcurrentJobs, 0, 1000),
    "maxConcurrentJobs",
    `must be from 0 to 1000, not ${spec.maxConcurrentJobs}`,
  );
  if (halving !== null) {
    const { minSteps, maxSteps, reductionFactor } = halving;
    require(isWhole(minSteps, 1, 1e9), "halving.minSteps", `must be from 1, not ${minSteps}`);
    require(
      isWhole(maxSteps, minSteps + 1, 1e9),
      "halving.maxSteps",
      `must be more than ${nameOf("minSteps")} (${minSteps}), not ${maxSteps}`,
    );
    require(
      isWhole(reductionFactor, 2, 16),
      "halving.reductionFactor",
      `must be from 2 to 16, not ${reductionFactor}`,
    );
  }
  require(
    parameters.length >= 1 && parameters.length <= 32,
    "parameters",
    `must be from 1 to 32, not ${parameters.length}`,
  );
  parameters.forEach((parameter, index) =>
    list.push(...parameterViolations(parameter, index, spec, nameOf))
  );
  if (list.some(({ field }) => !apartFromTrials.includes(field))) return list;
  if (method === "random") {
    require(
      isWhole(trials, 1, MAX_TRIALS),
      "trials",
      `must be from 1 to ${MAX_TRIALS}, not ${trials}`,
    );
  } else {
    require(trials === 0, "trials", `is for a random search; leave it out, not ${trials}`);
    const count = trialCount(spec);
    require(count <= MAX_TRIALS, "parameters", `make ${count} combinations; at most ${MAX_TRIALS}`);
  }
  if (list.some(({ field }) => !apartFromTrials.includes(field))) return list;
  return [...list, ...trialViolations(spec, nameOf, check)];
}

/** The options of a trial's job in a rung, as `parseTrainingConfig` takes them. */
export function trialOptions(
  { config, halving }: SweepSpec,
  values: TrialValues,
  rung: number,
): Record<string, unknown> {
  const given = { ...config, ...values };
  if (halving === null) return given;
  return { ...given, maxSteps: rungSteps(halving)[rung], epochs: 1_000_000 };
}

function parameterViolations(
  parameter: SweepParameter,
  index: number,
  { method, parameters, halving, config }: SweepSpec,
  nameOf: OptionNaming,
): FieldViolation[] {
  const field = `parameters[${index}]`;
  const refuse = (description: string) => [{ field, description }];
  const { option } = parameter;
  const name = nameOf(option);
  const described = optionOf(option);
  if (described === undefined) return refuse(`names no training option: "${name}"`);
  if (parameters.findIndex((other) => other.option === option) !== index) {
    return refuse(`names ${name}, as another one does`);
  }
  if (config[option] !== undefined) return refuse(`names ${name}, which config gives a value`);
  if (halving !== null && setByHalving.includes(option)) {
    return refuse(`names ${name}, which successive halving sets`);
  }
  if ("values" in parameter) {
    const { values } = parameter;
    if (values.length === 0) return refuse(`has no value for ${name}`);
    if (new Set(values).size < values.length) return refuse(`has a value of ${name} twice`);
    const misfit = values.map((value) => explainMisfit(described, value)).find((each) => each);
    return misfit === undefined
      ? []
      : refuse(`has a value of ${name} that is invalid: it ${misfit}`);
  }
  const { min, max, logarithmic, points } = parameter.range;
  if (described.kind !== "integer" && described.kind !== "number") {
    return refuse(`has a range for ${name}, which is no number: give values`);
  }
  const misfit = explainMisfit(described, min) ?? explainMisfit(described, max);
  if (misfit !== undefined) {
    return refuse(`has a range of ${name} whose end is invalid: it ${misfit}`);
  }
  if (min >= max) {
    return refuse(`has a range of ${name} that ends before it begins: ${min} to ${max}`);
  }
  if (logarithmic && min <= 0) {
    return refuse(`has a logarithmic range of ${name} from ${min}: begin above 0`);
  }
  if (method === "grid" && !isWhole(points, 2, 1000)) {
    return refuse(`has a range of ${name} without points: a grid needs 2 to 1000, not ${points}`);
  }
  if (method === "random" && points !== 0) {
    return refuse(`has ${points} points for ${name}, which only a grid uses: leave them out`);
  }
  return [];
}

/** What does not fit together in the options of trials; the first few trials are named. */
function trialViolations(
  spec: SweepSpec,
  nameOf: OptionNaming,
  check: TrainingCheck,
): FieldViolation[] {
  const { halving } = spec;
  const list: FieldViolation[] = [];
  for (const option of ["validateEvery", "validationFraction", "validationPhotos"]) {
    if (spec.config[option] !== 0) continue;
    list.push({
      field: "config",
      description: `has no validation (${
        nameOf(option)
      } is 0), and trials are compared by its ${spec.metric}`,
    });
  }
  const tried = spec.parameters.map((parameter) =>
    [parameter.option, "values" in parameter ? parameter.values : []] as const
  );
  for (const [option, values] of [...Object.entries(spec.config), ...tried]) {
    if (!option.startsWith("on") || ![values].flat().includes("pause")) continue;
    list.push({
      field: "config",
      description: `has ${nameOf(option)} pause: the sweep would wait for a person`,
    });
  }
  if (halving !== null && Number(spec.config["earlyStop"] ?? 0) > 0) {
    list.push({
      field: "config",
      description: `gives ${nameOf("earlyStop")}, but successive halving stops trials itself`,
    });
  }
  for (const option of setByHalving) {
    if (halving === null || spec.config[option] === undefined) continue;
    list.push({
      field: "config",
      description: `gives ${nameOf(option)}, which successive halving sets`,
    });
  }
  let unfit = 0;
  for (let trial = 0; trial < trialCount(spec); trial++) {
    const values = trialValues(spec, trial);
    const [first] = trainingViolations(trialOptions(spec, values, 0), { ...check, isTrial: true });
    if (first === undefined) continue;
    if (++unfit > MAX_NAMED) continue;
    const chosen = Object.entries(values).map(([name, value]) => `${nameOf(name)} ${value}`);
    list.push({
      field: "parameters",
      description: `make trial ${trial} (${chosen.join(", ")}), whose ${nameOf(first.field)} ` +
        first.description,
    });
  }
  if (unfit > MAX_NAMED) {
    list.push({ field: "parameters", description: `make ${unfit} invalid trials` });
  }
  return list;
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
