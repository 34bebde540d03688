import assert from "assert";
import { decodePhoto } from "../../src/images/decode.ts";
import { flatPixels } from "../../src/images/encode.ts";
import { pixelFile } from "../../src/images/pixel_file.ts";

/** Sides of one row, of one column, of one strip, and of several of which the last is shorter. */
const sizes = [[1, 1], [5, 1], [1, 7], [40, 60], [700, 333], [3000, 90]] as const;

Deno.test("pixels come back from their file as they are, whatever their size", async () => {
  for (const [width, height] of sizes) {
    const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 7919) >> 3);
    const file = pixelFile(pixels, { width, height });
    const photo = await decodePhoto(file);
    assert.deepEqual([photo.width, photo.height, photo.format], [width, height, "tiff"]);
    assert.deepEqual(photo.rgb, pixels);
    assert.deepEqual([photo.alpha, photo.deep, photo.pagesLeftOut], [undefined, undefined, 0]);
  }
});

Deno.test("pixels that are not of the size are refused", () => {
  assert.throws(() => pixelFile(new Uint8Array(11), { width: 2, height: 2 }), RangeError);
  assert.throws(() => pixelFile(new Uint8Array(0), { width: 0, height: 2 }), RangeError);
  assert.throws(() => pixelFile(new Uint8Array(9), { width: 1.5, height: 2 }), RangeError);
});

Deno.test("pixels alone are laid over white where a picture has alpha", async () => {
  const rgb = new Uint8Array([10, 20, 30, 40, 50, 60]);
  const size = { width: 2, height: 1 };
  assert.equal(await flatPixels({ ...size, rgb }), rgb);
  const alpha = new Uint8Array([0, 255]);
  const flat = await flatPixels({ ...size, rgb, alpha });
  assert.deepEqual([...flat], [255, 255, 255, 40, 50, 60]);
});
