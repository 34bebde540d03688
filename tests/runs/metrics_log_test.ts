import assert from "assert";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { type MetricsEntry, MetricsLog, readMetrics } from "../../src/runs/metrics_log.ts";
import { SmallDisk } from "../checkpoints/small_disk.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

const losses = (step: number): MetricsEntry => ({ step, kind: "losses", loss_D: 0.1 * step });
const validation = (step: number): MetricsEntry => ({ step, kind: "validation", psnr: 20 });

/** Opens a log, appends entries to it and closes it. */
async function write(
  folder: string,
  afterStep: number,
  entries: readonly MetricsEntry[],
  { pending = false } = {},
): Promise<void> {
  await using log = await MetricsLog.open(folder, { afterStep, pending });
  for (const entry of entries) await log.append(entry);
  await log.sync();
}

Deno.test("metrics.jsonl is one JSON object a line, whose numbers read back to the bit", async () => {
  await using folder = await TemporaryFolder.create();
  const entries = [losses(1), losses(3), validation(3)];
  await write(folder.path, 0, entries);
  const text = await readFile(folder.join("metrics.jsonl"), "utf8");
  assert.deepEqual(text.split("\n").map((line) => line === "" ? line : JSON.parse(line)), [
    ...entries,
    "",
  ]);
  assert.deepEqual(await readMetrics(folder.path), entries);
});

Deno.test("a run without a log has no metrics", async () => {
  await using folder = await TemporaryFolder.create();
  assert.deepEqual(await readMetrics(folder.path), []);
});

const openings = [
  { afterStep: 4, pending: false, keeps: [losses(2), losses(4), validation(4)] },
  { afterStep: 4, pending: true, keeps: [losses(2), losses(4)] },
  { afterStep: 3, pending: true, keeps: [losses(2)] },
  { afterStep: 0, pending: false, keeps: [] },
];

for (const { afterStep, pending, keeps } of openings) {
  Deno.test(`a log opened after step ${afterStep}${pending ? ", whose validation is pending," : ""} keeps ${keeps.length} of 5 entries`, async () => {
    await using folder = await TemporaryFolder.create();
    await write(folder.path, 0, [losses(2), losses(4), validation(4), losses(6), validation(8)]);
    await write(folder.path, afterStep, [losses(9)], { pending });
    assert.deepEqual(await readMetrics(folder.path), [...keeps, losses(9)]);
  });
}

Deno.test("a line that a crash cut short is dropped, and spoils none that follows", async () => {
  await using folder = await TemporaryFolder.create();
  await write(folder.path, 0, [losses(2)]);
  await appendFile(folder.join("metrics.jsonl"), '{"step":3,"kind":"los');
  assert.deepEqual(await readMetrics(folder.path), [losses(2)]);
  await write(folder.path, 2, [losses(4)]);
  assert.deepEqual(await readMetrics(folder.path), [losses(2), losses(4)]);
});

Deno.test("an entry for which the disk has no room is told as a full disk", async (t) => {
  await using folder = await TemporaryFolder.create();
  await using disk = await SmallDisk.mount(folder.join("disk"), 64 * 1024);
  await t.step({
    name: "on a file system of 64 KiB (mounting one takes root on Linux)",
    ignore: disk === undefined,
    fn: async () => {
      assert.ok(disk);
      await using log = await MetricsLog.open(disk.path, { afterStep: 0, pending: false });
      await log.append(losses(1));
      const ballast = writeFile(`${disk.path}/ballast`, new Uint8Array(64 * 1024));
      await assert.rejects(ballast, { code: "ENOSPC" });
      await assert.rejects(
        log.append({ step: 2, kind: "x".repeat(8192) }),
        failsWith("resource_exhausted", /^The disk is full: .*metrics\.jsonl could not be written/),
      );
      await writeFile(`${disk.path}/ballast`, "");
      await log.append(losses(3));
      assert.deepEqual(
        await readMetrics(disk.path),
        [losses(1), losses(3)],
        "the next one is whole",
      );
    },
  });
});
