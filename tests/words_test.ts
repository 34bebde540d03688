import assert from "assert";
import fc from "fast-check";
import { neededAndThere } from "../src/words.ts";

Deno.test("what is needed and what there is never read equal where there is too little", () => {
  assert.deepEqual(neededAndThere(1_050_000, 1_010_000), ["1.1 MB", "1.0 MB"]);
  assert.deepEqual(neededAndThere(786_432, 786_431), ["787 kB", "786 kB"]);
  assert.deepEqual(neededAndThere(3_550_000_001, 3_549_999_999), ["3.56 GB", "3.54 GB"]);
  assert.deepEqual(neededAndThere(2 ** 60, 0), ["1,152,921.51 TB", "0.00 TB"]);
  assert.deepEqual(neededAndThere(12, 11), ["12 bytes", "11 bytes"]);
  const bytes = fc.integer({ min: 0, max: 1e14 });
  fc.assert(fc.property(bytes, bytes, (one, other) => {
    if (one === other) return;
    const [needed, there] = neededAndThere(Math.max(one, other), Math.min(one, other));
    assert.notEqual(needed, there);
  }));
});
