import assert from "assert";
import { Buffer } from "node:buffer";
import sharp from "sharp";
import { decodePhoto, decodeResized } from "../../src/images/decode.ts";
import { PhotoError } from "../../src/images/photo_error.ts";
import { withoutPadding } from "../../src/images/jpeg_padding.ts";
import { insertedAfter, photoBytes, photoFile, pngChunkOf } from "./test_photos.ts";

/** Decoded as they are, and as they should be: libjpeg's djpeg gives the same pixels for both. */
const WHOLE_JPEGS = {
  "whose scan says it has coefficients 0 to 0": "odd/se0.jpg",
  "with zeros before its restart markers": "odd/before-restarts.jpg",
  "without its last two bytes": "odd/no-end.jpg",
};

for (const [what, file] of Object.entries(WHOLE_JPEGS)) {
  Deno.test(`a JPEG ${what} gives the clean file's pixels`, async () => {
    const [clean, odd] = [await photoFile("odd/base.jpg"), await photoFile(file)];
    assert.deepEqual((await decodePhoto(odd)).rgb, (await decodePhoto(clean)).rgb);
    assert.deepEqual(await decodeResized(odd, 32), await decodeResized(clean, 32));
  });
}

Deno.test("a JPEG's odd header is no damage", async () => {
  const jpeg = await photoFile("odd/base.jpg");
  const { rgb } = await decodePhoto(jpeg);
  const withVersion3 = Buffer.from(jpeg);
  withVersion3[withVersion3.indexOf("JFIF") + 5] = 3;
  const adobe = [0xff, 0xee, 0, 14, ...Buffer.from("Adobe"), 0, 100, 0, 0, 0, 0, 7];
  const tables = jpeg.indexOf(Buffer.from([0xff, 0xdb]));
  const odd = {
    "a future version": withVersion3,
    "an unknown color code": insertedAfter(jpeg, 2, Uint8Array.from(adobe)),
    "bytes between segments": insertedAfter(jpeg, tables, new Uint8Array([1, 2, 3])),
    "a piece of a profile without its others": insertedAfter(
      jpeg,
      2,
      Uint8Array.from([0xff, 0xe2, 0, 20, ...Buffer.from("ICC_PROFILE\0"), 2, 3, 1, 1, 1, 1]),
    ),
  };
  for (const [what, bytes] of Object.entries(odd)) {
    assert.deepEqual((await decodePhoto(bytes)).rgb, rgb, what);
  }
});

Deno.test("data that differs between restart markers is damage, padded or not", async () => {
  const padded = await photoFile("odd/before-restarts.jpg");
  const first = padded.indexOf(Buffer.from([0xff, 0xd0]));
  assert.ok(await withoutPadding(padded));
  // The end of an interval is missing: zeros stand where its last bytes were.
  const missing = Buffer.from(padded);
  missing.fill(0, first - 60, first);
  assert.equal(await withoutPadding(missing), undefined);
  await assert.rejects(decodePhoto(missing), /damaged or cut short/);
  // What is over is no padding.
  const rest = Buffer.from(padded);
  rest[first - 3] = 0x5a;
  assert.equal(await withoutPadding(rest), undefined);
  await assert.rejects(decodePhoto(rest), /damaged or cut short/);
});

Deno.test("progressive JPEGs, GIFs and PNGs need no end mark, WebPs no right size", async () => {
  const scan = sharp(await photoBytes("scan.tiff"));
  const progressive = await scan.clone().jpeg({ progressive: true }).toBuffer();
  const gif = await scan.clone().gif().toBuffer();
  const png = await scan.clone().png().toBuffer();
  const webp = await scan.clone().webp().toBuffer();
  const [tooLarge, tooSmall] = [Buffer.from(webp), Buffer.from(webp)];
  tooLarge.writeUInt32LE(webp.length + 8, 4);
  tooSmall.writeUInt32LE(webp.length - 10, 4);
  const brokenText = pngChunkOf("tEXt", Buffer.from("a\0b"));
  brokenText[brokenText.length - 1]! ^= 1;
  for (
    const [clean, odd] of [
      [progressive, progressive.subarray(0, -2)],
      [gif, gif.subarray(0, -1)],
      [gif, gif.subarray(0, -2)],
      [png, png.subarray(0, -12)],
      [png, insertedAfter(png, 33, brokenText)],
      [webp, tooLarge],
      [webp, tooSmall],
    ] as const
  ) {
    assert.deepEqual((await decodePhoto(odd)).rgb, (await decodePhoto(clean)).rgb);
  }
});

Deno.test("each of many bad photos at a time has its own reason, or none", async () => {
  const kinds = [
    ["odd/cut.jpg", /^is damaged or cut short \(its file ends before the picture does\);/],
    ["odd/12bit-header.jpg", /^has 12 bits per color/],
    ["odd/lab.tiff", /^is in CIE L\*a\*b\*/],
    ["damaged", /^is damaged or cut short(?: \(libpng read error\))?;/],
    ["middle", /^is damaged or cut short(?: \(Corrupt JPEG data[^)]*\))?;/],
  ] as const;
  const damaged = await photoBytes("coffee.png");
  damaged.fill(7, damaged.length / 2, damaged.length / 2 + 99);
  const middle = await photoBytes("cat.jpg");
  middle.fill(0x55, middle.length / 2, middle.length / 2 + 400);
  const files = await Promise.all(
    kinds.map(async ([file]) =>
      file === "damaged" ? damaged : file === "middle" ? middle : await photoFile(file)
    ),
  );
  await Promise.all(Array.from({ length: 100 }, async (_, index) => {
    const kind = index % kinds.length;
    await assert.rejects(decodePhoto(files[kind]!), (error) => {
      assert.ok(error instanceof PhotoError, String(error));
      assert.match(error.reason, kinds[kind]![1]);
      return true;
    });
  }));
});
