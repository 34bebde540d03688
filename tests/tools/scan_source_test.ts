import assert from "assert";
import { scanSource } from "../../tools/scan_source.ts";

const specifiers = (text: string) => scanSource(text).imports.map(({ specifier }) => specifier);

Deno.test("scanSource() finds every form of import, with its line", () => {
  const { imports } = scanSource([
    'import a from "./a.ts";',
    "import {",
    "  b,",
    "  type C,",
    "} from './b.ts';",
    'export * from "./d.ts";',
    'export type { E } from "./e.ts";',
    'import "./f.ts";',
    'const g = await import("./g.ts");',
    'type H = import("./h.ts").H;',
    'import type { I } from "./i.ts";',
    'import j, { k as l } from "./j.ts";',
    'import * as m from "./m.ts";',
  ].join("\n"));
  assert.deepEqual(
    imports.map(({ specifier, line, forEffect, names }) => [specifier, line, forEffect, names]),
    [
      ["./a.ts", 1, false, ["default"]],
      ["./b.ts", 5, false, ["b", "C"]],
      ["./d.ts", 6, false, ["*"]],
      ["./e.ts", 7, false, ["E"]],
      ["./f.ts", 8, true, []],
      ["./g.ts", 9, false, ["*"]],
      ["./h.ts", 10, false, ["*"]],
      ["./i.ts", 11, false, ["I"]],
      ["./j.ts", 12, false, ["default", "k"]],
      ["./m.ts", 13, false, ["*"]],
    ],
  );
});

Deno.test("scanSource() finds what a module exports, under the name that others import", () => {
  const { exports } = scanSource([
    "export const a = 1;",
    "const inner = 1;",
    "export async function b() {}",
    "export function* c() {}",
    "export abstract class D {}",
    "export interface E {}",
    "export type F = E;",
    "export { inner as g, type F as H };",
    'export type { I } from "./i.ts";',
    "export default a;",
    'const text = "export const none = 1";',
    "/*",
    "export const none = 1;",
    "*/",
  ].join("\n"));
  assert.deepEqual(
    exports.map(({ name, line }) => [name, line]),
    [
      ["a", 1],
      ["b", 3],
      ["c", 4],
      ["D", 5],
      ["E", 6],
      ["F", 7],
      ["g", 8],
      ["H", 8],
      ["I", 9],
      ["default", 10],
    ],
  );
});

Deno.test("scanSource() takes nothing in comments, strings or templates for an import", () => {
  const cases = [
    '// import a from "./a.ts";',
    '/* import "./a.ts" */',
    "const text = 'import \"./a.ts\"';",
    'const text = `import a from "./a.ts"`;',
    'const text = "it\\"s"; // from "./a.ts"',
    'const pattern = /import "[^"]*/; const other = /"/;',
    'const list = Array.from("./a.ts");',
    'loader.import("./a.ts");',
  ];
  for (const text of cases) assert.deepEqual(specifiers(text), [], text);
});

Deno.test("scanSource() sees the code inside a template's braces", () => {
  const text =
    'const a = `x ${await import("./a.ts")} "${f({ b: `}` })}`;\nimport c from "./c.ts";';
  assert.deepEqual(specifiers(text), ["./a.ts", "./c.ts"]);
});

Deno.test("scanSource() tells a division from a regular expression", () => {
  const text = 'const half = size / 2; const rest = (a + b) / 2; import("./a.ts"); // "';
  assert.deepEqual(specifiers(text), ["./a.ts"]);
});

Deno.test("scanSource() keeps positions and lines of the code", () => {
  const text = "let a = 'one'; /* two\nlines */ let b = `x\n${a}`; // end";
  const { code } = scanSource(text);
  assert.equal(code.length, text.length);
  assert.equal(code.indexOf("let b"), text.indexOf("let b"));
  assert.equal(code.split("\n").length, 3);
  assert.ok(!/one|two|lines|end|x/.test(code));
});
