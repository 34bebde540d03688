import assert from "assert";
import { dataThingAt, lastingPaths, modelPath, runFolder } from "../../src/files/data_folder.ts";

Deno.test("a path in the data folder tells what it belongs to", () => {
  const step = "checkpoints/step-00000040";
  assert.deepEqual(dataThingAt(`jobs/job-a/${step}`), { kind: "run", name: "job-a", inner: step });
  assert.deepEqual(dataThingAt(modelPath("sky")), { kind: "model", name: "sky", inner: "" });
  for (const place of ["datasets", "photos"]) {
    assert.equal(dataThingAt(`${place}/cats`)?.kind, "dataset");
  }
  for (const path of ["", "jobs", "tinct.db", "prepared/cats", "constructor/cats"]) {
    assert.equal(dataThingAt(path), undefined, path);
  }
});

Deno.test("everything of the server's own is named with its absolute path", () => {
  assert.equal(runFolder("/data", "job-a"), "/data/jobs/job-a");
  assert.ok(lastingPaths("/data").includes("/data/tinct.db-wal"));
});
