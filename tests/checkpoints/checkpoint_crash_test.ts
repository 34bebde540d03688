import assert from "assert";
import { spawnSync } from "node:child_process";
import { cp, mkdir, readdir } from "node:fs/promises";
import process from "node:process";
import { openCheckpointStore } from "../../src/checkpoints/checkpoint_store.ts";
import { surveyCheckpoints } from "../../src/checkpoints/run_folder.ts";
import { assertHolds, trainingState } from "./small_run.ts";
import { TemporaryFolder } from "./temporary_folder.ts";

const PROGRAM = new URL("./save_and_die.ts", import.meta.url).pathname;

/** A run whose only checkpoint, of step 100, has the content of `trainingState(50)`. */
async function makeRun(path: string): Promise<string> {
  await mkdir(path);
  const store = await openCheckpointStore(path, { programVersion: "1" });
  await store.save({ ...trainingState(50), step: 100 });
  return path;
}

function saveAndDie(run: string, step: number, survives: number) {
  const args = ["run", "-A", "--no-check", PROGRAM, run, String(step), String(survives)];
  return spawnSync(process.execPath, args, { encoding: "utf8" });
}

for (
  const { name, step, stepCount } of [
    { name: "a save that removes an older one", step: 200, stepCount: 21 },
    { name: "a save over the same step", step: 100, stepCount: 20 },
  ]
) {
  Deno.test(`SIGKILL at each of the ${stepCount} steps of ${name} loses nothing`, async (t) => {
    await using folder = await TemporaryFolder.create();
    const before = await makeRun(folder.join("before"));
    const whole = folder.join("whole");
    await cp(before, whole, { recursive: true });
    const steps: string[] = JSON.parse(saveAndDie(whole, step, 0).stdout);
    assert.equal(steps.length, stepCount);
    const visibleFrom = steps.indexOf("folder renamed");
    const aside = steps.indexOf("old folder moved aside");

    for (const [index, died] of steps.entries()) {
      await t.step(`after ${died}`, async () => {
        const run = folder.join(`run-${index}`);
        await cp(before, run, { recursive: true });
        assert.equal(saveAndDie(run, step, index + 1).signal, "SIGKILL");

        // As another process sees it before anybody tidies up: nothing is half there.
        const seen = await surveyCheckpoints(run);
        assert.deepEqual(seen.unreadable, []);
        assert.equal(seen.checkpoints.length > 0, index !== aside);

        const store = await openCheckpointStore(run, { programVersion: "1", keepLast: 1 });
        {
          await using loaded = await store.loadLatestGood();
          await assertHolds(loaded, index < visibleFrom ? 50 : step);
        }
        const names = (await store.list()).map(({ path }) => path.split("/").at(-1));
        assert.deepEqual(await readdir(`${run}/checkpoints`), names, "no leftovers");

        await store.save(trainingState(300));
        assert.deepEqual(await readdir(`${run}/checkpoints`), ["step-00000300"]);
      });
    }
  });
}
