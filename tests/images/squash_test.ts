import assert from "assert";
import { decodePhoto, decodeResized } from "../../src/images/decode.ts";
import { squashPicture } from "../../src/images/squash.ts";
import { largestDifference, photoPath, psnr } from "./test_photos.ts";

for (const file of ["coffee.png", "alpha.png", "gray16.png", "exif_orientation_6.jpg"]) {
  Deno.test(`squashPicture() of ${file} is what decodeResized() gives`, async () => {
    const photo = await decodePhoto(photoPath(file));
    const squashed = await squashPicture(photo, 96);
    const direct = await decodeResized(photoPath(file), 96);
    if (file.endsWith(".png")) assert.ok(largestDifference(squashed, direct) <= 1);
    else assert.ok(psnr(squashed, direct) > 37, `${psnr(squashed, direct)} dB`); // see decodeResized
  });
}

Deno.test("squashPicture() refuses sizes that are none", async () => {
  const picture = { width: 2, height: 1, rgb: new Uint8Array(6) };
  for (const size of [0, 1.5, 5000]) {
    await assert.rejects(squashPicture(picture, size), RangeError);
  }
  await assert.rejects(squashPicture({ ...picture, width: 3 }, 8), RangeError);
});
