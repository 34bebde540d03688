import assert from "assert";
import { readDomain } from "../../../src/web_cards/sweeps/read_domain.ts";

const option = (kind: string, choices: string[] = []) => ({
  name: "x",
  kind: `OPTION_KIND_${kind}`,
  defaultValue: "",
  help: "",
  choices,
});
const number = option("NUMBER");
const choice = option("CHOICE", ["GAN_MODE_VANILLA", "GAN_MODE_LSGAN"]);

Deno.test("readDomain() reads values, words, switches and ranges as the contract has them", () => {
  const numbers = (...all: number[]) => ({
    values: { values: all.map((each) => ({ number: each })) },
  });
  assert.deepEqual(readDomain("8, 16,32", number), numbers(8, 16, 32));
  assert.deepEqual(readDomain(" 1e-3 ", number), numbers(0.001));
  assert.deepEqual(readDomain("lsgan", choice), { values: { values: [{ word: "lsgan" }] } });
  assert.deepEqual(readDomain("true, false", option("BOOLEAN")), {
    values: { values: [{ flag: true }, { flag: false }] },
  });
  assert.deepEqual(readDomain("0.001 to 0.1", number), { range: { min: 0.001, max: 0.1 } });
  assert.deepEqual(readDomain("1e-4 to 1e-2 log in 5", number), {
    range: { min: 1e-4, max: 1e-2, logarithmic: true, points: 5 },
  });
});

Deno.test("readDomain() says what is wrong", () => {
  for (
    const [text, of, says] of [
      ["", number, /needs values/],
      ["8, many", number, /not "many"/],
      ["few to many", number, /numbers at both ends/],
      ["hinge", choice, /no "hinge": give vanilla, lsgan/],
      ["yes", option("BOOLEAN"), /true, false/],
    ] as const
  ) assert.match(String(readDomain(text, of)), says);
});
