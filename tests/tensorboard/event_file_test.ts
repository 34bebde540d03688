import assert from "assert";
import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { EventFile } from "../../src/tensorboard/event_file.ts";
import { describeEvent, scalar, summaryEvent, text } from "../../src/tensorboard/events.ts";
import { readRecords, record } from "../../src/tensorboard/records.ts";
import { SmallDisk } from "../checkpoints/small_disk.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

/** Goes on with a run after a step, and adds a number at each of `steps`. */
async function write(folder: string, afterStep: number, steps: readonly number[]): Promise<void> {
  await using file = await EventFile.open(folder, {
    keeps: ({ step }) => step <= afterStep,
    nextStep: afterStep + 1,
    description: [text("configuration", `after ${afterStep}`)],
  });
  for (const step of steps) file.add(step, [scalar("losses/loss_D", step / 10)]);
  await file.sync();
}

/** The tags and steps of all files, in the order in which TensorBoard reads them. */
async function read(folder: string): Promise<string[]> {
  const events: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    for await (const { data } of readRecords(`${folder}/${name}`)) {
      const { step, tag } = describeEvent(data);
      if (tag !== undefined) events.push(`${tag} ${step}`);
    }
  }
  return events;
}

Deno.test("a run that goes on from an earlier step keeps what came up to it, and has no step twice", async () => {
  await using folder = await TemporaryFolder.create();
  await write(folder.path, 0, [2, 4, 6]);
  assert.deepEqual(await read(folder.path), [
    "configuration 0",
    ...[2, 4, 6].map((step) => `losses/loss_D ${step}`),
  ]);
  await write(folder.path, 4, [6, 8]);
  assert.deepEqual(await read(folder.path), [
    "configuration 0",
    ...[2, 4, 6, 8].map((step) => `losses/loss_D ${step}`),
  ]);
  await write(folder.path, 0, [1]);
  assert.deepEqual(await read(folder.path), ["configuration 0", "losses/loss_D 1"]);
});

Deno.test("a file that keeps all is not written again, and new files sort behind it", async () => {
  await using folder = await TemporaryFolder.create();
  await write(folder.path, 0, [2, 4]);
  const [, first] = (await readdir(folder.path)).sort();
  const before = await readFile(folder.join(first!));
  await write(folder.path, 4, [6]);
  const names = (await readdir(folder.path)).sort();
  assert.equal(names.length, 3);
  assert.equal(names[1], first);
  assert.deepEqual(await readFile(folder.join(first!)), before);
});

Deno.test("what describes a run has a time in its name and sorts first, also of a run of an older version", async () => {
  await using folder = await TemporaryFolder.create();
  const old = folder.join("events.out.tfevents.0000000000.tinct");
  await writeFile(folder.join("events.out.tfevents.1700000000.tinct"), "");
  await writeFile(old, record(summaryEvent(0, 0, [text("configuration", "old")])));
  await write(folder.path, 4, [6]);
  await write(folder.path, 6, [8]);
  const names = (await readdir(folder.path)).sort();
  assert.equal(names[0], "events.out.tfevents.1700000000.configuration.tinct");
  assert.equal(
    names.filter((name) => /^events\.out\.tfevents\.\d{10}\.tinct$/.test(name)).length,
    2,
  );
  assert.equal(names.length, 3, names.join());
  assert.deepEqual(await read(folder.path), [
    "configuration 0",
    "losses/loss_D 6",
    "losses/loss_D 8",
  ]);
});

Deno.test("a record that a crash cut short goes, and so does one with a flipped bit", async () => {
  await using folder = await TemporaryFolder.create();
  await write(folder.path, 0, [2, 4]);
  const [, first] = (await readdir(folder.path)).sort();
  const path = folder.join(first!);
  const sound = await readFile(path);
  await appendFile(path, sound.subarray(0, 20));
  await write(folder.path, 4, [5]);
  assert.deepEqual(await readFile(path), sound);
  const flipped = Buffer.from(sound);
  flipped[flipped.length - 6]! ^= 1;
  await writeFile(path, flipped);
  assert.deepEqual((await read(folder.path)).slice(1), ["losses/loss_D 2", "losses/loss_D 5"]);
});

Deno.test("records are read to the byte, also those longer than a piece of the file", async () => {
  await using folder = await TemporaryFolder.create();
  const lengths = [0, 1, 3 << 20, 12, 1 << 20];
  const data = lengths.map((length) => new Uint8Array(length).fill(length % 251));
  await writeFile(folder.join("records"), Buffer.concat(data.map(record)));
  const back: Uint8Array[] = [];
  for await (const each of readRecords(folder.join("records"))) {
    back.push(Uint8Array.from(each.data));
  }
  assert.deepEqual(back, data);
});

Deno.test("an event for which the disk has no room is told as a full disk", async (t) => {
  await using folder = await TemporaryFolder.create();
  await using disk = await SmallDisk.mount(folder.join("disk"), 64 * 1024);
  await t.step({
    name: "on a file system of 64 KiB (mounting one takes root on Linux)",
    ignore: disk === undefined,
    fn: async () => {
      assert.ok(disk);
      await using file = await EventFile.open(disk.path, {
        keeps: () => true,
        nextStep: 1,
        description: [],
      });
      const full = failsWith("resource_exhausted", /^The disk is full: .*tfevents/);
      file.add(1, [text("long", "x".repeat(128 * 1024))]);
      await assert.rejects(file.sync(), full);
      file.add(2, [scalar("losses/loss_D", 1)]);
      await file.sync();
      assert.deepEqual(await read(disk.path), ["losses/loss_D 2"], "whole, behind what was lost");
    },
  });
});
