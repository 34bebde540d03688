import assert from "assert";
import { lossWords } from "../../src/terminal/loss_words.ts";

Deno.test("losses in a line, with a dash for what a step did not compute", () => {
  assert.equal(lossWords({ D: 0.65552, G: 0.789, L1: 47.763 }), "D 0.656  G 0.789  L1 47.76");
  assert.equal(lossWords({ L1: 5 }), "D –  G –  L1 5.00");
  assert.equal(lossWords({ D: -1.5 }), "D -1.500  G –  L1 –");
});
