import assert from "assert";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { alone, planTests, quick, seconds } from "../../tools/test_plan.ts";

const clone = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("every file and folder that the plan of the tests names is there", () => {
  const named = [...Object.keys(alone), ...Object.keys(seconds), ...quick];
  assert.deepEqual(named.filter((path) => !existsSync(clone + path)), []);
});

Deno.test("planTests() gives each file to one process, the longest first and lonely ones last", () => {
  const byLength = Object.entries(seconds).toSorted(([, a], [, b]) => b - a);
  const [longest = "", longer = ""] = byLength.map(([file]) => file);
  const [lonely = ""] = Object.keys(alone);
  const short = Array.from({ length: 8 }, (_, index) => `tests/words/${index}_test.ts`);
  const other = "tests/other/some_test.ts";
  const files = [lonely, ...short, other, longer, longest];
  const batches = planTests(files);
  assert.deepEqual(batches.flatMap((batch) => batch.files).toSorted(), files.toSorted());
  assert.deepEqual(batches, [
    { files: [longest], isAlone: false },
    { files: [longer], isAlone: false },
    { files: short.slice(0, 4), isAlone: false },
    { files: short.slice(4), isAlone: false },
    { files: [other], isAlone: false },
    { files: [lonely], isAlone: true },
  ]);
});
