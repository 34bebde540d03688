import assert from "assert";
import { JsonFields } from "../../src/files/json_fields.ts";
import type { Losses } from "../../src/training/compiled_step.ts";
import { AverageMeter, LossMeters } from "../../src/training/meters.ts";
import { lossNames } from "../../src/training/step.ts";

/** Losses that binary fractions do not hold exactly. */
function lossesOf(step: number): Losses {
  const entries = lossNames.map((name, index) => [name, 0.1 * step + 0.7 * index]);
  return Object.fromEntries(entries) as Losses;
}

Deno.test("a meter's mean is that of the values since it was reset", () => {
  const meter = new AverageMeter();
  assert.ok(Number.isNaN(meter.mean));
  for (const value of [1, 2, 6]) meter.add(value);
  assert.equal(meter.mean, 3);
  meter.reset();
  meter.add(5);
  assert.equal(meter.mean, 5);
});

Deno.test("meters restored from JSON go on to the same means, to the bit", () => {
  const whole = new LossMeters();
  const before = new LossMeters();
  for (let step = 1; step <= 3; step++) {
    whole.add(lossesOf(step));
    before.add(lossesOf(step));
  }
  const after = new LossMeters();
  after.restore(new JsonFields(JSON.parse(JSON.stringify(before.save())), "a test"));
  for (let step = 4; step <= 10; step++) {
    whole.add(lossesOf(step));
    after.add(lossesOf(step));
  }
  assert.deepEqual(after.means(), whole.means());
  assert.ok(Math.abs(whole.means().loss_D_fake! - 0.55) < 1e-12);
});

Deno.test("a loss's mean is over the steps that had it, and absent where none had", () => {
  const meters = new LossMeters();
  meters.add({ loss_D: 1 });
  meters.add({ loss_D: 2, loss_G: 10 });
  meters.add({ loss_D: 6 });
  assert.deepEqual(meters.means(), { loss_D: 3, loss_G: 10 });
  meters.reset();
  assert.deepEqual(meters.means(), {});
  meters.add({ loss_G: 4 });
  assert.deepEqual(meters.means(), { loss_G: 4 });
});

Deno.test("meters of an earlier version, which knew fewer losses, are read", () => {
  const meters = new LossMeters();
  meters.restore(new JsonFields({ loss_D: [6, 2] }, "checkpoint.json"));
  assert.deepEqual(meters.means(), { loss_D: 3 });
});
