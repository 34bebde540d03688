import assert from "assert";
import type { Dataset, DatasetState } from "../../../src/jobs/dataset.ts";
import { beginUpload, finishUpload } from "../../../src/jobs/rules/upload.ts";
import { failsWith } from "../../checkpoints/small_run.ts";

function datasetOf(state: DatasetState): Dataset {
  const counts = { photoCount: 0, sizeBytes: 0, grayCount: 0, brokenCount: 0 };
  return { name: "d", state, report: undefined, createdAtMs: 1, updatedAtMs: 1, ...counts };
}

const none = { all: 0, unfinished: 0, unfinishedPerClient: 0 };
const limits = { all: 3, unfinished: 2, unfinishedPerClient: 1 };

const numbers = [
  ["room for one more of all", { ...none, all: 2 }, undefined],
  [
    "as many as there may be",
    { ...none, all: 3 },
    /3 uploaded datasets are on the server, .* is 3/,
  ],
  ["room for one more that is unfinished", { ...none, unfinished: 1 }, undefined],
  ["as many unfinished", { ...none, unfinished: 2 }, /2 datasets are unfinished, for all clients/],
  ["one of the client's", { ...none, unfinishedPerClient: 1 }, /1 dataset is .* those you started/],
] as const;

for (const [what, held, message] of numbers) {
  Deno.test(`an upload begins, or is refused, with ${what}`, () => {
    const begin = () => beginUpload({ known: undefined, numbers: held }, "d", limits);
    if (message === undefined) return assert.equal(begin(), undefined);
    assert.throws(begin, failsWith("resource_exhausted", message));
  });
}

Deno.test("an upload goes on however many there are, until it is complete", () => {
  const full = { all: 9, unfinished: 9, unfinishedPerClient: 9 };
  const known = datasetOf("UPLOADING");
  assert.equal(beginUpload({ known, numbers: full }, "d", limits), known);
  const ready = { known: datasetOf("READY"), numbers: none };
  assert.throws(() => beginUpload(ready, "d"), failsWith("already_exists", /d is complete/));
  assert.throws(
    () => beginUpload({ known: undefined, numbers: none }, "../d"),
    failsWith("invalid_argument"),
  );
});

Deno.test("an upload is finished once", () => {
  finishUpload(datasetOf("UPLOADING"));
  const refusal = failsWith("failed_precondition", /d is READY and cannot be completed again/);
  assert.throws(() => finishUpload(datasetOf("READY")), refusal);
});
