import assert from "assert";
import sharp from "sharp";
import { decodePhoto, decodeResized } from "../../src/images/decode.ts";
import {
  CAT_QUARTERS,
  fromRaw,
  largestDifference,
  paint,
  photoBytes,
  photoPath,
  psnr,
  quarterMeans,
} from "./test_photos.ts";

Deno.test("decodePhoto() turns a photo upright by its EXIF orientation", async () => {
  const photo = await decodePhoto(photoPath("exif_orientation_6.jpg"));
  assert.deepEqual([photo.width, photo.height, photo.format], [200, 320, "jpeg"]);
  assert.equal(photo.alpha, undefined);
  // Turned a quarter to the right: what was lower left is upper left.
  const [upperLeft, upperRight, lowerLeft, lowerRight] = CAT_QUARTERS;
  const turned = [lowerLeft!, upperLeft!, lowerRight!, upperRight!].flat();
  // The means are rounded, and the photo was compressed once more.
  assert.ok(largestDifference(quarterMeans(photo).flat(), turned) < 1.5);
});

const SAME_CAT = [
  // A quarter's mean is rounded by up to 0.5.
  { file: "cat.jpg", format: "jpeg", tolerance: 1 },
  { file: "alpha.png", format: "png", tolerance: 1 },
  { file: "scan.tiff", format: "tiff", tolerance: 1 },
  { file: "pixel.webp", format: "webp", tolerance: 1.5 },
  // A printing profile stands between; without one, inverted or not, it would be off by 100.
  { file: "cmyk.jpg", format: "jpeg", tolerance: 7 },
] as const;

for (const { file, format, tolerance } of SAME_CAT) {
  Deno.test(`decodePhoto() gives ${file} its colors`, async () => {
    const photo = await decodePhoto(photoPath(file));
    assert.equal(photo.format, format);
    assert.equal(photo.isGray, false);
    const difference = largestDifference(quarterMeans(photo).flat(), CAT_QUARTERS.flat());
    assert.ok(difference < tolerance, `${difference}`);
  });
}

for (const format of ["avif", "gif"] as const) {
  Deno.test(`decodePhoto() reads ${format.toUpperCase()}`, async () => {
    const file = await sharp(await photoBytes("scan.tiff")).toFormat(format).toBuffer();
    const photo = await decodePhoto(file);
    assert.deepEqual([photo.width, photo.height, photo.format], [160, 100, format]);
    // 256 colors, or strong compression, keep a mean within 3 levels.
    assert.ok(largestDifference(quarterMeans(photo).flat(), CAT_QUARTERS.flat()) < 3);
  });
}

Deno.test("decodePhoto() takes the first frame of an animation", async () => {
  const frame = (value: number) => paint(8, 8, () => [value, 0, 0]);
  const both = new Uint8Array([...frame(250), ...frame(10)]);
  for (const format of ["gif", "webp"] as const) {
    const animation = await sharp(both, {
      raw: { width: 8, height: 16, channels: 3, pageHeight: 8 },
    }).toFormat(format, { lossless: true }).toBuffer();
    const photo = await decodePhoto(animation);
    assert.deepEqual([photo.width, photo.height], [8, 8]);
    assert.ok(photo.rgb[0]! > 240, `${format}: ${photo.rgb[0]}`);
  }
});

Deno.test("decodePhoto() keeps the upper 8 of 16 bits", async () => {
  const gray = await decodePhoto(photoPath("gray16.png"));
  assert.deepEqual([gray.width, gray.height, gray.isGray], [200, 200, true]);
  // Means of the quarters by Pillow, of the samples divided by 256.
  const means = [126, 179, 65, 146].flatMap((mean) => [mean, mean, mean]);
  assert.ok(largestDifference(quarterMeans(gray).flat(), means) < 1);
});

Deno.test("decodePhoto() keeps 16 bits where it is asked to, and their upper 8", async () => {
  const samples = Uint16Array.from({ length: 30 * 20 * 4 }, (_, i) => (i * 7919) % 65536);
  const raw = { raw: { width: 30, height: 20, channels: 4 } } as const;
  const file = await sharp(samples, raw).toColourspace("rgb16").tiff({ compression: "deflate" })
    .toBuffer();
  const photo = await decodePhoto(file, { keepsDepth: (format) => format === "tiff" });
  const colors = samples.filter((_, i) => i % 4 < 3);
  assert.deepEqual(photo.deep?.rgb, colors);
  assert.deepEqual(photo.deep?.alpha, samples.filter((_, i) => i % 4 === 3));
  assert.deepEqual(photo.rgb, Uint8Array.from(colors, (sample) => sample >> 8));
  assert.deepEqual(photo.alpha, (await decodePhoto(file)).alpha);
  const other = await decodePhoto(file, { keepsDepth: (format) => format === "png" });
  assert.equal(other.deep, undefined);
  const shallow = await decodePhoto(photoPath("coffee.png"), { keepsDepth: () => true });
  assert.equal(shallow.deep, undefined);
});

Deno.test("decodePhoto() takes 16-bit colors through their profile to sRGB", async () => {
  const photo = await decodePhoto(photoPath("rgb16_icc.png"));
  const expected = paint(32, 32, (x, y) => [x * 8, y * 8, 128]);
  // Rounding; left in the space that the library goes through, it would be off by 113.
  assert.ok(largestDifference(photo.rgb, expected) <= 1);
  const { deep } = await decodePhoto(photoPath("rgb16_icc.png"), { keepsDepth: () => true });
  // The library's way leads through Display P3, which moves the darkest reds of strong greens by 12 of
  // 255; their lightness stays, which is what counts here.
  assert.ok(largestDifference(luminanceOf(deep!.rgb, 65535), luminanceOf(expected, 255)) <= 0.004);
});

/** Y of sRGB samples (IEC 61966-2-1). */
function luminanceOf(samples: ArrayLike<number>, full: number): number[] {
  const linear = Array.from(samples, (sample) => {
    const value = sample / full;
    return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
  });
  return Array.from({ length: linear.length / 3 }, (_, pixel) => {
    const [red = NaN, green = NaN, blue = NaN] = linear.slice(3 * pixel, 3 * pixel + 3);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
}

Deno.test("decodePhoto() converts an embedded profile to sRGB", async () => {
  const red = await fromRaw(paint(16, 16, () => [255, 0, 0]), 16, 16)
    .withIccProfile("p3").png().toBuffer();
  const stored = await sharp(red, { ignoreIcc: true }).raw().toBuffer();
  assert.ok(stored[0]! < 240 && stored[1]! > 40, "the file holds Display P3 numbers");
  const { rgb } = await decodePhoto(red);
  assert.ok(largestDifference(rgb.subarray(0, 3), [255, 0, 0]) <= 2, `${rgb.subarray(0, 3)}`);
});

Deno.test("decodePhoto() keeps alpha apart and decodeResized() lays it over white", async () => {
  const photo = await decodePhoto(photoPath("alpha.png"));
  assert.equal(photo.alpha?.length, 160 * 100);
  assert.deepEqual(new Set(photo.alpha), new Set([128]));
  const rgb = await decodeResized(photoPath("alpha.png"), 64);
  const overWhite = CAT_QUARTERS.flat().map((mean) => mean * (128 / 255) + 255 * (127 / 255));
  const quarters = quarterMeans({ width: 64, height: 64, rgb }).flat();
  assert.ok(largestDifference(quarters, overWhite) < 2);
});

Deno.test("decodePhoto() reads gray with alpha", async () => {
  const grayAlpha = new Uint8Array([10, 255, 200, 0]);
  const png = await sharp(grayAlpha, { raw: { width: 2, height: 1, channels: 2 } }).png()
    .toBuffer();
  const photo = await decodePhoto(png);
  assert.deepEqual([...photo.rgb], [10, 10, 10, 200, 200, 200]);
  assert.deepEqual([...photo.alpha!], [255, 0]);
  assert.deepEqual([...await decodeResized(png, 1)].length, 3);
});

Deno.test("decodePhoto() sees that a photo is gray however it is stored", async () => {
  assert.equal((await decodePhoto(photoPath("gray.jpg"))).isGray, true);
  const inColor = await sharp(await photoBytes("gray.jpg"))
    .toColourspace("srgb").jpeg({ quality: 60 }).toBuffer();
  assert.equal((await sharp(inColor).metadata()).channels, 3);
  assert.equal((await decodePhoto(inColor)).isGray, true);
});

Deno.test("decodeResized() squashes the upright photo to a square", async () => {
  // Upper half black, lower half white; stored lying on its side.
  const lying = await fromRaw(
    paint(300, 100, (x) => x < 150 ? [0, 0, 0] : [255, 255, 255]),
    300,
    100,
  ).jpeg({ quality: 100 }).withMetadata({ orientation: 6 }).toBuffer();
  const rgb = await decodeResized(lying, 32);
  const row = (y: number) => rgb.subarray(y * 32 * 3, (y + 1) * 32 * 3);
  assert.equal(rgb.length, 32 * 32 * 3);
  assert.ok(Math.max(...row(14)) < 10 && Math.min(...row(17)) > 245);
});

for (const format of ["png", "jpeg"] as const) {
  Deno.test(`decodeResized() does not alias: fine lines in a ${format} become gray`, async () => {
    const lines = paint(640, 480, (x, y) => (x + y) % 2 ? [255, 255, 255] : [0, 0, 0]);
    const file = await fromRaw(lines, 640, 480).toFormat(format, { quality: 100 }).toBuffer();
    for (const size of [64, 100, 256]) {
      const rgb = await decodeResized(file, size);
      const center = rgb.filter((_, at) => {
        const x = Math.floor(at / 3) % size;
        const y = Math.floor(at / 3 / size);
        return Math.min(x, y) > 0 && Math.max(x, y) < size - 1;
      });
      // Sampled without a filter they would be black and white, 127 from the middle.
      const swing = center.reduce((most, value) => Math.max(most, Math.abs(value - 127.5)), 0);
      assert.ok(swing < 2, `${size}: ${swing}`);
    }
  });
}

Deno.test("decodeResized() shrinks a JPEG in its decoder without visible loss", async () => {
  const jpeg = await photoBytes("rocket.jpg");
  const png = await sharp(jpeg).png().toBuffer();
  for (const size of [64, 96, 128]) {
    const ratio = psnr(await decodeResized(jpeg, size), await decodeResized(png, size));
    assert.ok(ratio > 37, `${size}: ${ratio} dB`);
  }
});

Deno.test("decodeResized() enlarges a small photo", async () => {
  const dot = await fromRaw(paint(1, 1, () => [200, 100, 50]), 1, 1).png().toBuffer();
  const rgb = await decodeResized(dot, 4);
  assert.deepEqual([...rgb], Array.from({ length: 16 }, () => [200, 100, 50]).flat());
});

Deno.test("decodeResized() refuses a size out of range", async () => {
  for (const size of [0, -1, 1.5, 4097, NaN]) {
    await assert.rejects(decodeResized(photoPath("cat.jpg"), size), RangeError);
  }
});

Deno.test("decodePhoto() scales down what does not fit, upright, and enlarges nothing", async () => {
  const upright = await decodePhoto(photoPath("exif_orientation_6.jpg"), { fitWithin: 80 });
  assert.deepEqual([upright.width, upright.height], [50, 80]);
  const clear = await decodePhoto(photoPath("alpha.png"), { fitWithin: 20 });
  assert.equal(clear.alpha?.length, clear.width * clear.height);
  const own = await decodePhoto(photoPath("scan.tiff"), { fitWithin: 160 });
  assert.deepEqual(own, await decodePhoto(photoPath("scan.tiff")));
  const small = await decodePhoto(photoPath("scan.tiff"), { fitWithin: 40 });
  // The means of quarters stay, but for what the filter brings over the borders between them.
  assert.ok(largestDifference(quarterMeans(small).flat(), CAT_QUARTERS.flat()) < 3);
  await assert.rejects(decodePhoto(photoPath("scan.tiff"), { fitWithin: 0 }), RangeError);
});
