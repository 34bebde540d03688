import type { CommandOption, CommandOptions, Operands } from "./arguments.ts";
import { flagName, flagOf } from "./arguments.ts";
import type { Command } from "./command.ts";
import type { Registration } from "./command.ts";

/** What a word can be: one of a few, a path, or something that nobody can guess. */
export type Guess =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "files" }
  | { readonly kind: "folders" }
  | { readonly kind: "nothing" };

/** A flag that can be typed. */
interface CompletedFlag {
  /** Such as "--gan-mode" or "--no-flip". */
  readonly flag: string;
  readonly help: string;
  /** What follows it; undefined: it takes no value. */
  readonly value: Guess | undefined;
}

/** A command as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  /** What its first operand can be, and what the others. */
  readonly first: Guess;
  readonly others: Guess;
}

/** The table from which every shell's script is made. */
export async function completionTable(
  commands: readonly Registration[],
): Promise<CompletedCommand[]> {
  return await Promise.all(commands.map(async ({ name, summary, load }) => {
    const { command } = await load();
    return { name, summary, flags: flagsOf(command.options), ...operandsOf(command) };
  }));
}

function flagsOf(options: CommandOptions): CompletedFlag[] {
  return Object.entries(options).flatMap(([name, option]): CompletedFlag[] => {
    const { help } = option;
    if (option.kind !== "boolean") return [{ flag: flagName(name), help, value: guessOf(option) }];
    const flag = { flag: flagName(name), help, value: undefined };
    return option.default ? [flag, { ...flag, flag: `--no-${flagOf(name)}` }] : [flag];
  });
}

function operandsOf({ operands }: Command): Pick<CompletedCommand, "first" | "others"> {
  const others = guessOfName(operands);
  if (operands?.words === undefined) return { first: others, others };
  return { first: { kind: "words", words: operands.words }, others };
}

function guessOfName(operands: Operands | undefined): Guess {
  return operands === undefined ? { kind: "nothing" } : guessOfPlaceholder(operands.name);
}

function guessOf(option: Exclude<CommandOption, { readonly kind: "boolean" }>): Guess {
  switch (option.kind) {
    case "choice":
      return { kind: "words", words: option.choices };
    case "texts":
      if (option.choices !== undefined) return { kind: "words", words: option.choices };
      return guessOfPlaceholder(option.placeholder);
    case "text":
      return guessOfPlaceholder(option.placeholder);
    default:
      return { kind: "nothing" };
  }
}

/** "latest|best|STEP" has two words; DIR is a folder; FILE, PATH, PHOTO and RUN may be files. */
function guessOfPlaceholder(placeholder: string): Guess {
  const words = placeholder.split("|").filter((word) => /^[a-z][a-z-]*$/.test(word));
  if (words.length > 0) return { kind: "words", words };
  if (/\b(?:FILE|PATH|PHOTO|RUN)\b/.test(placeholder)) return { kind: "files" };
  return { kind: /\bDIR\b/.test(placeholder) ? "folders" : "nothing" };
}
