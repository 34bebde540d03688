/**
 * Checks the layout: `deno run --allow-read tools/check_imports.ts [FOLDER]`. Prints every violation
 * as `file:line: what is wrong: what to do` and exits with 1 where there is one. The rules are the
 * tables of `layout_rules.ts`, `file_readers.ts` and `reserved_rules.ts`.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileReaders } from "./file_readers.ts";
import { findCycles } from "./import_cycles.ts";
import {
  apart,
  emptyNames,
  freeForAll,
  importedByPrograms,
  leaves,
  type Place,
  places,
  programs,
} from "./layout_rules.ts";
import { folderLimits, lineLimits } from "./size_limits.ts";
import { reserved } from "./reserved_rules.ts";
import { lineAt, type ScannedSource, scanSource } from "./scan_source.ts";
import { findUnusedExports } from "./unused_exports.ts";

/** A broken rule. */
interface Violation {
  /** Relative to the project's folder. */
  readonly file: string;
  readonly line: number;
  readonly problem: string;
  readonly remedy: string;
}

const skippedFolders = [".git", "node_modules", "testdata", "__pycache__"];
const sourceFile = /\.(?:tsx?|py|go|proto|sql)$/;
const textFile =
  /(?:\.(?:tsx?|css|html|svg|py|go|proto|sql|json|md|lock|txt|sh|toml|ya?ml)|\.npmrc|\.ci\/run)$/;
const checkedFolders = [
  ".ci",
  "src",
  "workers",
  "tests",
  "bench",
  "tools",
  "docs",
  "examples",
  "protos",
];

/** The project's text files, relative to its folder, with "/" on every system. */
async function listFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  const walk = async (folder: string) => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        const wanted = folder === "" ? checkedFolders.includes(path) : true;
        if (wanted && !skippedFolders.includes(entry.name)) await walk(path);
      } else if (textFile.test(path)) files.push(path);
    }
  };
  await walk("");
  return files.sort();
}

/**
 * Checks a project against the rules.
 *
 * @param texts the text of every file by its path, relative to the project's folder.
 */
export function checkProject(texts: ReadonlyMap<string, string>): Violation[] {
  const violations: Violation[] = [];
  const graph = new Map<string, Map<string, number>>();
  const sources = new Map<string, ScannedSource>();
  for (const [file, text] of texts) {
    const scanned = isTypeScript(file) ? scanSource(text) : undefined;
    violations.push(...checkReserved(file, text, scanned?.code ?? ""));
    if (sourceFile.test(file)) violations.push(...checkNameAndSize(file, text));
    if (scanned === undefined) continue;
    sources.set(file, scanned);
    const place = placeOf(file);
    if (place === undefined) {
      const problem = "lies in no place of the layout";
      const remedy = "move it, or add a row to tools/layout_rules.ts";
      violations.push({ file, line: 1, problem, remedy });
      continue;
    }
    violations.push(...checkImports(file, place, scanned), ...checkTopLevel(file, scanned));
    const edges = scanned.imports
      .filter(({ specifier }) => specifier.startsWith(".") && !isGenerated(file))
      .map(({ specifier, line }) => [resolve(file, specifier), line] as const);
    graph.set(file, new Map(edges));
  }
  for (const cycle of findCycles(graph)) {
    const [file = "", next = ""] = cycle;
    const line = graph.get(file)?.get(next) ?? 1;
    const problem = `imports itself by way of ${[...cycle.slice(1), file].join(" -> ")}`;
    violations.push({ file, line, problem, remedy: "move what both need into a file of its own" });
  }
  for (const { file, line, name } of findUnusedExports(sources, resolve)) {
    if (isGenerated(file) || importedByPrograms.includes(file)) continue;
    const remedy = "do not export it, or remove it";
    violations.push({ file, line, problem: `exports ${name}, which no file imports`, remedy });
  }
  violations.push(...checkFolders(texts));
  return violations;
}

/** Folders that have grown past what one answers for. */
function checkFolders(texts: ReadonlyMap<string, string>): Violation[] {
  const lines = new Map<string, { count: number; limit: number }>();
  for (const [file, text] of texts) {
    if (!isTypeScript(file) || isGenerated(file)) continue;
    for (const { path, lines: limit } of folderLimits) {
      const folder = path.exec(file)?.[0];
      if (folder === undefined) continue;
      const count = (lines.get(folder)?.count ?? 0) + text.trimEnd().split("\n").length;
      lines.set(folder, { count, limit });
      break;
    }
  }
  return [...lines].filter(([, { count, limit }]) => count > limit)
    .map(([folder, { count, limit }]) => ({
      file: folder,
      line: 1,
      problem: `${count} lines; ${limit} at most`,
      remedy: "move a part that stands by itself into a folder of its own",
    }));
}

function isTypeScript(file: string): boolean {
  return /\.tsx?$/.test(file);
}

/** What is made from the protos: messages may hold one another, and there are many. */
function isGenerated(file: string): boolean {
  return file.startsWith("src/protocol/generated/");
}

function checkImports(file: string, place: Place, { imports }: ScannedSource): Violation[] {
  const violations: Violation[] = [];
  const refuse = (line: number, problem: string, remedy: string) =>
    violations.push({ file, line, problem, remedy });
  for (const { specifier, line, forEffect } of imports) {
    if (forEffect && !programs.some((path) => file.startsWith(path))) {
      refuse(line, `imports "${specifier}" for its effect`, "export a function and call it");
    }
    if (/^node:fs(?:\/|$)/.test(specifier) && !mayReadFiles(file)) {
      const remedy =
        "let src/files do it, or name the file and its reason in tools/file_readers.ts";
      refuse(line, `imports "${specifier}"`, remedy);
    }
    if (specifier.startsWith("node:") && apart.includes(place.name)) {
      refuse(line, `imports "${specifier}"`, "browsers have no such module");
    }
    if (specifier.startsWith("node:") || specifier === "assert") continue;
    if (specifier.startsWith(".")) {
      const target = placeOf(resolve(file, specifier));
      if (target === undefined) {
        refuse(line, `imports "${specifier}" from outside the layout`, "move what it needs");
      } else if (!mayImport(place, target)) {
        const allowed = place.places.length === 0 ? "nothing else" : place.places.join(", ");
        refuse(
          line,
          `${place.name} may not import ${target.name} ("${specifier}")`,
          `${place.name} may import errors and ${allowed}; pass the value in instead`,
        );
      }
    } else if (/^[a-z]+:/.test(specifier)) {
      refuse(line, `imports "${specifier}" by its address`, "name it in deno.json's imports");
    } else if (!place.packages.includes("*") && !namesPackage(place, specifier)) {
      const owners = places.filter((other) => namesPackage(other, specifier))
        .map(({ name }) => name);
      refuse(
        line,
        `${place.name} may not import the package "${specifier}"`,
        owners.length === 0
          ? "add it to a row of tools/layout_rules.ts"
          : `only ${owners.join(", ")} may`,
      );
    }
  }
  return violations;
}

/** Whether a file may import `node:fs`: the program's files only where a row names them. */
function mayReadFiles(file: string): boolean {
  const isProgram = file.startsWith("src/") || file.startsWith("workers/");
  return !isProgram || fileReaders.some(({ path }) => file.startsWith(path));
}

function namesPackage({ packages }: Place, specifier: string): boolean {
  return packages.some((name) => `${specifier}/`.startsWith(`${name}/`));
}

function mayImport(from: Place, to: Place): boolean {
  if (from.name === to.name) return true;
  if (freeForAll.includes(to.name)) return !apart.includes(from.name);
  if (from.places.includes(to.name)) return true;
  const reachesAll = from.places.includes("*") && !leaves.includes(to.name);
  return reachesAll || (from.name === "tests" && from.places.includes("*"));
}

function checkReserved(file: string, text: string, code: string): Violation[] {
  const violations: Violation[] = [];
  for (const { what, pattern, inText, within, allowed, instead } of reserved) {
    if (!within.some((path) => file.startsWith(path))) continue;
    if (allowed.some((path) => file.startsWith(path))) continue;
    const searched = inText ? text : code;
    for (const match of searched.matchAll(pattern)) {
      const problem = `${what}: ${text.substr(match.index, match[0].length).trim()}`;
      violations.push({ file, line: lineAt(text, match.index), problem, remedy: instead });
    }
  }
  return violations;
}

function checkNameAndSize(file: string, text: string): Violation[] {
  const violations: Violation[] = [];
  const parts = file.split("/");
  const stem = (parts.at(-1) ?? "").replace(/\.[a-z]+$/, "").replace(/\.d$/, "");
  if (!/^[a-z0-9_]+$/.test(stem)) {
    const remedy = "name it in snake_case";
    violations.push({ file, line: 1, problem: `the name "${stem}"`, remedy });
  }
  const words = [...parts.slice(0, -1), stem].flatMap((part) => part.split("_"));
  const empty = words.find((word) => emptyNames.includes(word.toLowerCase()));
  if (empty !== undefined) {
    const remedy = "name it after what it answers for";
    violations.push({ file, line: 1, problem: `"${empty}" says nothing in a name`, remedy });
  }
  const limit = lineLimits.find(({ path }) => file.startsWith(path))?.lines ?? Infinity;
  const lines = text.trimEnd().split("\n").length;
  if (lines > limit) {
    const remedy = "split it by what its parts answer for";
    violations.push({ file, line: limit + 1, problem: `${lines} lines; ${limit} at most`, remedy });
  }
  return violations;
}

const declaration =
  /^(?:import|export|const|let|function|async function|class|abstract class|interface|type|enum|declare|namespace)\b/;
const workInDeclaration = /^(?:export )?(?:const|let)\b.*=\s*(?:await\b|Deno\.|\w*Sync\()/;

/**
 * Relies on `deno fmt`: a statement at the top level begins in the first column. So may a line of a
 * template, which is blank here but for its `${`.
 */
function checkTopLevel(file: string, { code }: ScannedSource): Violation[] {
  if (!file.startsWith("src/") || programs.some((path) => file.startsWith(path))) return [];
  return code.split("\n").flatMap((line, index) => {
    const statement = /^(?!\$\{)[\w$(]/.test(line) && !declaration.test(line);
    if (!statement && !workInDeclaration.test(line)) return [];
    const problem = `does work when it is imported: ${line.trim()}`;
    return [{ file, line: index + 1, problem, remedy: "do it in a function that is called" }];
  });
}

function placeOf(file: string): Place | undefined {
  return places.find(({ paths }) =>
    paths.some((path) => path.endsWith("/") ? file.startsWith(path) : file === path)
  );
}

/** The path of a relative import, relative to the project's folder. */
function resolve(file: string, specifier: string): string {
  return join(file, "..", specifier).replaceAll("\\", "/");
}

async function main(): Promise<void> {
  const root = process.argv[2] ?? ".";
  const files = await listFiles(root);
  const texts = new Map(
    await Promise.all(
      files.map(async (file) => [file, await readFile(join(root, file), "utf-8")] as const),
    ),
  );
  const violations = checkProject(texts);
  for (const { file, line, problem, remedy } of violations) {
    console.error(`${file}:${line}: ${problem}: ${remedy}.`);
  }
  console.log(`${files.length} files, broken layout rules: ${violations.length}`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}

if (import.meta.main) await main();
