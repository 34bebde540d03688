import assert from "assert";
import { readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import type { JobEvent } from "../../src/jobs/job_event.ts";
import { changes, endlessConfig, isState, smallConfig, Workshop } from "../service/workshop.ts";

const isLosses = ({ kind }: JobEvent) => kind === "losses";

/** What can be wrong with a checkpoint on a disk; tests/checkpoints has the others. */
const damages: readonly [string, (folder: string) => Promise<void>][] = [
  ["one flipped bit", async (folder) => {
    const bytes = await readFile(`${folder}/generator.safetensors`);
    bytes[bytes.length >> 1] = bytes[bytes.length >> 1]! ^ 4;
    await writeFile(`${folder}/generator.safetensors`, bytes);
  }],
  ["a symbolic link in its place", async (folder) => {
    await rename(folder, `${folder}-elsewhere`);
    await symlink(`${folder}-elsewhere`, folder);
  }],
];

Deno.test("a job whose newest checkpoint is damaged goes on from the one before, and names it", async (t) => {
  await using workshop = await Workshop.open();
  const { store, supervisor } = workshop;
  await workshop.submit("job", { ...endlessConfig, checkpointEvery: 5 });
  let from = 1;
  for (const [what, damage] of damages) {
    await t.step(what, async () => {
      let checkpoints = 0;
      const isSecond = ({ kind }: JobEvent) => kind === "checkpoint" && ++checkpoints === 2;
      from += (await workshop.eventsUntil("job", isSecond, from)).length;
      await supervisor.pause("job");
      from += (await workshop.eventsUntil("job", isState("PAUSED"), from)).length;
      const kept = await store.events.checkpoints("job");
      const [good, newest] = kept.slice(-2);
      assert.ok(good && newest);
      await damage(workshop.folder.join(newest.path));
      await supervisor.resume("job");
      const seen = await workshop.eventsUntil("job", isLosses, from);
      from += seen.length;
      const { payload } = seen.at(-1)!;
      assert.equal(Number(payload["step"]) - Number(payload["steps"]), good.step);
      const told = seen.filter(({ kind }) => kind === "log").map(({ payload }) =>
        String(payload["message"])
      );
      assert.ok(
        told.some((text) => text.includes(newest.path.split("/").at(-1)!)),
        told.join("\n"),
      );
    });
  }
  await supervisor.cancel("job");
  await workshop.history("job");
});

Deno.test("a photo that cannot be read is skipped and told; a deleted dataset does not stop the run", async () => {
  await using workshop = await Workshop.open();
  await writeFile(workshop.folder.join("scenes", "broken.png"), "no photo at all");
  await workshop.submit("job", { ...smallConfig, maxSteps: 60, checkpointEvery: 10 });
  const seen = await workshop.eventsUntil("job", isLosses);
  const told = seen.filter(({ kind }) => kind === "log").map(({ payload }) => payload["message"]);
  assert.match(told.join("\n"), /broken\.png/);
  await rm(workshop.folder.join("scenes"), { recursive: true });
  const history = await workshop.history("job");
  assert.equal(changes(history).at(-1), "RUNNING→SUCCEEDED by succeeded");
  assert.ok(history.filter(isLosses).length > 1);
});
