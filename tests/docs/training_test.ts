import assert from "assert";
import { readFile } from "node:fs/promises";
import { flagOf } from "../../src/terminal/arguments.ts";
import { replicaOptions } from "../../src/local_training/replicas/options.ts";
import type { Option } from "../../src/config/option.ts";
import { trainingOptions } from "../../src/config/training.ts";

const text = await readFile(new URL("../../docs/training.md", import.meta.url), "utf8");

/** The text without the part about `tinct evaluate`, which has options of its own. */
const ofTraining = text.replace(/^### Evaluating and comparing models$[^]*?(?=^## )/m, "");

/** The first cells of all tables: where options have their lines. */
const firstCells = ofTraining.split("\n").filter((line) => line.startsWith("| "))
  .map((line) => line.split("|")[1] ?? "");

/** What stands behind an option in its line, up to the next option; undefined where it has no line. */
function lineOf(name: string): string | undefined {
  const flag = new RegExp(`--${flagOf(name)}(?![\\w-])`);
  const cell = firstCells.find((cell) => flag.test(cell));
  return cell?.split(flag)[1]?.split("--")[0];
}

Deno.test("docs/training.md has a line for each option of training and of replicas", () => {
  const names = Object.keys({ ...trainingOptions, ...replicaOptions });
  assert.deepEqual(names.filter((name) => lineOf(name) === undefined), []);
});

Deno.test("the choices and defaults that docs/training.md shows are those of the options", () => {
  const options: Readonly<Record<string, Option>> = trainingOptions;
  for (const [name, option] of Object.entries(options)) {
    const shown = lineOf(name) ?? "";
    if (option.kind === "choice") {
      const words = shown.match(/[a-z][a-z0-9-]*/g) ?? [];
      if (words.length > 0) assert.deepEqual(words, option.choices, name);
    } else if (/\d/.test(shown)) {
      assert.equal(Number(shown.match(/[\d.e-]+/)?.[0]), option.default, name);
    }
  }
});

Deno.test("docs/training.md names no option that there is not", () => {
  const known = new Set(Object.keys({ ...trainingOptions, ...replicaOptions }).map(flagOf));
  const named = firstCells.flatMap((cell) => [...cell.matchAll(/--(?:no-)?([a-z][\w-]*)/g)])
    .map(([, flag = ""]) => flag);
  assert.deepEqual(named.filter((flag) => !known.has(flag)), []);
});
