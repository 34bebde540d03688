import { actionRows, type Actions } from "./actions.ts";
import {
  type CommandOption,
  type CommandOptions,
  flagOf,
  type Operands,
  placeholderOf,
} from "./arguments.ts";
import { shown } from "../shown.ts";

/** How the program is called, for help texts. */
export const PROGRAM = "deno task tinct";

/** Help texts are at most so wide. */
const WIDTH = 100;

/** What a help text is made from. */
interface HelpSource {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs that follow the summary; lines are broken as they are to appear. */
  readonly description?: string;
  readonly options: CommandOptions;
  readonly operands?: Operands;
  readonly actions?: Actions;
}

/** The help text of a command: usage, what it does, and its options with units and defaults. */
export function commandHelp(
  { name, summary, description, options, operands, actions }: HelpSource,
): string {
  const rows: [string, string][] = Object.entries(options).map(([name, option]) => [
    flagHelp(name, option),
    [option.help, details(option)].filter((part) => part !== "").join(" "),
  ]);
  const operand = operands === undefined ? "" : ` ${operandUsage(operands)}`;
  return [
    `Usage: ${PROGRAM} ${name} [OPTIONS]${operand}`,
    `${summary}.`,
    ...(description === undefined ? [] : [description]),
    ...(actions !== undefined
      ? [`Actions:\n${columns(actionRows(actions))}`]
      : operands !== undefined
      ? [columns([[operands.name, operands.help]])]
      : []),
    `Options:\n${columns(rows)}`,
  ].join("\n\n");
}

function operandUsage({ name, min, max, usage }: Operands): string {
  if (usage !== undefined) return usage;
  const shown = `${name}${max > 1 ? "…" : ""}`;
  return min === 0 ? `[${shown}]` : shown;
}

/** Two aligned columns; the right one is wrapped. Control characters of names are escaped. @param least the left one has so many characters. */
export function columns(rows: readonly (readonly [string, string])[], least = 0): string {
  const left = Math.min(32, Math.max(least, ...rows.map(([term]) => term.length))) + 4;
  return rows.map(([term, meaning]) => {
    const lines = wrap(shown(meaning), WIDTH - left);
    const head = `  ${shown(term)}`;
    const fits = head.length + 2 <= left;
    const first = fits ? `${head.padEnd(left)}${lines.shift() ?? ""}` : head;
    return [first, ...lines.map((line) => " ".repeat(left) + line)].join("\n");
  }).join("\n");
}

function flagHelp(name: string, option: CommandOption): string {
  const flag = flagOf(name);
  if (option.kind === "boolean") return option.default ? `--[no-]${flag}` : `--${flag}`;
  if (option.kind === "text" && option.alone !== undefined) {
    return `--${flag} [${placeholderOf(option)}]`;
  }
  return `--${flag} ${placeholderOf(option)}`;
}

function details(option: CommandOption): string {
  switch (option.kind) {
    case "text":
      return option.default === undefined || option.default === ""
        ? ""
        : `(default ${option.default})`;
    case "texts":
      return "";
    case "boolean":
      return option.default ? "(default yes)" : "";
    case "choice":
      return `(default ${option.default})`;
    default: {
      const unit = option.unit === "" ? "" : ` ${option.unit}`;
      return `(${option.min} to ${option.max}${unit}, default ${option.default})`;
    }
  }
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
