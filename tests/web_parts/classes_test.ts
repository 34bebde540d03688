import assert from "assert";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../../src/", import.meta.url));
const folders = ["web", "web_cards", "web_parts", "web_door"];

/** The files of the pages with one of these endings, as one text. */
async function textOf(endings: RegExp): Promise<string> {
  const texts = await Promise.all(folders.map(async (folder) => {
    const entries = await readdir(join(source, folder), { recursive: true });
    const files = entries.filter((name) => endings.test(name));
    return await Promise.all(files.map((name) => readFile(join(source, folder, name), "utf-8")));
  }));
  return texts.flat().join("\n");
}

/** The classes that rules are for, but for uPlot's own. */
function classesOf(css: string): string[] {
  const selectors = css.replace(/\/\*[^]*?\*\//g, "").replace(/url\([^)]*\)/g, "")
    .replace(/\{[^{}]*\}/g, "{}");
  const names = selectors.matchAll(/\.([a-zA-Z][\w-]*)/g).map(([, name = ""]) => name);
  return [...new Set(names)].filter((name) => !name.startsWith("u-"));
}

/** Whether a class is named in sources, whole or by how it begins: `state-${word}`. */
function isNamed(sources: string, name: string): boolean {
  if (new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(sources)) return true;
  const parts = name.split("-");
  return parts.some((_, at) => at > 0 && sources.includes(`${parts.slice(0, at).join("-")}-\${`));
}

Deno.test("every class that the style sheets have a rule for is one that the pages use", async () => {
  const [css, sources] = [await textOf(/\.css$/), await textOf(/\.(?:tsx?|html)$/)];
  const classes = classesOf(css);
  assert.ok(classes.length > 100, `${classes.length} classes were found`);
  assert.deepEqual(classes.filter((name) => !isNamed(sources, name)), []);
});
