import assert from "assert";
import { readFile } from "node:fs/promises";
import type { Option } from "../../src/config/option.ts";
import { serviceOptions } from "../../src/config/service.ts";

/** A setting's row: its flag, default, range and meaning. */
function row(name: string, option: Option): string {
  const dashed = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (option.kind === "boolean") {
    return `| \`--[no-]${dashed}\` | ${option.default ? "yes" : "no"} | | ${option.help} |`;
  }
  if (option.kind === "choice") {
    return `| \`--${dashed}\` | ${option.default} | ${
      option.choices.join(", ")
    } | ${option.help} |`;
  }
  const range = `${option.min} to ${option.max}`;
  const value = `${option.default} ${option.unit}`.trim();
  return `| \`--${dashed}\` | ${value} | ${range} | ${option.help} |`;
}

/** Cells without the spaces that the formatter lines them up by. */
function cells(line: string): string {
  return line.split("|").map((cell) => cell.trim()).join("|");
}

Deno.test("docs/settings.md has every setting of the server, with its default and range", async () => {
  const page = await readFile(new URL("../../docs/settings.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => /^\| `--/.test(line)).map(cells);
  const expected = Object.entries(serviceOptions).map(([name, option]) => row(name, option));
  assert.deepEqual(rows, expected.map(cells), `the rows must be:\n${expected.join("\n")}`);
});
