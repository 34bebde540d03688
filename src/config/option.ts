import { type FieldViolation, TinctError } from "../errors.ts";

/** What every option says about itself; help texts, tables and protos are made from it. */
interface Described {
  /** One line, without a full stop: what the option does. */
  readonly help: string;
  /** The unit of the value, such as "pixels"; "" where there is none. */
  readonly unit: string;
}

/** A number with a range, whole or real. */
interface NumberOption extends Described {
  readonly kind: "integer" | "number";
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

/** One word of a list. */
export interface ChoiceOption<T extends string = string> extends Described {
  readonly kind: "choice";
  readonly default: T;
  readonly choices: readonly T[];
}

/** Yes or no. */
interface BooleanOption extends Described {
  readonly kind: "boolean";
  readonly default: boolean;
}

/** Any option of a table. */
export type Option = NumberOption | ChoiceOption | BooleanOption;

/** A table of options by name. */
type OptionTable = Readonly<Record<string, Option>>;

/** The type of the values that a table describes. */
export type ValuesOf<T extends OptionTable> = {
  -readonly [K in keyof T]: T[K] extends NumberOption ? number
    : T[K] extends ChoiceOption<infer C> ? C
    : boolean;
};

/** A whole number in `[min, max]`. */
export function integer(
  value: number,
  [min, max]: readonly [number, number],
  help: string,
  unit = "",
): NumberOption {
  return { kind: "integer", default: value, min, max, help, unit };
}

/** A real number in `[min, max]`. */
export function number(
  value: number,
  [min, max]: readonly [number, number],
  help: string,
  unit = "",
): NumberOption {
  return { kind: "number", default: value, min, max, help, unit };
}

/** One of `choices`; the first is the default. */
export function choice<const T extends string>(
  choices: readonly [T, ...T[]],
  help: string,
): ChoiceOption<T> {
  return { kind: "choice", default: choices[0], choices, help, unit: "" };
}

/** A switch. */
export function boolean(value: boolean, help: string): BooleanOption {
  return { kind: "boolean", default: value, help, unit: "" };
}

/** What its reader calls an option: "--norm-d" on the command line, "norm_d" in the protos. */
export type OptionNaming = (option: string) => string;

/** What is wrong with one value for an option, as half a sentence, or undefined where it fits. */
export function explainMisfit(option: Option, value: unknown): string | undefined {
  const got = shown(value);
  switch (option.kind) {
    case "boolean":
      return typeof value === "boolean" ? undefined : `must be true or false, not ${got}`;
    case "choice":
      return typeof value === "string" && option.choices.includes(value)
        ? undefined
        : `must be one of ${option.choices.join(", ")}, not ${got}`;
    default: {
      const unit = option.unit === "" ? "" : ` ${option.unit}`;
      const range = `from ${option.min} to ${option.max}${unit}`;
      if (typeof value !== "number" || !Number.isFinite(value)) {
        return `must be a number ${range}, not ${got}`;
      }
      if (option.kind === "integer" && !Number.isInteger(value)) {
        return `must be a whole number ${range}, not ${got}`;
      }
      return value < option.min || value > option.max ? `must be ${range}, not ${got}` : undefined;
    }
  }
}

/** A value as a sentence quotes it, at most 60 characters of it. */
function shown(value: unknown): string {
  const isQuoted = typeof value === "string" || typeof value === "object";
  const text = isQuoted ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/**
 * Checks values against a table, fills in the defaults, and returns every violation at once.
 *
 * @param table the options.
 * @param input the given values by option name; undefined ones take the default.
 */
export function readOptions<T extends OptionTable>(
  table: T,
  input: Readonly<Record<string, unknown>>,
): { values: ValuesOf<T>; violations: FieldViolation[] } {
  const values: Record<string, unknown> = {};
  const violations: FieldViolation[] = [];
  for (const [field, option] of Object.entries(table)) {
    const value = input[field] === undefined ? option.default : input[field];
    const misfit = explainMisfit(option, value);
    if (misfit !== undefined) violations.push({ field, description: misfit });
    values[field] = misfit === undefined ? value : option.default;
  }
  for (const field of Object.keys(input)) {
    if (!Object.hasOwn(table, field)) {
      violations.push({ field, description: "is not an option; --help lists the options" });
    }
  }
  return { values: values as ValuesOf<T>, violations };
}

/** Throws `invalid_argument` that names every violation, where there is one. */
export function refuseViolations(
  what: string,
  violations: readonly FieldViolation[],
  nameOf: OptionNaming = (option) => option,
): void {
  if (violations.length === 0) return;
  const list = violations.map(({ field, description }) => `${nameOf(field)} ${description}`)
    .join("; ");
  throw new TinctError("invalid_argument", `${what}: ${list}.`, { violations });
}
