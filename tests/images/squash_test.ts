import assert from "assert";
import { decodePhoto, decodeResized, decodeSquare } from "../../src/images/decode.ts";
import { squashBilinearly, squashPicture } from "../../src/images/squash.ts";
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

Deno.test("squashBilinearly() mixes the nearest four pixels, as OpenCV's resize does", () => {
  const [width, height] = [7, 5];
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return x * 37 + y * 53 + c * 71 + x * y * 11;
  });
  // cv2.resize(rgb.astype(float32), (3, 3)), rounded; OpenCV 4.
  assert.deepEqual([...squashBilinearly(rgb, { width, height, size: 3 })], [
    ...[45, 116, 187, 140, 125, 196, 149, 50, 121],
    ...[145, 216, 117, 27, 98, 169, 165, 150, 51],
    ...[132, 89, 132, 170, 71, 142, 152, 109, 180],
  ]);
  const one = squashBilinearly(Uint8Array.of(1, 2, 3), { width: 1, height: 1, size: 2 });
  assert.deepEqual([...one], [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
});

Deno.test("a photo that lies on its side is squashed bilinearly as it is seen", async () => {
  const upright = await decodePhoto(photoPath("exif_orientation_6.jpg"));
  const { rgb } = await decodeSquare(photoPath("exif_orientation_6.jpg"), 48, {
    filter: "bilinear",
  });
  const { width, height } = upright;
  assert.deepEqual(rgb, squashBilinearly(upright.rgb, { width, height, size: 48 }));
});
