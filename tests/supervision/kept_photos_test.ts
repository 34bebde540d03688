import assert from "assert";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import type { JobState } from "../../src/jobs/job_state.ts";
import { dropKeptPhotos, keptFolder } from "../../src/supervision/kept_photos.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

Deno.test("a job that is over leaves no prepared photos, nor those that its worker was killed in keeping", async () => {
  await using folder = await TemporaryFolder.create();
  const run = folder.join("jobs", "job-1");
  const begun = ".prepared.tmp-4711-9f86d081"; // as `keepPrepared` names it
  for (const name of ["checkpoints", "prepared", begun]) {
    await mkdir(`${run}/${name}`, { recursive: true });
    await writeFile(`${run}/${name}/photos.rgb`, "pixels");
  }
  assert.equal(keptFolder(folder.path, "job-1"), `${run}/prepared`);
  const drop = (state: JobState) => dropKeptPhotos(folder.path, { id: "job-1", state });
  for (const state of ["RUNNING", "PAUSED", "CANCELLING"] as const) await drop(state);
  assert.deepEqual((await readdir(run)).sort(), [begun, "checkpoints", "prepared"]);
  await drop("CANCELLED");
  assert.deepEqual(await readdir(run), ["checkpoints"]);
  await dropKeptPhotos(folder.path, { id: "job-2", state: "FAILED" }); // one that never ran
});
