import assert from "assert";
import sharp from "sharp";
import { jpegSize } from "../../src/images/jpeg_size.ts";
import { photoBytes } from "./test_photos.ts";

Deno.test("jpegSize() finds the size in baseline and progressive files", async () => {
  assert.deepEqual(jpegSize(await photoBytes("cat.jpg")), { width: 451, height: 300 });
  assert.deepEqual(jpegSize(await photoBytes("exif_orientation_6.jpg")), {
    width: 320,
    height: 200,
  });
  const progressive = await sharp(await photoBytes("rocket.jpg"))
    .jpeg({ progressive: true }).withExif({ IFD0: { Artist: "x".repeat(9000) } }).toBuffer();
  assert.deepEqual(jpegSize(progressive), { width: 640, height: 427 });
});

const frame = [0xff, 0xc0, 0, 11, 8, 0, 5, 0, 7, 1, 1, 0x11, 0];

const HEADERS = [
  {
    what: "padding before a marker",
    bytes: [0xff, 0xff, 0xff, ...frame],
    size: { width: 7, height: 5 },
  },
  {
    what: "a table whose marker looks like a frame's",
    bytes: [0xff, 0xc4, 0, 4, 9, 9, ...frame],
    size: { width: 7, height: 5 },
  },
  { what: "a scan before the frame", bytes: [0xff, 0xda, 0, 4, 9, 9, ...frame], size: undefined },
  { what: "the end", bytes: [0xff, 0xd9, ...frame], size: undefined },
  { what: "no marker", bytes: [0x12, ...frame], size: undefined },
  { what: "a frame that is cut short", bytes: frame.slice(0, 8), size: undefined },
  {
    what: "a segment that leads beyond the end",
    bytes: [0xff, 0xe0, 0xff, 0xff, ...frame],
    size: undefined,
  },
  { what: "a segment of no length", bytes: [0xff, 0xe0, 0, 0, ...frame], size: undefined },
];

for (const { what, bytes, size } of HEADERS) {
  Deno.test(`jpegSize() copes with ${what}`, () => {
    assert.deepEqual(jpegSize(new Uint8Array([0xff, 0xd8, ...bytes])), size);
  });
}
