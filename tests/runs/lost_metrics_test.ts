import assert from "assert";
import { open } from "node:fs/promises";
import { Engine } from "../../src/engine/engine.ts";
import type { TrainingEvent } from "../../src/training/events.ts";
import { readMetrics } from "../../src/runs/metrics_log.ts";
import { SmallDisk } from "../checkpoints/small_disk.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { SmallTraining } from "../training/small_training.ts";

/** Takes all room that a disk has left. */
async function fill(path: string): Promise<void> {
  await using file = await open(path, "a");
  try {
    for (;;) await file.write(new Uint8Array(4096));
  } catch (error) {
    assert.match(String(error), /ENOSPC|No space/);
  }
}

Deno.test("a training goes on where its metrics, events and sheets find no room, and says so once each", async (t) => {
  await using scene = await SmallTraining.create();
  await using disk = await SmallDisk.mount(scene.path("run"), 512 * 1024);
  await using checkpoints = disk && await SmallDisk.mount(`${disk.path}/checkpoints`, 2 ** 26);
  await t.step({
    name: "on file systems of its own (mounting them takes root on Linux)",
    ignore: checkpoints === undefined,
    fn: async () => {
      assert.ok(disk);
      using engine = await Engine.start({ libraryPath: libraryPath() });
      const given = { maxSteps: 200, sampleEvery: 50, validateEvery: 100, checkpointEvery: 50 };
      const events: TrainingEvent[] = [];
      let filled: Promise<void> | undefined;
      const onEvent = (event: TrainingEvent) => {
        events.push(event);
        if (event.kind === "step" && event.step === 1) filled = fill(`${disk.path}/ballast`);
      };
      const { outcome } = await scene.train(engine, "run", { given, onEvent });
      await filled;
      assert.equal(outcome.reason, "completed");
      assert.match(outcome.checkpoint, /step-00000200$/);
      const notices = events.flatMap((event) => event.kind === "notice" ? [event.message] : []);
      const count = (pattern: RegExp) => notices.filter((message) => pattern.test(message)).length;
      assert.equal(count(/^Part of metrics\.jsonl could not be written \(ENOSPC\)/), 1);
      assert.equal(count(/^Part of the file for TensorBoard could not be written/), 1);
      assert.equal(count(/^The disk is full: the sample sheet of step \d+ is left out\.$/), 4);
      assert.equal(notices.length, 6, notices.join("\n"));
      assert.ok((await readMetrics(disk.path)).length > 0);
    },
  });
});
