import assert from "assert";
import { enumPrefixes } from "../../src/config/option_facts.ts";
import { trainingOptions } from "../../src/config/training.ts";
import { optionWord } from "../../src/web_parts/option_words.ts";

Deno.test("the pages write every choice of an option as the command line does", () => {
  for (const [name, prefix] of Object.entries(enumPrefixes)) {
    const option: object = Reflect.get(trainingOptions, name);
    const choices: readonly string[] = Reflect.get(option, "choices");
    assert.ok(choices.length > 1, name);
    for (const choice of choices) {
      const value = prefix + choice.replaceAll("-", "_").toUpperCase();
      assert.equal(optionWord(value), choice, `${name} ${value}`);
    }
  }
});
