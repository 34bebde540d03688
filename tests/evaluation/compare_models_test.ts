import assert from "assert";
import { bootstrap } from "../../src/evaluation/bootstrap.ts";
import { compareModels } from "../../src/evaluation/compare_models.ts";
import { RandomStream } from "../../src/prepared/random_stream.ts";
import { type PhotoJudgement, summarize } from "../../src/validation/measures.ts";
import { assertClose } from "../engine/test_engine.ts";

/** Numbers drawn from about a normal distribution, the same ones for a name. */
function draw(name: string, count: number, { mean = 0, deviation = 1 } = {}): Float64Array {
  const stream = new RandomStream(name);
  // The sum of twelve uniform draws has a variance of 1.
  return Float64Array.from({ length: count }, () => {
    const sum = Array.from({ length: 12 }, () => stream.next() / 2 ** 32).reduce((a, b) => a + b);
    return mean + deviation * (sum - 6);
  });
}

const meanOf = ([mean = NaN]: readonly number[]) => mean;

Deno.test("the interval of a mean is as wide as the theory says, and the same every time", () => {
  const column = draw("column", 400, { mean: 20, deviation: 3 });
  const [estimate] = bootstrap([{ columns: [column], of: meanOf }]);
  const mean = column.reduce((a, b) => a + b) / 400;
  const spread = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 400);
  const half = 1.959964 * spread / 20;
  assertClose([estimate!.value], [mean], { absolute: 1e-12 });
  // The ends are quantiles of 10,000 draws: known to about 3% of the standard error.
  assertClose([estimate!.low, estimate!.high], [mean - half, mean + half], {
    absolute: 0.06 * half,
  });
  assert.deepEqual(bootstrap([{ columns: [column], of: meanOf }]), [estimate]);
});

Deno.test("about 95 of 100 intervals hold the true mean", () => {
  let held = 0;
  for (let round = 0; round < 100; round++) {
    const column = draw(`round ${round}`, 60, { mean: 5 });
    const [{ low, high } = { low: NaN, high: NaN }] = bootstrap([{
      columns: [column],
      of: meanOf,
    }]);
    if (low <= 5 && 5 <= high) held++;
  }
  // Binomial: 95 ± 2.2; of 60 numbers the percentile method holds a little less, about 94.
  assert.ok(held >= 87 && held <= 100, `${held}`);
});

Deno.test("one photo has no interval, and columns of another length are refused", () => {
  const [one] = bootstrap([{ columns: [[3]], of: meanOf }]);
  assert.deepEqual(one, { value: 3, low: NaN, high: NaN });
  assert.throws(() => bootstrap([{ columns: [[1, 2], [1]], of: meanOf }]), RangeError);
  assert.throws(() => bootstrap([{ columns: [[]], of: meanOf }]), RangeError);
});

/** Photos that are hard or easy for every model alike, and what a model that is `better` makes. */
function judgedPhotos(better: number, count = 80): PhotoJudgement[] {
  const difficulty = draw("difficulty", count, { mean: 20, deviation: 4 });
  const luck = draw(`luck ${better}`, count, { deviation: 0.5 });
  return Array.from({ length: count }, (_, i) => {
    const gray = { psnr: 15, ssim: 0.8, deltaE2000: 20, abError: 30, l1: 0.2, colorfulness: 0.5 };
    const psnr = difficulty[i]! + luck[i]! + better;
    const colorized = { ...gray, psnr, colorfulness: 20 + better };
    return { colorized, gray, realColorfulness: 20 + 10 * (i % 3) };
  });
}

Deno.test("two models are told apart photo by photo, where their own intervals overlap", () => {
  const judged = [judgedPhotos(0.5), judgedPhotos(0)];
  const { models, comparison, gray, realColorfulness } = compareModels(judged);
  const [one, two] = models;
  assert.ok(one!.psnr.low < two!.psnr.high, "their intervals do not overlap: it shows nothing");
  const { differences, toldApart } = comparison!;
  assertClose([differences.psnr.value], [one!.psnr.value - two!.psnr.value], { absolute: 1e-9 });
  assert.ok(differences.psnr.low > 0.2 && differences.psnr.high < 0.8);
  // Those that differ on each photo by the same have no width, and the others do not differ at all.
  assertClose([differences.colorfulness.low, differences.colorfulness.high], [0.5, 0.5], {
    absolute: 1e-9,
  });
  assert.deepEqual(toldApart, [
    "psnr",
    "colorfulness",
    "colorfulnessRatio",
    "colorfulnessDifference",
  ]);
  const { colorfulnessRatio } = summarize(judged[0]!);
  assertClose([one!.colorfulnessRatio.value], [colorfulnessRatio], { relative: 1e-12 });
  assert.equal(gray.psnr.value, 15);
  assertClose([realColorfulness.value], [summarize(judged[0]!).realColorfulness], {
    relative: 1e-12,
  });
});

Deno.test("a model is not told apart from itself", () => {
  const { comparison } = compareModels([judgedPhotos(0), judgedPhotos(0)]);
  assert.deepEqual(comparison?.toldApart, []);
  assert.equal(compareModels([judgedPhotos(0)]).comparison, undefined);
});
