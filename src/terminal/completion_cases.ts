import type { CompletedCommand, Guess } from "./completion_table.ts";

/** The function of both shells that says what a word can be. */
export function guessFunction(commands: readonly CompletedCommand[]): string {
  return `# What a word can be. $1: the command, $2: its flag, or "first" or "others" for operands.
_tinct_guess() {
  guess=nothing
  case "$1 $2" in
${indented([...flagCases(commands), ...operandCases(commands)], 4)}
  esac
}`;
}

/** Lines that begin with so many spaces. */
export function indented(lines: readonly string[], spaces: number): string {
  return lines.map((line) => " ".repeat(spaces) + line).join("\n");
}

/**
 * The branches of a shell's `case` over "COMMAND --flag", each with what the flag's value can be: one
 * for a flag that means the same everywhere.
 *
 * @returns lines such as `*' --gan-mode') guess='words vanilla lsgan' ;;`, for bash and zsh alike.
 */
function flagCases(commands: readonly CompletedCommand[]): string[] {
  const byFlag = new Map<string, Map<string, string[]>>();
  for (const { name, flags } of commands) {
    for (const { flag, value } of flags) {
      const meanings = byFlag.get(flag) ?? new Map<string, string[]>();
      byFlag.set(flag, meanings);
      const meaning = value === undefined ? "switch" : guessWords(value);
      meanings.set(meaning, [...meanings.get(meaning) ?? [], name]);
    }
  }
  return [...byFlag].flatMap(([flag, meanings]) =>
    // What nobody can guess is what the scripts take for granted.
    [...meanings].filter(([meaning]) => meaning !== "nothing").map(([meaning, names]) => {
      const patterns = meanings.size === 1
        ? [`*' ${flag}'`]
        : names.map((name) => `'${name} ${flag}'`);
      return `${patterns.join("|")}) guess='${meaning}' ;;`;
    })
  );
}

/** The branches of a `case` over "COMMAND first" and "COMMAND others": what operands can be. */
function operandCases(commands: readonly CompletedCommand[]): string[] {
  return commands.flatMap(({ name, first, others }) =>
    Object.entries({ first, others }).filter(([, { kind }]) => kind !== "nothing")
      .map(([place, guess]) => `'${name} ${place}') guess='${guessWords(guess)}' ;;`)
  );
}

/** A guess as the scripts read it: its kind, and the words of "words". */
function guessWords(guess: Guess): string {
  return guess.kind === "words" ? ["words", ...guess.words].join(" ") : guess.kind;
}
