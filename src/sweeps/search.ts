import { createHash } from "node:crypto";
import { trainingOptions } from "../config/training.ts";
import type { Option } from "../config/option.ts";
import type { SweepParameter, SweepRange, SweepSpec, SweepValue } from "../jobs/sweep.ts";

/** The values of a trial by the options' names. */
export type TrialValues = Readonly<Record<string, SweepValue>>;

/** How many trials a sweep has. */
export function trialCount({ method, parameters, trials }: SweepSpec): number {
  return method === "random"
    ? trials
    : parameters.reduce((count, parameter) => count * pointsOf(parameter), 1);
}

/**
 * The values of a trial: drawn from the sweep's seed and the trial's number, or the combination of
 * that number in the grid, whose last option changes fastest.
 *
 * @param trial from 0.
 */
export function trialValues(spec: SweepSpec, trial: number): TrialValues {
  const { method, parameters, seed } = spec;
  if (method === "random") {
    return Object.fromEntries(parameters.map((parameter) => {
      const share = drawOf(`${seed} ${trial} ${parameter.option}`);
      return [parameter.option, valueAt(parameter, share)];
    }));
  }
  let rest = trial;
  const chosen = parameters.toReversed().map((parameter): [string, SweepValue] => {
    const points = pointsOf(parameter);
    const index = rest % points;
    rest = Math.floor(rest / points);
    return [parameter.option, gridPoint(parameter, index)];
  });
  return Object.fromEntries(chosen.toReversed());
}

function pointsOf(parameter: SweepParameter): number {
  return "values" in parameter ? parameter.values.length : parameter.range.points;
}

function gridPoint(parameter: SweepParameter, index: number): SweepValue {
  if ("values" in parameter) return parameter.values[index] ?? "";
  return fitted(parameter.option, along(parameter.range, index / (parameter.range.points - 1)));
}

/** @param share from 0 up to, but not including, 1. */
function valueAt(parameter: SweepParameter, share: number): SweepValue {
  if ("values" in parameter) {
    return parameter.values[Math.floor(share * parameter.values.length)] ?? "";
  }
  const { option, range } = parameter;
  if (optionOf(option)?.kind === "integer" && !range.logarithmic) {
    // Each whole number is as likely as the others, both ends too.
    return range.min + Math.floor(share * (range.max - range.min + 1));
  }
  return fitted(option, along(range, share));
}

function along({ min, max, logarithmic }: SweepRange, share: number): number {
  if (share === 0) return min;
  if (share === 1) return max;
  return logarithmic ? min * (max / min) ** share : min + share * (max - min);
}

/** A value with the digits that the option takes: whole, or six significant ones. */
function fitted(name: string, value: number): number {
  return optionOf(name)?.kind === "integer" ? Math.round(value) : Number(value.toPrecision(6));
}

/** The option of a name, or undefined where there is none. */
export function optionOf(name: string): Option | undefined {
  return Object.hasOwn(trainingOptions, name)
    ? trainingOptions[name as keyof typeof trainingOptions]
    : undefined;
}

/** A number from 0 to below 1, the same for the same text, spread evenly over all texts. */
function drawOf(text: string): number {
  const digest = createHash("sha256").update(`tinct sweep ${text}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
