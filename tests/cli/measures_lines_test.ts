import assert from "assert";
import type { StreamMetricsResponse__Output } from "../../src/protocol/generated/tinct/v1/stream_metrics_response.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { describeValidation } from "../../src/local_training/training_session.ts";
import { WatchView } from "../../src/client/watch_view.ts";
import { summarize } from "../../src/validation/measures.ts";
import { validationMessage } from "../../src/workers/validation_message.ts";

const measured = summarize([{
  colorized: { psnr: 24.5, ssim: 0.91, deltaE2000: 7.5, abError: 8.25, l1: 0.04, colorfulness: 30 },
  gray: { psnr: 18.5, ssim: 0.85, deltaE2000: 12.5, abError: 16.5, l1: 0.1, colorfulness: 0.5 },
  realColorfulness: 40,
}]);

Deno.test("the terminal's line of a validation names every measure beside the gray one", () => {
  assert.equal(
    describeValidation(measured),
    "PSNR 24.50 dB (gray 18.50), SSIM 0.910 (0.850), ΔE 7.50 (12.50), ab error 8.25 (16.50), " +
      "L1 0.040 (0.100), colourfulness 30.0 (75% of the real), 1 photo",
  );
});

Deno.test("watch shows the measures of validations and sample sheets, those that were taken", () => {
  const { responseSerialize, responseDeserialize } = loadPublicContract()
    .service("tinct.v1.ColorizationService").StreamMetrics;
  const lines: string[] = [];
  const view = new WatchView({ write: (text) => lines.push(text) });
  const show = (message: Parameters<typeof responseSerialize>[0]) =>
    view.show(responseDeserialize(responseSerialize(message)) as StreamMetricsResponse__Output);
  const validation = validationMessage(4, measured);
  const all = "PSNR 24.50 dB (gray 18.50), SSIM 0.910 (gray 0.850), ΔE 7.50 (gray 12.50), " +
    "ab error 8.25 (gray 16.50), L1 0.040 (gray 0.100), colourfulness 30.0 (75% of the real)";
  const prepare = (seconds: number, photosDone: number, photosTotal: number) => {
    const progress = { phase: "TRAINING_PHASE_PREPARING" as const, photosDone, photosTotal };
    show({ time: { seconds, nanos: 0 }, heartbeat: { progress } });
  };
  prepare(1, 0, 0);
  prepare(2, 0, 0);
  prepare(3, 1, 1500);
  prepare(4, 40, 1500);
  prepare(13, 800, 1500);
  assert.deepEqual(lines.splice(0), [
    "preparing  looking at the photos\n",
    "preparing  1 of 1,500 photos  0%\n",
    "preparing  800 of 1,500 photos  53%\n",
  ]);
  show({ validation: { ...validation, best: true } });
  show({ sample: { step: 4, width: 20, height: 10, measures: validation } });
  show({ sample: { step: 5, width: 20, height: 10 } });
  show({ validation: { step: 6, psnrDb: 20 } });
  assert.deepEqual(lines, [
    `Step 4: validation ${all}, the best so far\n`,
    `Step 4: sample sheet 20x10, ${all}\n`,
    "Step 5: sample sheet 20x10\n",
    "Step 6: validation PSNR 20.00 dB\n",
  ]);
});
