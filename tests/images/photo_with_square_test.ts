import assert from "assert";
import { decodePhoto, decodeResized } from "../../src/images/decode.ts";
import { encodePhoto } from "../../src/images/encode.ts";
import { PhotoError } from "../../src/images/photo_error.ts";
import { decodeWithSquare } from "../../src/images/photo_with_square.ts";
import { squashPicture } from "../../src/images/squash.ts";
import { photoBytes, psnr } from "./test_photos.ts";

for (const file of ["rocket.jpg", "exif_orientation_6.jpg", "coffee.png", "alpha.png"]) {
  Deno.test(`decodeWithSquare() of ${file} gives the photo, and the photo squashed`, async () => {
    const bytes = await photoBytes(file);
    const photo = await decodePhoto(bytes);
    for (const size of [16, 256]) {
      const decoded = decodeWithSquare(bytes, size);
      assert.deepEqual(await decoded.photo, photo);
      const square = await decoded.square;
      assert.equal(square.length, size * size * 3);
      // See decodeResized.
      assert.ok(psnr(square, await squashPicture(photo, size)) > 34);
    }
  });
}

Deno.test("decodeWithSquare() has a large JPEG's square as training has it, whatever the photo's size", async () => {
  const bytes = await photoBytes("rocket.jpg");
  const { square, photo } = decodeWithSquare(bytes, 32, { fitWithin: 40 });
  assert.deepEqual(await square, await decodeResized(bytes, 32));
  const { width, height } = await photo;
  assert.equal(Math.max(width, height), 40);
});

Deno.test("decodeWithSquare() refuses a damaged photo in both, and whoever looks at one hears of it", async () => {
  const rgb = new Uint8Array(256 * 256 * 3).map((_, i) => (i * 2654435761) >>> 24);
  const whole = await encodePhoto({ width: 256, height: 256, rgb }, { format: "jpeg" });
  for (const size of [32, 256]) { // decoded by itself, and not
    const { square } = decodeWithSquare(whole.subarray(0, whole.length / 2), size);
    await assert.rejects(square, PhotoError);
    const { photo } = decodeWithSquare(whole.subarray(0, whole.length / 2), size);
    await assert.rejects(photo, PhotoError);
  }
});
