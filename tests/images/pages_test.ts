import assert from "assert";
import sharp from "sharp";
import { joinTiffs, withPageFirst } from "../../src/images/containers/tiff_pages.ts";
import { tiffPages } from "../../src/images/containers/pages.ts";
import { decodePhoto } from "../../src/images/decode.ts";
import { encodePhoto } from "../../src/images/encode.ts";
import { insertedAfter, photoBytes, photoFile, pngChunkOf } from "./test_photos.ts";

Deno.test("decodePhoto() tells how many pages or frames are left out", async () => {
  const left = async (bytes: Uint8Array) => (await decodePhoto(bytes)).pagesLeftOut;
  assert.equal(await left(await photoFile("pages/three-pages.tiff")), 2);
  assert.equal(await left(await photoFile("pages/anim.gif")), 2);
  assert.equal(await left(await photoBytes("cat.jpg")), 0);
  assert.equal(await left(await photoBytes("alpha.png")), 0);
  assert.equal(await left(await photoFile("scans/scan.tiff")), 0);
  const webp = await sharp(await photoFile("pages/anim.gif"), { animated: true }).webp()
    .toBuffer();
  assert.equal(await left(webp), 2);
  // An animated PNG of 5 frames, by its header; the picture behind it is one that every reader shows.
  const frames = pngChunkOf("acTL", Buffer.from([0, 0, 0, 5, 0, 0, 0, 0]));
  assert.equal(await left(insertedAfter(await photoBytes("alpha.png"), 33, frames)), 4);
});

Deno.test("a TIFF's preview is no page, and a chain that comes back to itself ends", async () => {
  const file = Buffer.from(await photoFile("pages/three-pages.tiff"));
  const [first, second, third] = tiffPages(file)!;
  assert.ok(first && second && third);
  const back = Buffer.from(file);
  back.writeUInt32LE(first, third + 2 + 12 * back.readUInt16LE(third));
  assert.deepEqual(tiffPages(back), [first, second, third]);
  // NewSubfileType 1: a smaller version of another page.
  const preview = Buffer.from(file);
  preview.writeUInt16LE(254, second + 2);
  preview.writeUInt16LE(4, second + 4);
  preview.writeUInt32LE(1, second + 6);
  preview.writeUInt32LE(1, second + 10);
  assert.deepEqual(tiffPages(preview), [first, third]);
});

Deno.test("pages that were joined are those that went in, as libtiff reads them", async () => {
  const file = await photoFile("pages/three-pages.tiff");
  const pages = await Promise.all(
    tiffPages(file)!.map((at) => decodePhoto(withPageFirst(file, at))),
  );
  assert.equal(pages.length, 3);
  assert.notDeepEqual(pages[0]!.rgb, pages[1]!.rgb);
  const rich = await decodePhoto(await photoFile("scans/rich.jpg"));
  const joined = joinTiffs(
    await Promise.all(
      [...pages, rich].map((page) =>
        encodePhoto(page, { format: "tiff", metadata: page.metadata })
      ),
    ),
  );
  assert.equal((await sharp(joined).metadata()).pages, 4);
  for (const [index, page] of [...pages, rich].entries()) {
    const seen = await sharp(joined, { page: index }).raw().toBuffer();
    assert.deepEqual(new Uint8Array(seen), page.rgb, `page ${index + 1}`);
    const again = await decodePhoto(withPageFirst(joined, tiffPages(joined)![index]!));
    assert.deepEqual(again.metadata.exif?.place, page.metadata.exif?.place);
  }
});
