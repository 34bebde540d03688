import { parseArgs } from "node:util";
import { explainMisfit, type Option, type ValuesOf } from "../config/option.ts";
import { type FieldViolation, TinctError } from "../errors.ts";
import { nearest } from "./nearest.ts";

/** An option whose value is taken as it stands: a path, a name. */
interface TextOption {
  readonly kind: "text";
  /** Undefined: the option has no value unless it is given. */
  readonly default: string | undefined;
  /** What stands for the value in help texts, such as "DIR". */
  readonly placeholder: string;
  /** One line, without a full stop: what the option does. */
  readonly help: string;
  /** What the value is where the flag stands alone; undefined: it may not. */
  readonly alone?: string;
}

/** An option that may be given several times, each time with a text. */
interface TextsOption {
  readonly kind: "texts";
  readonly default: readonly string[];
  readonly placeholder: string;
  readonly help: string;
  /** The texts that it takes; undefined: any. */
  readonly choices?: readonly string[];
}

/** Any option of a command. */
export type CommandOption = Option | TextOption | TextsOption;

/** A command's options by name; the name `lambdaL1` is the flag `--lambda-l1`. */
export type CommandOptions = Readonly<Record<string, CommandOption>>;

/** The values of a command's options. */
export type CommandValues<T extends CommandOptions> = {
  -readonly [K in keyof T]: T[K] extends TextOption ? T[K]["default"] | string
    : T[K] extends TextsOption ? readonly string[]
    : T[K] extends Option ? ValuesOf<{ value: T[K] }>["value"]
    : never;
};

/** What stands beside the options: `PHOTO…`. */
export interface Operands {
  /** Such as "PHOTO"; of several one each, "IN OUT". */
  readonly name: string;
  /** How the usage line shows them, where it is more than the name; such as "[ACTION] [NAME]". */
  readonly usage?: string;
  /** What the first of them can be, where it is one of a few words. */
  readonly words?: readonly string[];
  readonly min: number;
  readonly max: number;
  /** One line, without a full stop. */
  readonly help: string;
}

/** What was said on the command line, checked. */
export interface ParsedArguments<T extends CommandOptions> {
  /** Every option; those that were not given have their defaults. */
  readonly options: CommandValues<T>;
  /** The options that were given, where a default means something else than the same value given. */
  readonly given: ReadonlySet<keyof T & string>;
  readonly operands: readonly string[];
}

/** An option whose value is text; without `value` it is undefined unless given. */
export function text(placeholder: string, help: string): TextOption & { default: undefined };
export function text(placeholder: string, help: string, value: string): TextOption & {
  default: string;
};
export function text(placeholder: string, help: string, value?: string): TextOption {
  return { kind: "text", default: value, placeholder, help };
}

/** An option that may be given several times; an empty list unless it is given. */
export function texts(placeholder: string, help: string): TextsOption {
  return { kind: "texts", default: [], placeholder, help };
}

/** An option that takes some of `choices`, each with a flag of its own or with commas between them. */
export function words(choices: readonly string[], help: string): TextsOption {
  return { kind: "texts", default: [], placeholder: choices.join("|"), help, choices };
}

/** The flag of an option: "lambdaL1" is "lambda-l1", "nDown" is "n-down". */
export function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What a user calls an option: "lambdaL1" is "--lambda-l1". */
export function flagName(name: string): string {
  return `--${flagOf(name)}`;
}

/**
 * What does not fit in the values that were given, those that are wrong by themselves included.
 *
 * @param given the values by name, without defaults.
 * @returns violations that call options by their flags.
 */
export type ValuesCheck = (given: Readonly<Record<string, unknown>>) => readonly FieldViolation[];

/**
 * Reads a command's arguments.
 *
 * @param argv what follows the command's name.
 * @param check finds what values say against each other.
 * @throws {TinctError} `invalid_argument`: one sentence that names the first argument that is not
 *   known, or every value that does not fit.
 */
export function parseArguments<const T extends CommandOptions>(
  argv: readonly string[],
  options: T,
  operands?: Operands,
  check: ValuesCheck = () => [],
): ParsedArguments<T> {
  const byFlag = new Map(
    Object.entries(options).map(([name, option]) => [flagOf(name), { name, option }]),
  );
  const { tokens } = parseArgs({
    args: withValues(argv, byFlag),
    options: Object.fromEntries(
      [...byFlag].map(([flag, { option }]) => [flag, {
        type: option.kind === "boolean" ? "boolean" as const : "string" as const,
      }]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, unknown> = {};
  const misfits: string[] = [];
  const wrong = new Set<string>();
  const operandValues: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operandValues.push(token.value);
    if (token.kind !== "option") continue;
    const found = byFlag.get(token.name);
    const negated = token.name.startsWith("no-") ? byFlag.get(token.name.slice(3)) : undefined;
    if (found !== undefined) {
      const value = valueOf(found.option, token.value);
      const misfit = misfitOf(found.option, value, token.inlineValue ?? false);
      if (misfit !== undefined) {
        misfits.push(`${token.rawName} ${misfit}`);
        wrong.add(found.name);
      }
      values[found.name] = found.option.kind === "texts"
        ? [...(values[found.name] as string[] | undefined ?? []), ...textsOf(found.option, value)]
        : value;
    } else if (negated?.option.kind === "boolean" && token.value === undefined) {
      values[negated.name] = false;
    } else {
      throw unknownOption(token.rawName, [...byFlag.keys()]);
    }
  }
  for (const { field, description } of check(values)) {
    if (!wrong.has(field)) misfits.push(`${flagName(field)} ${description}`);
  }
  if (misfits.length > 0) throw new TinctError("invalid_argument", `${misfits.join("; ")}.`);
  checkOperands(operandValues, operands);
  const defaults = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, option.default]),
  );
  return {
    options: { ...defaults, ...values } as CommandValues<T>,
    given: new Set(Object.keys(values)),
    operands: operandValues,
  };
}

/** Gives flags that stand alone the values that this means. */
function withValues(
  argv: readonly string[],
  byFlag: ReadonlyMap<string, { readonly option: CommandOption }>,
): string[] {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  return argv.map((word, index) => {
    const option = word.startsWith("--") ? byFlag.get(word.slice(2))?.option : undefined;
    if (index >= end || option?.kind !== "text" || option.alone === undefined) return word;
    const next = argv[index + 1];
    const isAlone = next === undefined || (next.startsWith("-") && next !== option.alone);
    return isAlone ? `${word}=${option.alone}` : word;
  });
}

function textsOf({ choices }: TextsOption, value: unknown): unknown[] {
  return choices === undefined ? [value] : String(value).split(",").map((word) => word.trim());
}

function valueOf(option: CommandOption, value: string | undefined): unknown {
  switch (option.kind) {
    case "boolean":
      return value === undefined || value === "true" ? true : value === "false" ? false : value;
    case "integer":
    case "number":
      return value !== undefined && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)
        ? Number(value)
        : value;
    default:
      return value;
  }
}

function misfitOf(option: CommandOption, value: unknown, isInline: boolean): string | undefined {
  const isMissing = value === undefined || value === "" ||
    (typeof value === "string" && value.startsWith("--") && !isInline);
  if (option.kind !== "boolean" && isMissing) return `needs a value (${placeholderOf(option)})`;
  if (option.kind === "texts" && option.choices !== undefined) {
    const wrong = textsOf(option, value).find((word) => !option.choices?.includes(String(word)));
    if (wrong === undefined) return undefined;
    return `must be among ${option.choices.join(", ")}, not ${JSON.stringify(wrong)}`;
  }
  if (option.kind === "text" || option.kind === "texts") return undefined;
  return explainMisfit(option, value);
}

/** What stands for an option's value in help texts. */
export function placeholderOf(option: CommandOption): string {
  switch (option.kind) {
    case "text":
    case "texts":
      return option.placeholder;
    case "choice":
      return option.choices.join("|");
    case "boolean":
      return "";
    default:
      return "N";
  }
}

function unknownOption(rawName: string, flags: readonly string[]): TinctError {
  const guess = nearest(rawName.replace(/^-+/, ""), flags);
  const advice = guess === undefined ? "--help lists the options." : `Did you mean --${guess}?`;
  return new TinctError("invalid_argument", `There is no option ${rawName}. ${advice}`);
}

function checkOperands(values: readonly string[], operands: Operands | undefined): void {
  const { name = "", min = 0, max = 0 } = operands ?? {};
  if (values.length < min) {
    const missing = name.split(" ").slice(values.length);
    const verb = missing.length === 1 ? "is" : "are";
    throw new TinctError(
      "invalid_argument",
      `${missing.join(" and ")} ${verb} missing; --help shows the usage.`,
    );
  }
  const surplus = values[max];
  if (surplus !== undefined) {
    throw new TinctError(
      "invalid_argument",
      `${JSON.stringify(surplus)} is one argument too many; --help shows the usage.`,
    );
  }
}
