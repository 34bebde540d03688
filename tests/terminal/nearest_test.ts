import assert from "assert";
import { nearest } from "../../src/terminal/nearest.ts";

const known = ["epochs", "batch-size", "lr-g", "lr-d", "out", "resume", "lambda-l1"];

const words: readonly [string, string | undefined][] = [
  ["epoch", "epochs"],
  ["epcohs", "epochs"],
  ["batchsize", "batch-size"],
  ["batch", "batch-size"],
  ["resumee", "resume"],
  ["lambda", "lambda-l1"],
  ["lr", undefined],
  ["lrg", "lr-g"],
  ["oout", "out"],
  ["zebra", undefined],
  ["", undefined],
];

for (const [word, expected] of words) {
  Deno.test(`nearest() takes ${JSON.stringify(word)} for ${expected ?? "nothing known"}`, () => {
    assert.equal(nearest(word, known), expected);
  });
}
