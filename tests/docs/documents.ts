import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The clone that the tests are in. */
export const clone = fileURLToPath(new URL("../../", import.meta.url));

/** A block of a document, indented or fenced. */
export interface Block {
  readonly document: string;
  /** Line of the document that its first line is, from 1. */
  readonly line: number;
  /** What stands after the fence, such as "python"; "": indented, or fenced without a word. */
  readonly language: string;
  readonly lines: readonly string[];
}

/** A command that a document shows. */
interface DocumentedCommand {
  readonly document: string;
  readonly line: number;
  /** One line, without its comment. */
  readonly text: string;
}

/** The Markdown files of the clone, by their paths from it. */
export async function listDocuments(): Promise<string[]> {
  const skipped = new Set(["node_modules", ".git", "runs", "venv", ".venv"]);
  const found: string[] = [];
  const visit = async (folder: string) => {
    for (const entry of await readdir(join(clone, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !skipped.has(entry.name)) await visit(path);
      else if (entry.isFile() && entry.name.endsWith(".md")) found.push(path);
    }
  };
  await visit(".");
  return found.toSorted();
}

/** The text of a document. */
export async function readDocument(document: string): Promise<string> {
  return await readFile(join(clone, document), "utf8");
}

/** The blocks of a Markdown text: fenced ones, and those indented by four spaces after an empty line. */
export function blocksOf(document: string, text: string): Block[] {
  const blocks: (Block & { lines: string[] })[] = [];
  let fence: string | undefined;
  let isIndented = false;
  let before = "";
  for (const [index, line] of text.split("\n").entries()) {
    const mark = /^\s*(```+)(\w*)/.exec(line);
    const open = (language: string, at: number) =>
      blocks.push({ document, line: at, language, lines: [] });
    if (fence !== undefined) {
      if (line.trim() === fence) fence = undefined;
      else blocks.at(-1)?.lines.push(line);
    } else if (mark !== null) {
      fence = mark[1];
      isIndented = false;
      open(mark[2] ?? "", index + 2);
    } else if (line.startsWith("    ") && (isIndented || before.trim() === "")) {
      if (!isIndented) open("", index + 1);
      isIndented = true;
      blocks.at(-1)?.lines.push(line.slice(4));
    } else if (line.trim() !== "") isIndented = false;
    else if (isIndented) blocks.at(-1)?.lines.push("");
    before = line;
  }
  return blocks;
}

/** The commands of a block: continued lines are joined, comments and prompts left out. */
export function commandsOf({ document, line, lines }: Block): DocumentedCommand[] {
  const commands: DocumentedCommand[] = [];
  let begun: { text: string; line: number } | undefined;
  for (const [index, part] of lines.entries()) {
    const { text, line: at } = begun ?? { text: "", line: line + index };
    begun = undefined;
    const whole = `${text} ${part.trim()}`.trim();
    if (whole.endsWith("\\")) begun = { text: whole.slice(0, -1).trim(), line: at };
    else {
      const command = whole.replace(/^\$ /, "").replace(/(^|\s)# .*$/, "").replace(/\s+/g, " ")
        .trim();
      if (command !== "") commands.push({ document, line: at, text: command });
    }
  }
  return commands;
}

/** Code in backticks within a text's paragraphs and tables. */
export function codeSpans(text: string): string[] {
  const fenced = text.replace(/^\s*```[^]*?^\s*```/gm, "").replace(/^ {4}.*$/gm, "");
  return [...fenced.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.replace(/\s+/g, " "));
}

/** The anchors of a text's headings, as GitHub makes them. */
export function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}
