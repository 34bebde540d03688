import assert from "assert";
import { matchPalette, paletteOf } from "../../src/hints/palette.ts";
import { castOf, colorsOf, isMostlyCast, withoutCast } from "../../src/hints/picture_colors.ts";
import tf from "@tensorflow/tfjs";
import { colorfulness } from "../../src/color/colorfulness.ts";
import { chromaAt } from "../../src/hints/byte_colors.ts";
import { decodePhoto } from "../../src/images/decode.ts";
import { engineTest } from "../engine/test_engine.ts";
import { paint, photoPath } from "../images/test_photos.ts";

/** a* and b* of a picture, [pixels, 2]. */
function abOf(rgb: Uint8Array): Float32Array {
  return Float32Array.from({ length: 2 * rgb.length / 3 }, (_, i) => {
    const { a, b } = chromaAt(rgb, 3 * (i >> 1));
    return i % 2 === 0 ? a : b;
  });
}

const meanOf = (values: Float32Array) =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

Deno.test("matchPalette() gives colours the distribution of another picture", async () => {
  const coffee = (await decodePhoto(photoPath("coffee.png"), { fitWithin: 200 })).rgb;
  const cat = abOf((await decodePhoto(photoPath("cat.jpg"), { fitWithin: 200 })).rgb);
  const matched = matchPalette(cat, paletteOf(coffee));
  const wanted = abOf(coffee);
  for (const channel of [0, 1]) {
    const of = (ab: Float32Array) => ab.filter((_, i) => i % 2 === channel).sort();
    const [made, given] = [of(matched), of(wanted)];
    for (const part of [0.05, 0.25, 0.5, 0.75, 0.95]) {
      const at = (values: Float32Array) => values[Math.floor(part * values.length)]!;
      // 256 quantiles; between two of them colours lie evenly.
      assert.ok(Math.abs(at(made) - at(given)) < 1, `${at(made)}, ${at(given)} at ${part}`);
    }
    // Its own palette leaves a picture as it is.
    const own = of(matchPalette(wanted, paletteOf(coffee)));
    assert.ok(
      own.every((each, i) => Math.abs(each - given[i]!) < 2 || i < 99 || i > own.length - 99),
    );
  }
});

Deno.test("matchPalette() does not stretch the noise of a model that has but one colour", async () => {
  const palette = paletteOf((await decodePhoto(photoPath("coffee.png"), { fitWithin: 99 })).rgb);
  const flat = Float32Array.from({ length: 2000 }, (_, i) => 5 + (i * 7919 % 100) / 100);
  const made = matchPalette(flat, palette);
  const a = made.filter((_, i) => i % 2 === 0).sort();
  // Five times the unit that they lie apart.
  assert.ok(a.at(-1)! - a[0]! <= 5.01, `${a.at(-1)! - a[0]!}`);
  assert.ok(Math.abs(a[500]! - palette.a[128]!) < 3, "around the palette's middle");
});

Deno.test("withoutCast() takes a cast off and leaves what has none", async () => {
  const ab = abOf((await decodePhoto(photoPath("rocket.jpg"), { fitWithin: 200 })).rgb);
  const gray = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) / 10);
  const { a, b } = castOf(gray.map((value, i) => value + (i % 2 === 0 ? 9 : -14)));
  assert.ok(Math.hypot(a - 9, b + 14) < 0.2, `${a}, ${b}`);
  const clear = withoutCast(ab);
  const left = castOf(clear);
  assert.ok(Math.hypot(left.a, left.b) < 3, `${left.a}, ${left.b}`);
  assert.deepEqual(meanOf(withoutCast(gray)).toFixed(2), meanOf(gray).toFixed(2));
});

engineTest("colorsOf() sees what a person sees", async (engine) => {
  for (const name of ["cat.jpg", "coffee.png", "rocket.jpg"]) {
    const { rgb, width, height } = await decodePhoto(photoPath(name));
    const made = colorsOf(rgb);
    const exact = tf.tidy(() =>
      colorfulness(tf.cast(engine.uint8Tensor(rgb, [1, height, width, 3]), "float32"))
        .dataSync()[0]!
    );
    // A quarter of the pixels and more.
    assert.ok(Math.abs(made.colorfulness - exact) < 0.02 * exact, `${made.colorfulness}, ${exact}`);
    assert.deepEqual([made.isNearlyGray, isMostlyCast(made)], [false, false], name);
  }
  const gray = paint(50, 40, (x, y) => [x + y, x + y, x + y]);
  const { colorfulness: none, cast, isNearlyGray } = colorsOf(gray);
  assert.ok(none < 1e-6 && Math.hypot(cast.a, cast.b) < 0.02 && isNearlyGray);
  // What a model that fails makes of a photo: all of it blue.
  const blue = colorsOf(paint(50, 40, (x, y) => [80 + x, 85 + x, 120 + x + y % 3]));
  assert.ok(isMostlyCast(blue) && blue.cast.b < -15 && !blue.isNearlyGray, JSON.stringify(blue));
  assert.ok(colorsOf(Uint8Array.of(10, 200, 30)).cast.a < -50, "one pixel");
});
