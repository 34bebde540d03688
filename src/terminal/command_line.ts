import type { CommandOptions } from "./arguments.ts";
import { flagOf } from "./arguments.ts";
import { PROGRAM } from "./help.ts";

/**
 * A call of the program as it can be pasted into a shell.
 *
 * @param words the command and its arguments; they are quoted where a POSIX shell needs it.
 */
export function commandLine(words: readonly string[]): string {
  return [PROGRAM, ...words.map(quoted)].join(" ");
}

/**
 * The options that were given, as words of a command line.
 *
 * @param table which options; others that were given are left out.
 * @param values by name.
 * @param given the names of the options that were given.
 */
export function givenWords(
  table: CommandOptions,
  values: Readonly<Record<string, unknown>>,
  given: ReadonlySet<string>,
): string[] {
  return Object.keys(table).filter((name) => given.has(name)).flatMap((name) => {
    const value = values[name];
    if (typeof value === "boolean") return [`--${value ? "" : "no-"}${flagOf(name)}`];
    return [`--${flagOf(name)}`, String(value)];
  });
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
