import assert from "assert";
import { JsonFields } from "../../src/files/json_fields.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { BestMeasure } from "../../src/runs/best_measure.ts";
import { bestMetricOf, earlyStopSentence } from "../../src/runs/best_metric.ts";
import { summarize } from "../../src/validation/measures.ts";
import { failsWith } from "../checkpoints/small_run.ts";

/** What `judge` answers, and the count after it. */
function course(best: BestMeasure, values: number[]): [boolean, number][] {
  return values.map((value) => [best.judge(value), best.validationsSince]);
}

Deno.test("the best value is the highest or the lowest, and equal ones are no gain", () => {
  assert.deepEqual(course(new BestMeasure("higher"), [20, 21, 21, 20, 22]), [
    [true, 0],
    [true, 0],
    [false, 1],
    [false, 2],
    [true, 0],
  ]);
  assert.deepEqual(course(new BestMeasure("lower"), [5, 6, 4, 4]), [
    [true, 0],
    [false, 1],
    [true, 0],
    [false, 1],
  ]);
});

Deno.test("a value that could not be measured is never the best", () => {
  assert.deepEqual(course(new BestMeasure("lower"), [NaN, 3, NaN, Infinity, 2]), [
    [false, 1],
    [true, 0],
    [false, 1],
    [false, 2],
    [true, 0],
  ]);
});

Deno.test("the best value and its age come back from a checkpoint", () => {
  const best = new BestMeasure("lower");
  course(best, [5, 6, 7]);
  const restored = new BestMeasure("lower");
  restored.restore(new JsonFields(JSON.parse(JSON.stringify(best.save())), "a test", ""));
  assert.deepEqual(course(restored, [5.5, 4]), [[false, 3], [true, 0]]);
});

Deno.test("each metric is read off a validation, in its direction", () => {
  const measures = { psnr: 20, ssim: 0.9, deltaE2000: 8, abError: 9, l1: 0.06, colorfulness: 30 };
  const validation = summarize([{ colorized: measures, gray: measures, realColorfulness: 40 }]);
  const read = ([
    "psnr",
    "ssim",
    "delta-e2000",
    "ab-error",
    "l1",
    "colorfulness-ratio",
    "vivid-delta-e2000",
  ] as const)
    .map((bestMetric) => {
      const { direction, of } = bestMetricOf({ bestMetric });
      return [direction, of(validation)];
    });
  assert.deepEqual(read, [
    ["higher", 20],
    ["higher", 0.9],
    ["lower", 8],
    ["lower", 9],
    ["lower", 0.06],
    ["lower", 0.25], // as far from 1 as 1.25 is
    ["lower", 8 / 0.75],
  ]);
});

Deno.test("means over photos: the ratio is that of the means", () => {
  const measures = { psnr: 20, ssim: 0.9, deltaE2000: 8, abError: 9, l1: 0.06, colorfulness: 10 };
  const none = { psnr: 0, ssim: 0, deltaE2000: 0, abError: 0, l1: 0, colorfulness: 0 };
  const { colorfulness, realColorfulness, colorfulnessRatio, psnr, psnrGray, photos } = summarize([
    { colorized: measures, gray: none, realColorfulness: 10 },
    { colorized: { ...measures, psnr: 30, colorfulness: 30 }, gray: none, realColorfulness: 70 },
  ]);
  assert.deepEqual(
    { colorfulness, realColorfulness, colorfulnessRatio, psnr, psnrGray, photos },
    {
      colorfulness: 20,
      realColorfulness: 40,
      colorfulnessRatio: 0.5,
      psnr: 25,
      psnrGray: 0,
      photos: 2,
    },
  );
  assert.throws(() => summarize([]), RangeError);
});

Deno.test("early stopping without validations is refused, naming each option that prevents them", () => {
  assert.throws(
    () => parseTrainingConfig({ earlyStop: 3, validateEvery: 0, validationPhotos: 0 }),
    failsWith(
      "invalid_argument",
      /validateEvery must not be 0 with earlyStop.*validationPhotos must not be 0 with earlyStop/,
    ),
  );
  assert.equal(parseTrainingConfig({ validateEvery: 0 }).earlyStop, 0);
});

Deno.test("the sentence of an early stop names the step, the validations and the metric", () => {
  assert.equal(
    earlyStopSentence({ step: 40 }, { bestMetric: "ab-error", earlyStop: 3 }),
    "Stopped early after step 40: the last 3 validations brought no better ab-error.",
  );
});

Deno.test("the vivid difference is as bad for half the colour as for twice, and infinite for gray", () => {
  const vivid = (colorfulness: number) => {
    const measures = { psnr: 20, ssim: 0.9, deltaE2000: 5, abError: 9, l1: 0.06, colorfulness };
    return summarize([{ colorized: measures, gray: measures, realColorfulness: 40 }])
      .vividDeltaE2000;
  };
  assert.deepEqual([20, 40, 80, 0].map(vivid), [10, 5, 10, Infinity]);
});
