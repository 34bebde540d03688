import type { FieldViolation } from "../errors.ts";
import type { OptionNaming } from "./option.ts";
import { changeableOptions } from "./option_facts.ts";

/**
 * The options that cannot become what is asked for in a run that goes on, every one.
 *
 * @param saved the run's own, whole.
 * @param given what is asked for now; others stay.
 */
export function resumeViolations(
  saved: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): FieldViolation[] {
  return Object.entries(given)
    .filter(([name, value]) =>
      !changeableOptions.has(name) && Object.hasOwn(saved, name) && value !== saved[name]
    )
    .map(([field, value]) => ({
      field,
      description: `was ${String(saved[field])} when the run began and cannot become ${
        String(value)
      }`,
    }));
}

/** The sentence that refuses to resume a run with other options. */
export function resumeRefusal(violations: readonly FieldViolation[], nameOf: OptionNaming): string {
  const list = violations.map(({ field, description }) => `${nameOf(field)} ${description}`)
    .join("; ");
  return `The run cannot be resumed with other settings: ${list}. Leave them out, or start a new run.`;
}
