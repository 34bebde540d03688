import assert from "assert";
import { determinismRequired, requireDeterminism } from "../../src/tensorflow/determinism.ts";
import { testLibrary } from "./test_library.ts";

Deno.test("determinism is asked for and given up as it is told", () => {
  const { symbols } = testLibrary();
  const before = determinismRequired(symbols); // the process's, which tests before this one have set
  for (const required of [true, false, true, before ?? false]) {
    assert.equal(requireDeterminism(symbols, required), true);
    assert.equal(determinismRequired(symbols), required);
  }
});

Deno.test("a library without the function says that it cannot be asked", () => {
  const symbols = {
    ...testLibrary().symbols,
    EnableOpDeterminism: null,
    OpDeterminismRequired: null,
  };
  assert.equal(requireDeterminism(symbols, true), false);
  assert.equal(determinismRequired(symbols), undefined);
});
