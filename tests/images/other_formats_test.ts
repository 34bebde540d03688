import assert from "assert";
import { mkdir, writeFile } from "node:fs/promises";
import { describeOthers, otherFormatOf } from "../../src/images/other_formats.ts";
import { listPhotos } from "../../src/images/photo_folder.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

Deno.test("pictures that are not read are counted by their formats, and other files are not", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("phone"));
  const names = ["IMG_0.HEIC", "phone/IMG_1.heic", "old.bmp", "new.jxl", "raw.DNG", "work.psd"];
  const silent = ["notes.txt", ".hidden.heic", "film.mov", "IMG_0.aae", "good.jpg"];
  for (const name of [...names, ...silent]) await writeFile(folder.join(name), "");
  const { names: listed, others } = await listPhotos(folder.path);
  assert.deepEqual(listed, ["good.jpg"]);
  assert.deepEqual(Object.fromEntries(others), {
    BMP: 1,
    HEIC: 2,
    "JPEG XL": 1,
    Photoshop: 1,
    "camera raw": 1,
  });
  assert.equal(
    describeOthers(others),
    "6 pictures are left out (2 HEIC, 1 BMP, 1 JPEG XL, 1 Photoshop, 1 camera raw): " +
      "Tinct reads JPEG, PNG, WebP, TIFF, GIF and AVIF.",
  );
  assert.equal(otherFormatOf("a/b.tiff"), undefined);
  assert.equal(describeOthers(new Map()), undefined);
});

Deno.test("a folder of nothing but HEIC says so", async () => {
  await using folder = await TemporaryFolder.create();
  await writeFile(folder.join("IMG_0.HEIC"), "");
  await assert.rejects(
    listPhotos(folder.path),
    /There is no photo in .*\. 1 picture is left out \(1 HEIC\): Tinct reads JPEG/,
  );
});
