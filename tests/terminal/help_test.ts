import assert from "assert";
import { text } from "../../src/terminal/arguments.ts";
import { commandHelp } from "../../src/terminal/help.ts";
import { boolean, choice, integer } from "../../src/config/option.ts";

Deno.test("commandHelp() shows usage, operands, and options with units, ranges and defaults", () => {
  const help = commandHelp({
    name: "paint",
    summary: "Paint photos",
    description: "It takes a while.",
    operands: { name: "PHOTO", min: 1, max: Infinity, help: "the photos to paint" },
    options: {
      batchSize: integer(4, [1, 512], "photos a step", "photos"),
      seed: integer(0, [0, 9], "what every draw follows from"),
      mode: choice(["oil", "chalk"], "the technique"),
      flip: boolean(true, "mirror half of the photos"),
      fast: boolean(false, "hurry"),
      out: text("DIR", "where to", "painted"),
      data: text("DIR", "where from"),
    },
  });
  assert.equal(
    help,
    `Usage: deno task tinct paint [OPTIONS] PHOTO…

Paint photos.

It takes a while.

  PHOTO  the photos to paint

Options:
  --batch-size N    photos a step (1 to 512 photos, default 4)
  --seed N          what every draw follows from (0 to 9, default 0)
  --mode oil|chalk  the technique (default oil)
  --[no-]flip       mirror half of the photos (default yes)
  --fast            hurry
  --out DIR         where to (default painted)
  --data DIR        where from`,
  );
});

Deno.test("commandHelp() wraps what does not fit into 100 columns under its own column", () => {
  const word = "words ".repeat(30).trim();
  const options = { aVeryLongNameForAnOptionIndeed: text("DIR", word), b: boolean(false, word) };
  const lines = commandHelp({ name: "x", summary: "X", options }).split("\n");
  assert.ok(lines.every((line) => line.length <= 100), "a line is too long");
  const at = lines.findIndex((line) => line.startsWith("  --b "));
  assert.equal(lines[at]?.indexOf("words"), lines[at + 1]?.indexOf("words"));
});
