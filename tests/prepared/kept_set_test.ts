import assert from "assert";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { keepPrepared, openKept } from "../../src/prepared/kept_set.ts";
import { preparePhotos } from "../../src/prepared/prepare_photos.ts";
import type { PreparedSet } from "../../src/prepared/prepared_set.ts";
import { SmallDisk } from "../checkpoints/small_disk.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { paintScenes } from "../service/workshop.ts";

const size = 32;

async function prepareScenes(folder: TemporaryFolder): Promise<PreparedSet> {
  await paintScenes(folder.join("photos"), 3);
  return await preparePhotos(folder.join("photos"), { size, cacheFolder: folder.join("cache") });
}

async function pixelsOf(set: PreparedSet): Promise<Uint8Array> {
  const pixels = new Uint8Array(set.count * size * size * 3);
  await set.readInto(Array.from({ length: set.count }, (_, index) => index), pixels);
  return pixels;
}

/** Asserts that a kept set is as another, which may be closed. */
async function assertKept(kept: string, set: PreparedSet, pixels: Uint8Array): Promise<void> {
  await using opened = await openKept(kept);
  assert.ok(opened, "it is there");
  assert.deepEqual([opened.key, opened.size, opened.names], [set.key, set.size, set.names]);
  assert.deepEqual([opened.ids, opened.report, opened.looks], [set.ids, set.report, set.looks]);
  assert.deepEqual(await pixelsOf(opened), pixels);
}

Deno.test("a kept set takes no room, and outlives the cache and the photos", async () => {
  await using folder = await TemporaryFolder.create();
  await using set = await prepareScenes(folder);
  const pixels = await pixelsOf(set);
  assert.equal(await keepPrepared(set, folder.join("run", "prepared")), true);
  const [cached, kept] = [await stat(set.path), await stat(folder.join("run/prepared/photos.rgb"))];
  assert.deepEqual([kept.ino, kept.nlink], [cached.ino, 2], "a second name of the same file");
  assert.deepEqual(await readdir(folder.join("run")), ["prepared"], "nothing half made is left");
  for (const name of ["cache", "photos"]) await rm(folder.join(name), { recursive: true });
  await assertKept(folder.join("run", "prepared"), set, pixels);
});

Deno.test("on another file system a kept set is a copy", async (t) => {
  await using folder = await TemporaryFolder.create();
  await using disk = await SmallDisk.mount(folder.join("disk"), 4_000_000);
  if (!disk) {
    const name = "mounting a small disk takes root on Linux";
    await t.step({ name, ignore: true, fn: () => {} });
    return;
  }
  await using set = await prepareScenes(folder);
  assert.equal(await keepPrepared(set, `${disk.path}/run/prepared`), true);
  assert.equal((await stat(`${disk.path}/run/prepared/photos.rgb`)).nlink, 1);
  await assertKept(`${disk.path}/run/prepared`, set, await pixelsOf(set));
});

Deno.test("a set that the cache has lost is not kept, and what was kept before stays", async () => {
  await using folder = await TemporaryFolder.create();
  await using set = await prepareScenes(folder);
  const pixels = await pixelsOf(set);
  const kept = folder.join("run", "prepared");
  await keepPrepared(set, kept);
  await rm(set.path);
  assert.equal(await keepPrepared(set, kept), false);
  assert.deepEqual(await readdir(folder.join("run")), ["prepared"]);
  await assertKept(kept, set, pixels);
});

Deno.test("a kept set that is missing, damaged or cut short is none", async () => {
  await using folder = await TemporaryFolder.create();
  await using set = await prepareScenes(folder);
  const kept = folder.join("run", "prepared");
  assert.equal(await openKept(kept), undefined);
  for (const name of ["photos.json", "photos.rgb"]) {
    await keepPrepared(set, kept);
    await rm(`${kept}/${name}`); // not to be written to: the cache's is the same file
    await writeFile(`${kept}/${name}`, "{}");
    assert.equal(await openKept(kept), undefined, name);
  }
  assert.equal(await keepPrepared(set, kept), true, "made anew over the damaged one");
  await assertKept(kept, set, await pixelsOf(set));
});
