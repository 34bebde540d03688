import assert from "assert";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import sharp from "sharp";
import {
  describeOddities,
  findOddities,
  odditiesOfSet,
} from "../../src/prepared/photo_findings.ts";
import { preparePhotos } from "../../src/prepared/prepare_photos.ts";
import { renderScene } from "../../src/scenes/scenes.ts";
import { splitSet } from "../../src/prepared/split_set.ts";
import { surveyPhotos } from "../../src/prepared/survey_photos.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { fromRaw, photoBytes, photoPath } from "../images/test_photos.ts";

/** Scenes of 64 pixels, the cat in three sizes, a gray cat, one that is cut short, and a text. */
async function awkward(): Promise<TemporaryFolder> {
  const folder = await TemporaryFolder.create();
  await mkdir(folder.join("photos", "deep"), { recursive: true });
  for (let index = 0; index < 6; index++) {
    const png = await fromRaw(renderScene(index, { size: 64 }), 64, 64).png().toBuffer();
    await writeFile(folder.join("photos", `scene-${index}.png`), png);
  }
  const cat = await photoBytes("cat.jpg");
  await copyFile(photoPath("cat.jpg"), folder.join("photos", "cat.jpg"));
  await writeFile(
    folder.join("photos", "deep", "cat.webp"),
    await sharp(cat).resize(200).webp().toBuffer(),
  );
  await writeFile(
    folder.join("photos", "small.jpg"),
    await sharp(cat).resize(40, 27).jpeg().toBuffer(),
  );
  await writeFile(
    folder.join("photos", "gray.jpg"),
    await sharp(cat).grayscale().jpeg().toBuffer(),
  );
  await writeFile(folder.join("photos", "cut.jpg"), cat.subarray(0, 5000));
  await writeFile(folder.join("photos", "text.png"), "no photo");
  return folder;
}

Deno.test("a survey finds what preparing finds, and near-duplicates and small photos besides", async () => {
  await using folder = await awkward();
  const photos = folder.join("photos");
  const survey = await surveyPhotos(photos, { size: 48, concurrency: 3 });
  assert.equal(survey.listed, 12);
  assert.deepEqual(survey.gray, ["gray.jpg"]);
  assert.deepEqual(survey.unreadable.map(({ name }) => name), ["cut.jpg", "text.png"]);
  assert.match(survey.unreadable[0]?.reason ?? "", /damaged or cut short/);
  const cat = await sharp(await photoBytes("cat.jpg")).metadata();
  assert.equal(survey.maxSide, Math.max(cat.width, cat.height));
  assert.equal(survey.minSide, 27);
  const config = { seed: 0, validationFraction: 0.3 };
  const split = splitSet(survey.usable.ids, config);
  const findings = findOddities(survey.usable, { size: 48, split });
  assert.deepEqual(findings.duplicates, [["cat.jpg", "deep/cat.webp", "small.jpg"]]);
  assert.deepEqual(findings.small, ["small.jpg"]);
  assert.deepEqual(findings.sides, [
    { from: 1, photos: 1 },
    { from: 64, photos: 6 },
    { from: 128, photos: 1 },
    { from: 256, photos: 1 },
  ]);

  await using set = await preparePhotos(photos, { size: 48, cacheFolder: folder.join("cache") });
  assert.deepEqual([...set.names], [...survey.usable.names]);
  assert.deepEqual([...set.ids], [...survey.usable.ids]);
  assert.deepEqual(odditiesOfSet(set, config), findings);
  await using again = await preparePhotos(photos, { size: 48, cacheFolder: folder.join("cache") });
  assert.ok(again.isReused);
  assert.deepEqual(odditiesOfSet(again, config), findings, "also of a set that was there");
});

Deno.test("near-duplicates on both sides of the split are counted, those on one are not", () => {
  const fingerprint = (level: number) => new Uint8Array(30).fill(level, 18);
  // Three groups: 0 and 1, 2 and 3, 4 to 6.
  const fingerprints = [0, 0, 90, 90, 180, 180, 180].map(fingerprint);
  const names = fingerprints.map((_, index) => `${index}.jpg`);
  const photos = { names, fingerprints, shortSides: names.map(() => 300) };
  const leaked = (validation: number[]) => {
    const train = names.flatMap((_, index) => validation.includes(index) ? [] : [index]);
    const split = { train: Uint32Array.from(train), validation: Uint32Array.from(validation) };
    return findOddities(photos, { size: 256, split }).leaked;
  };
  assert.equal(leaked([0, 1]), 0, "both are judged by");
  assert.equal(leaked([]), 0);
  assert.equal(leaked([1]), 1);
  assert.equal(leaked([1, 4, 5]), 3);
  const findings = findOddities(photos, { size: 512 });
  assert.equal(findings.leaked, undefined);
  assert.deepEqual(describeOddities({ ...findings, leaked: 2 }, 512), [
    "4 photos are near-duplicates of others, such as 1.jpg of 0.jpg.",
    "2 validation photos have a near-duplicate among those that are trained on: validations will " +
    "look better than they are.",
    "7 photos are smaller than 512 pixels and are enlarged, such as 0.jpg.",
  ]);
  const single = { duplicates: [["a.jpg", "b.jpg"]], leaked: 1, small: ["c.jpg"], sides: [] };
  assert.deepEqual(describeOddities(single, 512), [
    "1 photo is a near-duplicate of another, b.jpg of a.jpg.",
    "1 validation photo has a near-duplicate among those that are trained on: validations will " +
    "look better than they are.",
    "1 photo is smaller than 512 pixels and is enlarged, c.jpg.",
  ]);
});
