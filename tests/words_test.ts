import assert from "assert";
import fc from "fast-check";
import { either, formatBytes, mebibytes, neededAndThere } from "../src/words.ts";

Deno.test("formatBytes() shows three digits and the fitting unit", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [8324, "8.32 kB"],
    [41_250, "41.3 kB"],
    [99_960, "100 kB"],
    [412_000_000, "412 MB"],
    [999_600_000, "1.00 GB"],
    [1_500_000_000, "1.50 GB"],
    [7.25e12, "7.25 TB"],
    [7.25e15, "7250 TB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
});

Deno.test("either() names words with an or before the last", () => {
  assert.deepEqual([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(either), [
    ...["", "a", "a or b", "a, b or c"],
  ]);
});

Deno.test("mebibytes() shows a decimal", () => {
  assert.deepEqual([0, 524_288, 12 * 2 ** 20].map(mebibytes), ["0.0", "0.5", "12.0"]);
});

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
