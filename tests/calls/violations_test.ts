import assert from "assert";
import { Violations } from "../../src/calls/fields.ts";

Deno.test("a field is told to be wrong once, however it is spelt", () => {
  const violations = new Violations([{ field: "maxSide", description: "is odd" }]);
  violations.check(true, "format", "is known");
  violations.check(false, "max_side", "is too large");
  violations.check(false, "model", "is required");
  violations.add([
    { field: "model", description: "is gone" },
    { field: "hints[0].x", description: "is outside" },
    { field: "hints[0].x", description: "is no number" },
  ]);
  assert.deepEqual(violations.list.map(({ field, description }) => `${field} ${description}`), [
    "maxSide is odd",
    "model is required",
    "hints[0].x is outside",
    "hints[0].x is no number",
  ]);
});

Deno.test("of a request with more faults than anybody reads 1000 are told, and it is refused", () => {
  const violations = new Violations();
  for (let index = 0; index < 100_000; index++) {
    violations.check(false, `parameters[${index}]`, "needs values or range");
  }
  assert.equal(violations.list.length, 1000);
  assert.throws(() => violations.refuse(), { code: "invalid_argument" });
});
