import type { FieldViolation } from "../errors.ts";
import { type CommandOptions, flagName } from "./arguments.ts";

/** Options that apply with another one alone, or without it alone. */
export interface ModeSwitch {
  /** The option that chooses, such as "server". */
  readonly by: string;
  /** Options that say nothing without it. */
  readonly with?: readonly string[];
  /** Options that say nothing with it. */
  readonly without?: readonly string[];
}

/**
 * Refuses options that were given and say nothing.
 *
 * @param given the values by name, without defaults.
 */
export function inapplicable(
  switches: readonly ModeSwitch[],
  options: CommandOptions,
  given: Readonly<Record<string, unknown>>,
): FieldViolation[] {
  return switches.flatMap(({ by, with: withIt = [], without = [] }) => {
    const isOn = isChosen(given[by], options[by]?.default);
    const isOff = options[by]?.default === true;
    const flag = isOff ? `--no-${flagName(by).slice(2)}` : flagName(by);
    return (isOn ? without : withIt)
      .filter((name) => asksForSomething(given[name], options[name]?.default))
      .map((field) => ({
        field,
        description: isOn !== isOff ? `does not go with ${flag}` : `goes with ${flag} alone`,
      }));
  });
}

/** Whether an option was given; a switch that is said to be as it is anyhow is not. */
function asksForSomething(value: unknown, byDefault: unknown): boolean {
  return value !== undefined && !(typeof value === "boolean" && value === byDefault);
}

/** Whether an option is on; a switch that is said to be off is as one that is not said. */
function isChosen(value: unknown, byDefault: unknown): boolean {
  if (value === undefined) return byDefault === true;
  return value !== false;
}
