import {
  type CommandOption,
  type CommandOptions,
  flagOf,
  type Operands,
  placeholderOf,
} from "./arguments.ts";

/** How the program is called, for help texts. */
export const PROGRAM = "deno task tinct";

/** Help texts are at most so wide. */
const WIDTH = 100;

/** What a help text is made from. */
export interface HelpSource {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs that follow the summary; lines are broken as they are to appear. */
  readonly description?: string;
  readonly options: CommandOptions;
  readonly operands?: Operands;
}

/** The help text of a command: usage, what it does, and its options with units and defaults. */
export function commandHelp({ name, summary, description, options, operands }: HelpSource): string {
  const rows: [string, string][] = Object.entries(options).map(([name, option]) => [
    flagHelp(name, option),
    [option.help, details(option)].filter((part) => part !== "").join(" "),
  ]);
  const operand = operands === undefined
    ? ""
    : operands.min === 0
    ? ` [${operands.name}${operands.max > 1 ? "…" : ""}]`
    : ` ${operands.name}${operands.max > 1 ? "…" : ""}`;
  return [
    `Usage: ${PROGRAM} ${name} [OPTIONS]${operand}`,
    `${summary}.`,
    ...(description === undefined ? [] : [description]),
    ...(operands === undefined ? [] : [columns([[operands.name, operands.help]])]),
    `Options:\n${columns(rows)}`,
  ].join("\n\n");
}

/** Two aligned columns; the right one is wrapped. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const left = Math.min(32, Math.max(...rows.map(([term]) => term.length))) + 4;
  return rows.map(([term, meaning]) => {
    const lines = wrap(meaning, WIDTH - left);
    const head = `  ${term}`;
    const fits = head.length + 2 <= left;
    const first = fits ? `${head.padEnd(left)}${lines.shift() ?? ""}` : head;
    return [first, ...lines.map((line) => " ".repeat(left) + line)].join("\n");
  }).join("\n");
}

function flagHelp(name: string, option: CommandOption): string {
  const flag = flagOf(name);
  if (option.kind === "boolean") return option.default ? `--[no-]${flag}` : `--${flag}`;
  return `--${flag} ${placeholderOf(option)}`;
}

function details(option: CommandOption): string {
  switch (option.kind) {
    case "text":
      return option.default === undefined ? "" : `(default ${option.default})`;
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
