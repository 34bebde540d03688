/** One `import`, `export … from` or `import()` of a module. */
interface ModuleImport {
  /** What stands between the quotes. */
  readonly specifier: string;
  /** The line of the specifier, from 1. */
  readonly line: number;
  /** Whether the module is imported for its effect alone: `import "x"`. */
  readonly forEffect: boolean;
  /** The names that come in, as the module calls them; "*" for all of it. */
  readonly names: readonly string[];
}

/** A name that a module exports. */
interface ModuleExport {
  readonly name: string;
  /** Its line, from 1. */
  readonly line: number;
}

/** A TypeScript file as the checks see it. */
export interface ScannedSource {
  readonly imports: readonly ModuleImport[];
  readonly exports: readonly ModuleExport[];
  /**
   * The text with everything that is no code turned into spaces: comments, and what stands inside
   * strings, templates and regular expressions. Positions and lines are those of the original.
   */
  readonly code: string;
}

/** Finds the imports and exports of a TypeScript file, and its code without comments and strings. */
export function scanSource(text: string): ScannedSource {
  const code = blankText(text);
  const imports: ModuleImport[] = [];
  for (const { pattern, forEffect } of importForms) {
    for (const match of code.matchAll(pattern)) {
      const quote = match.index + match[0].length - 1;
      const end = code.indexOf(text.charAt(quote), quote + 1);
      const specifier = text.slice(quote + 1, end);
      const names = forEffect ? [] : importedNames(match[0]);
      imports.push({ specifier, line: lineAt(code, quote), forEffect, names });
    }
  }
  return { imports: imports.sort((a, b) => a.line - b.line), exports: exportsOf(code), code };
}

/** The names of an import, from its first word to the quote of its specifier. */
function importedNames(clause: string): string[] {
  if (!/\bfrom\s*["']$/.test(clause) || clause.includes("*")) return ["*"];
  const [, first = "", braces = ""] =
    /^(?:import|export)\s+(?:type\s+(?!from\b))?([\w$]*)[^{]*(\{[^}]*\})?/.exec(clause) ?? [];
  return [...(first === "" ? [] : ["default"]), ...namesIn(braces).map(({ name }) => name)];
}

/** The names in braces, each as it is called before `as`, and after it. */
function namesIn(braces: string): { readonly name: string; readonly alias: string }[] {
  return braces.replace(/[{}]/g, "").split(",").flatMap((part) => {
    const [, name, alias = name] = /^\s*(?:type\s+)?([\w$]+)(?:\s+as\s+([\w$]+))?\s*$/.exec(part) ??
      [];
    return name === undefined || alias === undefined ? [] : [{ name, alias }];
  });
}

const exportedDeclaration =
  /^export\s+(?:(default)\b|(?:declare\s+|abstract\s+|async\s+)*(?:function\s*\*?|class|const|let|var|interface|type|enum|namespace)\s+([\w$]+))/gm;
const exportedNames = /^export\s+(?:type\s+)?(\{[^}]*\})/gm;

/** Relies on `deno fmt`: an export begins in the first column. */
function exportsOf(code: string): ModuleExport[] {
  const declared = [...code.matchAll(exportedDeclaration)].map((
    { index, 1: isDefault, 2: name },
  ) => ({
    name: isDefault ?? name ?? "",
    line: lineAt(code, index),
  }));
  const named = [...code.matchAll(exportedNames)].flatMap(({ index, 1: braces = "" }) =>
    namesIn(braces).map(({ alias }) => ({ name: alias, line: lineAt(code, index) }))
  );
  return [...declared, ...named].sort((a, b) => a.line - b.line);
}

/** The line, from 1, of a position in a text. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

/** Each form of an import up to and with the opening quote of its specifier. */
const importForms: readonly { pattern: RegExp; forEffect: boolean }[] = [
  { pattern: /(?<![.\w$])(?:import|export)\b[\w$\s{},*]*?\bfrom\s*["']/g, forEffect: false },
  { pattern: /(?<![.\w$])import\s*\(\s*["'`]/g, forEffect: false },
  { pattern: /(?<![.\w$])import\s*["']/g, forEffect: true },
];

/** Words after which a slash begins a regular expression, as after most punctuation. */
const beforeExpression =
  /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|delete|await|yield)$/;

/** Turns comments and the insides of strings, templates and regular expressions into spaces. */
function blankText(text: string): string {
  const out = text.split("");
  /** For each open `${`: how many braces are open within it. */
  const templates: number[] = [];
  let at = 0;

  const blankTo = (end: number) => {
    for (; at < end && at < text.length; at++) if (out[at] !== "\n") out[at] = " ";
  };
  /** Goes on to the end of a quoted text that began before `at`; `at` is then behind it. */
  const skipQuoted = (quote: string) => {
    while (at < text.length && text[at] !== quote && text[at] !== "\n") {
      blankTo(at + (text[at] === "\\" ? 2 : 1));
    }
    at++;
  };
  const skipTemplate = () => {
    while (at < text.length && text[at] !== "`") {
      if (text.startsWith("${", at)) {
        at += 2;
        templates.push(0);
        return;
      }
      blankTo(at + (text[at] === "\\" ? 2 : 1));
    }
    at++;
  };
  const skipRegExp = () => {
    let inClass = false;
    while (at < text.length && text[at] !== "\n" && (inClass || text[at] !== "/")) {
      if (text[at] === "[") inClass = true;
      else if (text[at] === "]") inClass = false;
      blankTo(at + (text[at] === "\\" ? 2 : 1));
    }
    at++;
  };
  const startsRegExp = () => {
    const before = out.slice(Math.max(0, at - 200), at).join("").trimEnd();
    return before === "" || /[=(,:;!&|?{}[+\-*%<>~^]$/.test(before) ||
      beforeExpression.test(before);
  };

  while (at < text.length) {
    const character = text.charAt(at);
    const open = templates.length - 1;
    if (text.startsWith("//", at) || (at === 0 && text.startsWith("#!"))) {
      const end = text.indexOf("\n", at);
      blankTo(end < 0 ? text.length : end);
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      blankTo(end < 0 ? text.length : end + 2);
    } else if (character === '"' || character === "'") {
      at++;
      skipQuoted(character);
    } else if (character === "`") {
      at++;
      skipTemplate();
    } else if (character === "/" && startsRegExp()) {
      at++;
      skipRegExp();
    } else if (character === "}" && templates[open] === 0) {
      templates.pop();
      at++;
      skipTemplate();
    } else {
      if (open >= 0 && character === "{") templates[open] = (templates[open] ?? 0) + 1;
      if (open >= 0 && character === "}") templates[open] = (templates[open] ?? 0) - 1;
      at++;
    }
  }
  return out.join("");
}
