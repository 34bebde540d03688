import { trainingOptions, trainingViolations } from "../config/training.ts";
import type { FieldViolation } from "../errors.ts";
import { flagName } from "./arguments.ts";

/**
 * What is wrong with the training options that were given on a command line, by their flags; nothing
 * where a run's own settings are added to them, which are not known yet.
 */
export function trainingCheck(given: Readonly<Record<string, unknown>>): FieldViolation[] {
  const { resume, resumeFrom, replicas } = given;
  if (resume === true || resumeFrom !== undefined) return [];
  const options = Object.entries(given).filter(([name]) => Object.hasOwn(trainingOptions, name));
  return trainingViolations(Object.fromEntries(options), {
    nameOf: flagName,
    replicas: Number.isInteger(replicas) ? Number(replicas) : 1,
  });
}
