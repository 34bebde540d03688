import type { FieldViolation } from "../errors.ts";
import type { OptionNaming } from "./option.ts";

/** Options that may say what does not go together. */
export interface Contradiction<Values> {
  /** Those that it goes by; it is not looked for while one of them is wrong by itself. */
  readonly options: readonly (keyof Values & string)[];
  /** What is wrong, said of one of the options, or undefined where they go together. */
  readonly find: (values: Values, nameOf: OptionNaming) => FieldViolation | undefined;
}

/** Makes contradictions among the options of `Values`, which see no others than they name. */
export function contradictionsOf<Values>() {
  return <const K extends keyof Values & string>(
    options: readonly K[],
    find: (values: Pick<Values, K>, nameOf: OptionNaming) => FieldViolation | undefined,
  ): Contradiction<Values> => ({ options, find });
}

/**
 * Every contradiction among options that are right by themselves.
 *
 * @param wrong the names of those that are not.
 * @param nameOf what its reader calls an option.
 */
export function findContradictions<Values>(
  contradictions: readonly Contradiction<Values>[],
  values: Values,
  wrong: ReadonlySet<string>,
  nameOf: OptionNaming,
): FieldViolation[] {
  return contradictions.filter(({ options }) => !options.some((option) => wrong.has(option)))
    .flatMap(({ find }) => find(values, nameOf) ?? []);
}
