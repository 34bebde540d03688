import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { ciede2000 } from "../../src/color/ciede2000.ts";
import { colorfulness } from "../../src/color/colorfulness.ts";
import { labOfBytes } from "../../src/color/lab.ts";
import { ssim } from "../../src/color/ssim.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { bytesPerPicture } from "../../src/prepared/prepared_set.ts";
import { Evaluator } from "../../src/validation/evaluator.ts";
import { Gan } from "../../src/training/gan.ts";
import { GanColors } from "../../src/training/gan_colors.ts";
import { summarize } from "../../src/validation/measures.ts";
import { decodePhoto } from "../../src/images/decode.ts";
import { assertClose, engineTest } from "../engine/test_engine.ts";
import { cutOut, isGray, labOf, locate, psnrOf } from "../training/pictures.ts";
import { SmallTraining } from "../training/small_training.ts";

engineTest("a validation's PSNR and ab error are those of the pictures it made", async (engine) => {
  await using training = await SmallTraining.create({ count: 11 });
  using run = await training.open("run", { given: { initGain: 0.06 } });
  using gan = new Gan(engine, run.config);
  using colors = new GanColors(gan, "float32");
  using evaluator = new Evaluator(engine, training.set, colors);
  const indices = [10, 0, 3, 7, 1, 2, 4, 5, 9]; // a batch and one more
  const validation = await evaluator.validate(indices);
  const shown = await evaluator.show(indices);
  const mean = (numbers: number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

  const sizeBytes = bytesPerPicture(training.set.size);
  const psnrs: number[] = [], grayPsnrs: number[] = [], errors: number[] = [], grayErrors = [];
  const deviations: number[] = [];
  for (const [row, index] of indices.entries()) {
    const source = new Uint8Array(sizeBytes);
    await training.set.readInto([index], source);
    const { gray, colorized, real, chroma } = shown[row]!;
    assert.deepEqual(real, source);
    psnrs.push(psnrOf(colorized, source));
    grayPsnrs.push(psnrOf(gray, source));
    const [labs, painted, pale, flat] = [source, colorized, gray, chroma].map(labOf);
    errors.push(mean(labs!.map(([, a, b], i) => {
      const [, otherA, otherB] = painted![i]!;
      return Math.hypot(a - otherA, b - otherB);
    })));
    grayErrors.push(mean(labs!.map(([, a, b]) => Math.hypot(a, b))));
    deviations.push(mean(labs!.flatMap(([, a, b], i) => {
      const [, otherA, otherB] = painted![i]!;
      return [Math.abs(a - otherA), Math.abs(b - otherB)];
    })));
    // The prediction at one lightness: its ab are those of the picture, but for rounding to bytes.
    assertClose(flat!.map(([L]) => L), flat!.map(() => 50), { absolute: 0.5 });
    const both = [flat!, painted!].map((lab) => lab.flatMap(([, a, b]) => [a, b]));
    assertClose(both[0]!, both[1]!, { absolute: 4 }); // in the dark one level of a byte is so much
    const { judgement, difference } = shown[row]!;
    for (const [which, picture] of [["gray", gray], ["colorized", colorized]] as const) {
      const { ssim, deltaE2000, colorfulness } = judgement[which];
      const { numbers, differences } = measureBytes(engine, picture, source);
      assertClose([ssim, deltaE2000, colorfulness, judgement.realColorfulness], numbers, {
        absolute: 1e-4,
      });
      if (which === "gray") continue;
      // The map's lightness is the difference: 5 at none, 95 at 30 and more.
      const mapped = labOf(difference).map(([L]) => (L - 5) / 3);
      assertClose(mapped, differences.map((each) => Math.min(30, each)), { absolute: 0.2 });
    }
    // The gray picture has the photo's L and no colour, but for the rounding to bytes: half a level is
    // at most half a unit of L, and one level between two channels less than one of a or b.
    for (const [i, [L, a, b]] of pale!.entries()) {
      assertClose([L], [labs![i]![0]], { absolute: 0.5 });
      assertClose([a, b], [0, 0], { absolute: 1 });
    }
  }
  assert.equal(validation.photos, 9);
  // float32 holds a mean squared error to 1e-6 of itself: 1e-5 dB.
  assertClose([validation.psnr, validation.psnrGray], [mean(psnrs), mean(grayPsnrs)], {
    absolute: 1e-4,
  });
  // 0.01: the digits of the matrix in sRGB's definition.
  assertClose([validation.abErrorGray], [mean(grayErrors)], { absolute: 0.01 });
  // The model's own ab is not rounded to bytes; weights of 0.06 give colours that sRGB holds.
  assertClose([validation.abError], [mean(errors)], { absolute: 0.02 });
  assertClose([110 * validation.l1], [mean(deviations)], { absolute: 0.02 });
  assert.ok(Math.abs(validation.abError - validation.abErrorGray) > 0.1, "it painted no colours");
  assert.deepEqual(validation, summarize(shown.map(({ judgement }) => judgement)));
});

/** SSIM, CIEDE2000 and colourfulness of a picture beside the photo, by the functions tested by themselves. */
function measureBytes(engine: Engine, picture: Uint8Array, source: Uint8Array) {
  const side = Math.sqrt(source.length / 3);
  return tf.tidy(() => {
    const [made, real] = [picture, source].map((bytes) => ({
      floats: tf.tensor(Float32Array.from(bytes), [1, side, side, 3]),
      lab: labOfBytes(engine.uint8Tensor(bytes, [1, side, side, 3])),
    })) as [{ floats: Tensor; lab: Tensor }, { floats: Tensor; lab: Tensor }];
    const deltaE = ciede2000(made.lab, real.lab);
    const numbers = [
      ssim(made.floats, real.floats),
      deltaE.mean(),
      colorfulness(made.floats),
      colorfulness(real.floats),
    ].map((value) => value.dataSync()[0]!);
    return { numbers, differences: [...deltaE.dataSync()] };
  });
}

engineTest(
  "a sample sheet shows L, what was made of it, the photo, the colours alone and the difference",
  async (engine) => {
    // From 107 pixels on a sheet shows pictures pixel for pixel. Weights of 0.3 paint strong colours.
    await using training = await SmallTraining.create({ count: 6, size: 128 });
    const options = { initGain: 0.3, size: 128, maxSteps: 1, sampleEvery: 1, sampleCount: 2 };
    const { events } = await training.train(engine, "run", { given: options });
    const sheets = events.filter((event) => event.kind === "sample");
    assert.equal(sheets.length, 1);
    const { path, width, height, step, measures } = sheets[0]!;
    assert.equal(step, 1);
    assert.equal(path, training.path("run/samples/step-00000001.png"));
    const sheet = await decodePhoto(path);
    assert.deepEqual([sheet.width, sheet.height], [width, height]);

    const shown: number[] = [];
    for (let index = 0; index < training.set.count; index++) {
      const source = new Uint8Array(bytesPerPicture(128));
      await training.set.readInto([index], source);
      const place = locate(source, { size: 128, sheet });
      if (place === undefined) continue;
      shown.push(index);
      const [left, top] = place;
      assert.ok(left > 256, "the photo is not in the third column");
      // To its left are, with the same lightness, what was made of it, and L in gray.
      const cut = (x: number) => cutOut(sheet, { x, y: top, size: 128 });
      const column = 128 + 6;
      const [colorized, gray] = [cut(left - column), cut(left - 2 * column)];
      assert.ok(isGray(gray));
      assert.ok(!isGray(colorized));
      const lightness = (picture: Uint8Array) => labOf(picture).map(([L]) => L);
      assertClose(lightness(gray), lightness(source), { absolute: 0.5 });
      // To its right the colours alone, all of one lightness, and the difference.
      const [chroma, difference] = [cut(left + column), cut(left + 2 * column)];
      const spread = (values: number[]) => Math.max(...values) - Math.min(...values);
      assert.ok(spread(lightness(chroma)) < spread(lightness(source)) / 2);
      assert.ok(!isGray(chroma) && !isGray(difference));
    }
    assert.equal(shown.length, 2);
    assert.equal(measures.photos, 2);
  },
);
