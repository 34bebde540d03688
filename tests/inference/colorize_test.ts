import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { lightnessOfBytes } from "../../src/color/recolor.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { decodePhoto, type Photo } from "../../src/images/decode.ts";
import { colorizePhoto, colorizePicture } from "../../src/inference/colorize.ts";
import { Colorizer } from "../../src/inference/colorizer.ts";
import { FrozenGenerator } from "../../src/inference/frozen_generator.ts";
import { GeneratorNetwork } from "../../src/inference/generator_network.ts";
import { engineTest } from "../engine/test_engine.ts";
import { largestDifference, paint, photoBytes, photoPath } from "../images/test_photos.ts";
import { smallConfig, smallGenerator } from "./small_model.ts";

/** A colorizer of drawn weights. The caller owns it. */
async function makeColorizer(engine: Engine): Promise<Colorizer> {
  using generator = smallGenerator(engine);
  const read = ({ name }: { name: string }): Promise<Tensor> =>
    Promise.resolve(generator.variable(name).read());
  const frozen = await FrozenGenerator.load(engine, smallConfig, read);
  return new Colorizer(engine, new GeneratorNetwork(engine, frozen), {
    path: "drawn",
    step: undefined,
  });
}

/** L* of every pixel. */
function lightness(engine: Engine, { width, height, rgb }: Photo): Float32Array {
  return tf.tidy(() => {
    const pixels = engine.uint8Tensor(rgb, [1, height, width, 3]);
    return tf.mul(tf.add(lightnessOfBytes(pixels), 1), 50).dataSync<"float32">();
  });
}

const photos = [
  "cat.jpg",
  "coffee.png",
  "rocket.jpg",
  "gray.jpg",
  "gray16.png",
  "cmyk.jpg",
  "exif_orientation_6.jpg",
  "alpha.png",
  "scan.tiff",
  "pixel.webp",
];

engineTest("colorizePhoto() keeps every photo's lightness, size and alpha", async (engine) => {
  using colorizer = await makeColorizer(engine);
  for (const [i, name] of photos.entries()) {
    const photo = await decodePhoto(photoPath(name));
    const saturation = i % 2 === 0 ? 1 : 4; // far more than sRGB holds
    const { width, height, rgb, alpha } = await colorizePhoto(photoPath(name), colorizer, {
      saturation,
    });
    assert.deepEqual([width, height, alpha], [photo.width, photo.height, photo.alpha], name);
    // 0.26: half a byte in each channel, see recolor_test.ts.
    const off = largestDifference(lightness(engine, { ...photo, rgb }), lightness(engine, photo));
    assert.ok(off <= 0.26, `${name}: ${off}`);
    const spread = rgb.reduce((sum, v, i) => sum + Math.abs(v - rgb[i - i % 3]!), 0);
    assert.ok(spread / rgb.length > 3, `${name} has no colours`);
  }
});

engineTest("colorizePhoto() takes bytes as well as a path", async (engine) => {
  using colorizer = await makeColorizer(engine);
  const fromPath = await colorizePhoto(photoPath("pixel.webp"), colorizer);
  const fromBytes = await colorizePhoto(await photoBytes("pixel.webp"), colorizer);
  assert.deepEqual(fromBytes, fromPath);
});

engineTest("colorizePhoto() scales down to fit", async (engine) => {
  using colorizer = await makeColorizer(engine);
  const colored = await colorizePhoto(photoPath("exif_orientation_6.jpg"), colorizer, {
    fitWithin: 160,
  });
  assert.deepEqual([colored.width, colored.height], [100, 160]);
});

engineTest("colorizePicture() looks at the lightness alone", async (engine) => {
  using colorizer = await makeColorizer(engine);
  const { size } = colorizer; // nothing to squash, which happens in colour
  const rgb = paint(size, size, (x, y) => [4 * x, 255 - 4 * y, 2 * (x + y)]);
  const picture = { width: size, height: size, rgb };
  const gray = await colorizePicture(picture, colorizer, { saturation: 0 });
  const [colored, fromGray] = [
    await colorizePicture(picture, colorizer),
    await colorizePicture(gray, colorizer),
  ];
  assert.ok(largestDifference(rgb, colored.rgb) > 60);
  // The gray bytes are rounded: half a byte of lightness, which the colours follow.
  assert.ok(largestDifference(fromGray.rgb, colored.rgb) <= 4);
});

engineTest("colorizePicture() colorizes a single pixel", async (engine) => {
  using colorizer = await makeColorizer(engine);
  const pixel = { width: 1, height: 1, rgb: Uint8Array.of(120, 120, 120) };
  const colored = await colorizePicture(pixel, colorizer);
  assert.equal(colored.rgb.length, 3);
  assert.notDeepEqual(colored.rgb, pixel.rgb);
});

engineTest("predict() of many photos is that of each alone", async (engine) => {
  using colorizer = await makeColorizer(engine);
  const { size } = colorizer;
  const squares = [1, 2, 3].map((seed) =>
    Uint8Array.from({ length: size * size * 3 }, (_, i) => (i * seed * 37) % 256)
  );
  const together = await colorizer.predict(squares);
  for (const [i, square] of squares.entries()) {
    const [alone] = await colorizer.predict([square]);
    const difference = tf.tidy(() => tf.max(tf.abs(tf.sub(alone!, together[i]!))).dataSync()[0]!);
    assert.ok(difference < 2e-6, `${difference}`); // float32 in another order of sums
    alone!.dispose();
  }
  tf.dispose(together);
});

engineTest("colorizePicture() stops when it is told to", async (engine) => {
  using colorizer = await makeColorizer(engine);
  const photo = await decodePhoto(photoPath("coffee.png"));
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(colorizePicture(photo, colorizer, { signal }), /enough/);
  await assert.rejects(colorizePhoto(photoPath("cat.jpg"), colorizer, { signal }), /enough/);
});
