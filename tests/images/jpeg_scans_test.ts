import assert from "assert";
import sharp from "sharp";
import { countJpegScans } from "../../src/images/jpeg_scans.ts";
import { photoBytes } from "./test_photos.ts";

Deno.test("countJpegScans() counts those of libjpeg's encoders", async () => {
  const cat = await photoBytes("cat.jpg");
  assert.equal(countJpegScans(cat, 100), 1);
  // libjpeg's jpeg_simple_progression: ten scans for YCbCr, six for gray.
  const progressive = () => sharp(cat).jpeg({ progressive: true });
  const color = await progressive().toBuffer();
  assert.equal(countJpegScans(color, 100), 10);
  assert.equal(countJpegScans(color, 4), 5, "no further than asked for");
  assert.equal(countJpegScans(await progressive().toColourspace("b-w").toBuffer(), 100), 6);
  assert.equal(countJpegScans(color.subarray(0, color.length / 2), 100) < 10, true);
});

/** A frame of so many components, and a scan of some of them with `data` behind it. */
const frame = (
  marker: number,
  components: number,
) => [0xff, marker, 0, 8, 8, 0, 5, 0, 7, components];
const scan = (components: number, ...data: number[]) => [0xff, 0xda, 0, 3, components, ...data];
const end = [0xff, 0xd9, 0, 0, 0];

const files = [
  {
    what: "scans behind a whole one, which nobody decodes",
    count: 1,
    bytes: [frame(0xc0, 3), scan(3), scan(3)],
  },
  { what: "a component a scan", count: 3, bytes: [frame(0xc0, 3), scan(1), scan(1), scan(1)] },
  { what: "a progressive one", count: 2, bytes: [frame(0xc2, 1), scan(1), scan(1)] },
  { what: "an arithmetic one", count: 2, bytes: [frame(0xca, 1), scan(1), scan(1)] },
  {
    what: "bytes of 0xff and restarts in a scan's data",
    count: 2,
    bytes: [frame(0xc2, 1), scan(1, 0xff, 0, 0xda, 0xff, 0xd0, 0xff, 0, 7), scan(1)],
  },
  {
    what: "a marker that no picture has, which hides nothing from a decoder that awaits a restart",
    count: 2,
    bytes: [frame(0xc2, 1), scan(1, 0xff, 2, 0, 7), scan(1)],
  },
  {
    what: "a picture in a comment",
    count: 1,
    bytes: [frame(0xc2, 1), [0xff, 0xfe, 0, 12, ...scan(1), ...scan(1)], scan(1)],
  },
  { what: "padding", count: 1, bytes: [frame(0xc2, 1), [0xff, 0xff, 0xff, 0xff], scan(1)] },
  { what: "what comes after the end", count: 1, bytes: [frame(0xc2, 1), scan(1), end, scan(1)] },
  {
    what: "a segment that leads beyond the end",
    count: 0,
    bytes: [[0xff, 0xe0, 0xff, 0xff], scan(1)],
  },
];

for (const { what, bytes, count } of files) {
  Deno.test(`countJpegScans() copes with ${what}`, () => {
    const file = new Uint8Array([0xff, 0xd8, ...bytes.flat(), ...end]);
    assert.equal(countJpegScans(file, 100), count);
  });
}
