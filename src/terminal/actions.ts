import { TinctError } from "../errors.ts";
import { flagName, type Operands } from "./arguments.ts";
import { nearest } from "./nearest.ts";

/** One thing that a command can do. */
interface Action {
  /** What it is done to, such as "NAME"; undefined: to nothing in particular. */
  readonly operand?: string;
  /** One line, without a full stop. */
  readonly help: string;
  /** Options that no action has but this one and others that name them, too. */
  readonly options?: readonly string[];
}

/** What a command can do, by the word for it. The first is done where none is named. */
export type Actions = Readonly<Record<string, Action>>;

/** The operands of a command with actions. */
export function actionOperands(actions: Actions): Operands {
  const words = Object.keys(actions);
  const operand = Object.values(actions).find((each) => each.operand !== undefined)?.operand;
  return {
    name: "ACTION",
    usage: operand === undefined ? "[ACTION]" : `[ACTION [${operand}]]`,
    words,
    min: 0,
    max: 2,
    help: `what to do: ${words.join(", ")} (default: ${words[0]})`,
  };
}

/** The actions as rows of a help text. */
export function actionRows(actions: Actions): [string, string][] {
  return Object.entries(actions).map(([word, { operand, help }], index) => [
    operand === undefined ? word : `${word} ${operand}`,
    index === 0 ? `${help} (the default)` : help,
  ]);
}

/** The action that was asked for, and what it is done to; see `checkAction`. */
export function readAction<T extends Actions>(
  actions: T,
  [word = Object.keys(actions)[0] ?? "", operand = ""]: readonly string[],
): { readonly action: keyof T & string; readonly operand: string } {
  return { action: word, operand };
}

/**
 * Refuses what does not go together.
 *
 * @throws {TinctError} invalid_argument: no such action, its operand is missing or one too many, or an
 *   option is another action's.
 */
export function checkAction(
  actions: Actions,
  { operands, given }: {
    readonly operands: readonly string[];
    readonly given: ReadonlySet<string>;
  },
): void {
  const { action: word, operand } = readAction(actions, operands);
  const action = Object.hasOwn(actions, word) ? actions[word] : undefined;
  if (action === undefined) {
    const guess = nearest(word, Object.keys(actions));
    throw wrong(
      guess === undefined
        ? `There is no action ${word}. The actions are ${Object.keys(actions).join(", ")}.`
        : `There is no action ${word}. Did you mean ${guess}?`,
    );
  }
  if (action.operand !== undefined && operand === "") {
    throw wrong(`${word} needs a ${action.operand}; --help shows the usage.`);
  }
  if (action.operand === undefined && operand !== "") {
    throw wrong(`${JSON.stringify(operand)} is one argument too many; --help shows the usage.`);
  }
  for (const name of given) {
    const owners = Object.entries(actions).filter(([, each]) => each.options?.includes(name))
      .map(([owner]) => owner);
    if (owners.length > 0 && !owners.includes(word)) {
      throw wrong(`${flagName(name)} is for ${owners.join(" and ")}, not for ${word}.`);
    }
  }
}

function wrong(message: string): TinctError {
  return new TinctError("invalid_argument", message);
}
