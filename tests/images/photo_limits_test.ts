import assert from "assert";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import type { PhotoLimits } from "../../src/images/photo_limits.ts";
import { preparePhotos } from "../../src/prepared/prepare_photos.ts";
import { surveyPhotos } from "../../src/prepared/survey_photos.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { emptyScans } from "../hostile/hostile_photos.ts";
import { largePhoto } from "./large_photo.ts";
import { photoPath } from "./test_photos.ts";

const strangers: PhotoLimits = { maxPixels: 50e6, maxSide: 20_000 };
const own: PhotoLimits = { maxPixels: 1e9, maxSide: 65_535 };

/** A folder with a large photo, a slow one and an ordinary one. */
async function photosOf(folder: TemporaryFolder): Promise<string> {
  const photos = folder.join("photos");
  await mkdir(photos);
  await writeFile(`${photos}/large.jpg`, await largePhoto());
  await writeFile(`${photos}/slow.jpg`, emptyScans(99));
  await copyFile(photoPath("cat.jpg"), `${photos}/cat.jpg`);
  return photos;
}

Deno.test("limits of photos reach preparing, and a set is used again under those it was made with", async () => {
  await using folder = await TemporaryFolder.create();
  const photos = await photosOf(folder);
  const prepare = (limits: PhotoLimits) =>
    preparePhotos(photos, { size: 32, cacheFolder: folder.join("cache"), limits });

  const keys: string[] = [];
  for (const isReused of [false, true]) {
    await using set = await prepare({ ...strangers, decodeMs: 100 });
    assert.deepEqual(set.names, ["cat.jpg"]);
    assert.equal(set.isReused, isReused);
    const [large, slow] = set.report.unreadable;
    assert.match(large?.reason ?? "", /^claims 9504 x 6336 = .* over the limit of 50,000,000/);
    assert.match(slow?.reason ?? "", /^takes more than 0\.1 s of processor time to decode/);
    keys.push(set.key);
  }
  {
    await using set = await prepare(own);
    assert.equal(set.isReused, false, "other limits leave out other photos");
    assert.deepEqual(set.names, ["cat.jpg", "large.jpg"]);
    assert.deepEqual(set.report.gray, ["slow.jpg"]); // black, once it is decoded
    keys.push(set.key);
  }
  assert.equal(keys[0], keys[1]);
  assert.notEqual(keys[0], keys[2], "other pictures, another key");
  await using set = await prepare({ ...own, decodeMs: 60_000 });
  assert.equal(set.isReused, true, "nothing was left out, so limits mean nothing");
});

Deno.test("limits of photos reach looking at them", async () => {
  await using folder = await TemporaryFolder.create();
  const photos = await photosOf(folder);
  const look = (limits: PhotoLimits) => surveyPhotos(photos, { size: 32, concurrency: 2, limits });
  const strict = await look({ ...strangers, decodeMs: 100 });
  assert.deepEqual(strict.usable.names, ["cat.jpg"]);
  assert.deepEqual(strict.unreadable.map(({ name }) => name), ["large.jpg", "slow.jpg"]);
  const { usable, unreadable, maxSide } = await look(own);
  assert.deepEqual([usable.names, unreadable, maxSide], [["cat.jpg", "large.jpg"], [], 9504]);
});
