import assert from "assert";
import type { ModelVersion } from "../../../src/jobs/model.ts";
import { promotedBefore } from "../../../src/jobs/rules/promote.ts";
import { failsWith } from "../../checkpoints/small_run.ts";

const newest: ModelVersion = {
  name: "garden",
  version: 2,
  jobId: "job-1",
  step: 100,
  path: "models/garden/job-1-100",
  sizeBytes: 1,
  details: {},
  createdAtMs: 1,
};

const wishes = [
  ["the newest version itself", {}, newest],
  ["another job", { jobId: "job-2" }, undefined],
  ["another step", { step: 200 }, undefined],
  ["other weights of it", { path: "models/garden/job-1-100-ema" }, undefined],
] as const;

for (const [what, changes, known] of wishes) {
  Deno.test(`promoting ${what} makes ${known ? "no" : "a new"} version`, () => {
    assert.equal(promotedBefore(newest, { ...newest, ...changes }), known);
  });
}

Deno.test("the first version of a name is new, and a name it must be", () => {
  assert.equal(promotedBefore(undefined, newest), undefined);
  const refusal = failsWith("invalid_argument", /"\.\.\/x"/);
  assert.throws(() => promotedBefore(undefined, { ...newest, name: "../x" }), refusal);
});
