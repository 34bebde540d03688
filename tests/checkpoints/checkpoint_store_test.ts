import assert from "assert";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import {
  type CheckpointStoreOptions,
  openCheckpointStore,
} from "../../src/checkpoints/checkpoint_store.ts";
import { pinCheckpoint, unpinCheckpoint } from "../../src/checkpoints/pins.ts";
import type { TinctError } from "../../src/errors.ts";
import { SmallDisk } from "./small_disk.ts";
import { assertHolds, failsWith, floats, trainingState } from "./small_run.ts";
import { TemporaryFolder } from "./temporary_folder.ts";

const METRIC = { name: "val_L1", direction: "lower" } as const;

function openStore(folder: TemporaryFolder, options: Partial<CheckpointStoreOptions> = {}) {
  return openCheckpointStore(folder.path, { programVersion: "1.2.3", ...options });
}

async function checkpointNames(folder: TemporaryFolder): Promise<string[]> {
  return (await readdir(folder.join("checkpoints"))).sort();
}

Deno.test("save() writes a folder that load() gives back to the last bit", async () => {
  await using folder = await TemporaryFolder.create();
  const store = await openStore(folder, { metric: METRIC });
  const saved = await store.save(trainingState(1000, 0.25));
  assert.deepEqual(await checkpointNames(folder), ["step-00001000"]);
  assert.deepEqual((await readdir(saved.path)).sort(), [
    "checkpoint.json",
    "discriminator.safetensors",
    "generator.safetensors",
    "optimizer_D.safetensors",
    "optimizer_G.safetensors",
  ]);
  for (const { name, sizeBytes, sha256 } of saved.files) {
    const bytes = await readFile(folder.join("checkpoints", "step-00001000", name));
    assert.equal(bytes.length, sizeBytes);
    assert.equal(createHash("sha256").update(bytes).digest("hex"), sha256);
  }
  await using loaded = await (await openStore(folder)).load("latest");
  assert.deepEqual(loaded.info, saved);
  assert.deepEqual(loaded.info.metric, { ...METRIC, value: 0.25 });
  assert.equal(loaded.info.programVersion, "1.2.3");
  await assertHolds(loaded, 1000);
});

Deno.test("load() finds the latest, the best, a step, and one from the list", async () => {
  await using folder = await TemporaryFolder.create();
  const store = await openStore(folder, { metric: METRIC, keepLast: 9 });
  for (const [step, value] of [[10, 0.5], [20, 0.2], [30, 0.2], [40, 0.9], [50, undefined]]) {
    await store.save(trainingState(step!, value));
  }
  const list = await store.list();
  assert.deepEqual(list.map(({ step, sequence }) => [step, sequence]), [
    [10, 1],
    [20, 2],
    [30, 3],
    [40, 4],
    [50, 5],
  ]);
  assert.equal((await store.latest())?.step, 50);
  assert.equal((await store.best())?.step, 30, "of two equal ones the newer");
  for (const [which, step] of [["latest", 50], ["best", 30], [20, 20], [list[0]!, 10]] as const) {
    await using loaded = await store.load(which);
    await assertHolds(loaded, step);
  }
  const highest = await openStore(folder, { metric: { ...METRIC, direction: "higher" } });
  assert.equal(await highest.best(), undefined, "saved as the other direction");
  await assert.rejects(
    store.load(60),
    failsWith("not_found", /step 60; it has 10, 20, 30, 40, 50/),
  );
});

Deno.test("load() of a run without checkpoints says so", async () => {
  await using folder = await TemporaryFolder.create();
  const store = await openStore(folder, { metric: METRIC });
  const nothing = failsWith("not_found", /has no checkpoint/, /train it first/);
  await assert.rejects(store.load("latest"), nothing);
  await assert.rejects(store.load("best"), nothing);
  await assert.rejects(store.loadLatestGood(), nothing);
  assert.equal(await store.latest(), undefined);
  await assert.rejects(
    openCheckpointStore(folder.join("none"), { programVersion: "1" }),
    failsWith("not_found", /none\/checkpoints/),
  );
});

Deno.test("save() keeps the newest, the best and the pinned ones", async () => {
  await using folder = await TemporaryFolder.create();
  const store = await openStore(folder, { metric: METRIC, keepLast: 2, keepBest: 1 });
  await mkdir(folder.join("checkpoints", "notes"));
  await store.save(trainingState(1, 0.9));
  await pinCheckpoint(folder.path, 1, "promotion-7");
  await pinCheckpoint(folder.path, 1, "promotion-8");
  for (const [step, value] of [[2, 0.1], [3, 0.5], [4, 0.6], [5, 0.7]] as const) {
    await store.save(trainingState(step, value));
  }
  const steps = async () => (await store.list()).map(({ step }) => step);
  assert.deepEqual(await steps(), [1, 2, 4, 5]);
  await unpinCheckpoint(folder.path, 1, "promotion-7");
  await unpinCheckpoint(folder.path, 1, "promotion-7");
  await store.save(trainingState(6, 0.8));
  assert.deepEqual(await steps(), [1, 2, 5, 6], "the other holder still needs step 1");
  await unpinCheckpoint(folder.path, 1, "promotion-8");
  await store.save(trainingState(7, 0.05));
  assert.deepEqual(await checkpointNames(folder), ["notes", "step-00000006", "step-00000007"]);
});

Deno.test("pinCheckpoint() refuses steps that are not there and names that are paths", async () => {
  await using folder = await TemporaryFolder.create();
  const store = await openStore(folder);
  await store.save(trainingState(1));
  await assert.rejects(pinCheckpoint(folder.path, 2, "a"), failsWith("not_found", /step-00000002/));
  await assert.rejects(pinCheckpoint(folder.path, 1, "../a"), RangeError);
  assert.deepEqual(await checkpointNames(folder), ["step-00000001"]);
});

Deno.test("an older checkpoint is removed only after the new one is on the disk", async () => {
  await using folder = await TemporaryFolder.create();
  const seen = new Map<string, string[]>();
  const store = await openStore(folder, {
    keepLast: 1,
    failpoint: async (step) => {
      const names = await checkpointNames(folder);
      seen.set(step, names.filter((name) => !name.startsWith(".")));
    },
  });
  await store.save(trainingState(1));
  await store.save(trainingState(2));
  assert.deepEqual(seen.get("folder synced"), ["step-00000001"]);
  assert.deepEqual(seen.get("parent synced"), ["step-00000001", "step-00000002"]);
  assert.deepEqual(seen.get("folder hidden"), ["step-00000002"]);
});

Deno.test("a branch from an older step is the newest, whatever its step", async () => {
  await using folder = await TemporaryFolder.create();
  const store = await openStore(folder, { keepLast: 2 });
  for (const step of [10, 20, 30, 15]) await store.save(trainingState(step));
  assert.deepEqual((await store.list()).map(({ step }) => step), [30, 15]);
  await using loaded = await store.loadLatestGood();
  await assertHolds(loaded, 15);
});

Deno.test("save() of the same step replaces the checkpoint", async () => {
  await using folder = await TemporaryFolder.create();
  const store = await openStore(folder);
  await store.save(trainingState(10));
  const { state, tensors } = trainingState(77);
  await store.save({ step: 10, state, tensors });
  await using loaded = await store.load(10);
  await assertHolds(loaded, 77);
  assert.deepEqual(await checkpointNames(folder), ["step-00000010"]);
});

Deno.test("an open checkpoint outlives its folder", async () => {
  await using folder = await TemporaryFolder.create();
  const store = await openStore(folder, { keepLast: 1 });
  await store.save(trainingState(1));
  await using loaded = await store.load(1);
  await store.save(trainingState(2));
  assert.deepEqual(await checkpointNames(folder), ["step-00000002"]);
  await assertHolds(loaded, 1);
});

Deno.test("a save that fails or is aborted leaves what was there", async () => {
  await using folder = await TemporaryFolder.create();
  const store = await openStore(folder, { keepLast: 1 });
  await store.save(trainingState(1));
  const failing = { ...floats("x", [1], [1]), data: () => Promise.reject(new Error("no data")) };
  const controller = new AbortController();
  const aborting = {
    ...floats("x", [1], [1]),
    data: () => {
      controller.abort(new Error("stopped"));
      return new Uint8Array(4);
    },
  };
  for (const [source, message] of [[failing, /no data/], [aborting, /stopped/]] as const) {
    const tensors = { "a.safetensors": [floats("y", [1], [1])], "b.safetensors": [source] };
    const { signal } = controller;
    await assert.rejects(store.save({ step: 2, tensors, state: {}, signal }), message);
    assert.deepEqual(await checkpointNames(folder), ["step-00000001"]);
  }
  await using loaded = await store.loadLatestGood();
  await assertHolds(loaded, 1);
});

Deno.test("save() refuses requests that make no sense", async (t) => {
  await using folder = await TemporaryFolder.create();
  const store = await openStore(folder, { metric: METRIC });
  const loop: { [name: string]: never } = {};
  Object.assign(loop, { loop });
  const good = trainingState(1);
  const cases = [
    { name: "a negative step", request: { ...good, step: -1 }, error: RangeError },
    { name: "no file", request: { ...good, tensors: {} }, error: TypeError },
    { name: "a path as file name", request: { ...good, tensors: { "../x.safetensors": [] } } },
    { name: "a name without its ending", request: { ...good, tensors: { "x.json": [] } } },
    { name: "a hidden name", request: { ...good, tensors: { ".x.safetensors": [] } } },
    { name: "a metric of NaN", request: { ...good, metric: NaN }, error: RangeError },
    { name: "NaN in the state", request: { ...good, state: { lr: [1, NaN] } } },
    { name: "a state that contains itself", request: { ...good, state: loop } },
  ];
  for (const { name, request, error = TypeError } of cases) {
    await t.step(name, async () => {
      await assert.rejects(store.save(request), error);
      assert.deepEqual(await checkpointNames(folder), []);
    });
  }
  await t.step("two at once", async () => {
    const first = store.save(good);
    await assert.rejects(store.save(trainingState(2)), TypeError);
    await first;
    await store.save(trainingState(2));
  });
  await t.step("ranges of the rules", async () => {
    await assert.rejects(openStore(folder, { keepLast: 0 }), RangeError);
    await assert.rejects(openStore(folder, { keepBest: -1 }), RangeError);
    await assert.rejects(openStore(folder, { keepLast: 1.5 }), RangeError);
  });
});

Deno.test("retention removes damaged checkpoints only behind enough sound ones", async () => {
  await using folder = await TemporaryFolder.create();
  const store = await openStore(folder, { keepLast: 2 });
  await store.save(trainingState(1));
  await rm(folder.join("checkpoints", "step-00000001", "optimizer_D.safetensors"));
  await store.save(trainingState(2));
  assert.deepEqual(await checkpointNames(folder), ["step-00000001", "step-00000002"]);
  await store.save(trainingState(3));
  assert.deepEqual(await checkpointNames(folder), ["step-00000002", "step-00000003"]);
});

Deno.test("a disk that fills up during a save costs nothing that was saved", async (t) => {
  await using folder = await TemporaryFolder.create();
  const disk = await SmallDisk.mount(folder.join("disk"), 1024 * 1024);
  await t.step({
    name: "on a disk of 1 MiB",
    // Needs root on Linux, to mount it.
    ignore: disk === undefined,
    fn: async () => {
      await using mounted = disk;
      assert.ok(mounted);
      const warnings: TinctError[] = [];
      const store = await openCheckpointStore(mounted.path, {
        programVersion: "1",
        keepLast: 1,
        onWarning: (warning) => warnings.push(warning),
      });
      await store.save(trainingState(1));
      const { state, tensors } = trainingState(2);
      const bulk = new Array(150_000).fill(0.5);
      const big = { ...tensors, "optimizer_G.safetensors": [floats("m", [150_000], bulk)] };
      await writeFile(folder.join("disk", "other"), new Uint8Array(500_000));
      await assert.rejects(
        store.save({ step: 2, state, tensors: big }),
        failsWith("resource_exhausted", /step-00000002 could not be written \([\d.]+ kB free/),
      );
      assert.deepEqual(await readdir(folder.join("disk", "checkpoints")), ["step-00000001"]);
      {
        await using loaded = await store.loadLatestGood();
        await assertHolds(loaded, 1);
      }
      await rm(folder.join("disk", "other"));
      await store.save({ step: 2, state, tensors: big });
      assert.deepEqual(await readdir(folder.join("disk", "checkpoints")), ["step-00000002"]);
      assert.deepEqual(warnings, []);
    },
  });
});
