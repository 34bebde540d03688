import assert from "assert";
import { JsonFields } from "../../../src/files/json_fields.ts";
import { parseTrainingConfig } from "../../../src/config/training.ts";
import { discriminatorScale } from "../../../src/training/health/discriminator_scale.ts";
import { HealthWatch } from "../../../src/training/health/health_watch.ts";

/** Losses of a run that is well: near guessing, and an L1 that falls; with noise that repeats. */
function healthy(step: number) {
  const noise = (period: number) => Math.sin(step * 12.9898 + period) * Math.cos(step * 78.233);
  return {
    loss_D: 0.6 + 0.08 * noise(1),
    loss_G_GAN: 0.9 + 0.3 * noise(2),
    loss_G_L1: 8 + 20 * Math.exp(-step / 400) + 3 * noise(3),
  };
}

const watching = (given: Record<string, unknown> = {}) =>
  new HealthWatch(parseTrainingConfig(given));

Deno.test("a run that is well gives no finding in 5000 steps", () => {
  const watch = watching();
  for (let step = 1; step <= 5000; step++) assert.deepEqual(watch.step(step, healthy(step)), []);
});

Deno.test("a discriminator that stays near 0 is winning: once, and again when it had lost", () => {
  const watch = watching({ winningSteps: 50 });
  const found: unknown[] = [];
  for (let step = 1; step <= 400; step++) {
    // Under 0.05 ln 2 = 0.0347 from step 101 on, but for step 130 and steps 301 to 310.
    const low = step > 100 && step !== 130 && !(step > 300 && step <= 310);
    const losses = { ...healthy(step), loss_D: low ? 0.02 : 0.0347 };
    for (const finding of watch.step(step, losses)) found.push([step, finding]);
  }
  const numbers = { loss_D: 0.02, mean: 0.02, floor: 0.05 * Math.log(2) };
  const [first, second] = found as [number, { numbers: Record<string, number>; since: number }][];
  assert.equal(found.length, 2);
  assert.deepEqual([first![0], first![1].since], [180, 131]);
  assert.deepEqual([second![0], second![1].since], [360, 311]);
  for (const [name, value] of Object.entries(numbers)) {
    assert.ok(Math.abs((first![1].numbers[name] ?? NaN) - value) < 1e-12, name);
  }
  assert.match(
    (first![1] as unknown as { what: string }).what,
    /^loss_D stayed under 0\.0347 for 50 steps, 0\.02 on average \(guessing gives 0\.693\)/,
  );
});

Deno.test("a discriminator that learns alone may win", () => {
  const watch = watching({ pretrainSteps: 10, criticSteps: 100, winningSteps: 50 });
  const found: number[] = [];
  for (let step = 11; step <= 170; step++) {
    if (watch.step(step, { loss_D: 0.001 }).length > 0) found.push(step);
  }
  assert.deepEqual(found, [160], "50 steps after the two began to learn together");
});

Deno.test("the scale of loss_D follows the loss and the labels", () => {
  const scale = (ganMode: "vanilla" | "lsgan", labelReal = 1, labelFake = 0) =>
    discriminatorScale({ ganMode, labelReal, labelFake });
  assert.deepEqual(scale("vanilla"), { best: 0, guessing: Math.log(2) });
  assert.deepEqual(scale("lsgan"), { best: 0, guessing: 0.25 });
  assert.equal(scale("vanilla", 1.2), undefined);
  // By hand: the least cross-entropy with 0.9 is -0.9 ln 0.9 - 0.1 ln 0.1 = 0.32508; half of it.
  const soft = scale("vanilla", 0.9);
  assert.ok(Math.abs((soft?.best ?? 0) - 0.1625415) < 1e-6);
  // One answer p for both: minimize [CE(0.9, p) + CE(0, p)] / 2, which a scan finds too.
  let least = Infinity;
  for (let p = 0.001; p < 1; p += 0.0001) {
    const real = -0.9 * Math.log(p) - 0.1 * Math.log(1 - p);
    least = Math.min(least, (real - Math.log(1 - p)) / 2);
  }
  assert.ok(Math.abs((soft?.guessing ?? 0) - least) < 1e-6);
});

Deno.test("with soft labels, a discriminator near its own best is winning", () => {
  const watch = watching({ labelReal: 0.9, winningSteps: 20 });
  const best = 0.1625415;
  const run = (loss_D: number, first: number) => {
    for (let step = first; step < first + 20; step++) {
      const [finding] = watch.step(step, { ...healthy(step), loss_D });
      if (finding) return finding.check;
    }
    return undefined;
  };
  assert.equal(run(best + 0.05, 1), undefined);
  assert.equal(run(best + 0.01, 21), "discriminator_winning");
});

Deno.test("a loss far above its running median is a spike, told once a window", () => {
  const watch = watching({ spikeWindow: 50, spikeFactor: 4 });
  const found: [number, Record<string, unknown>][] = [];
  for (let step = 1; step <= 200; step++) {
    const isSpike = step === 20 || (step >= 100 && step <= 105) || step === 170;
    const losses = { ...healthy(1), loss_G_L1: isSpike ? 41 : step % 2 === 0 ? 9 : 11 };
    for (const { numbers } of watch.step(step, losses)) found.push([step, numbers]);
  }
  // Step 20: the window is not full yet. Steps 101 to 105: within a window of the one before.
  assert.deepEqual(found.map(([step]) => step), [100, 170]);
  assert.deepEqual(found[0]![1], { loss: "loss_G_L1", value: 41, median: 10, limit: 40 });
});

Deno.test("losses of a GAN that are small anyway may grow up to guessing without alarm", () => {
  const watch = watching({ spikeWindow: 10, spikeFactor: 2 });
  const at = (step: number, loss_D: number) => watch.step(step, { ...healthy(1), loss_D });
  for (let step = 1; step <= 20; step++) assert.deepEqual(at(step, 0.001), []);
  assert.deepEqual(at(21, 1.38), []); // 1380 times the median, and under 2 ln 2
  assert.deepEqual(at(22, 1.39).map(({ check }) => check), ["loss_spike"]);
});

Deno.test("photos that stay gray are a collapse; a short gray beginning is none", () => {
  const watch = watching({ grayRatio: 0.2, grayValidations: 3 });
  const ratios = [0.01, 0.15, 0.4, 0.19, 0.1, 0.25, 0.12, 0.11, 0.1, 0.1, 0.3, 0.1, 0.1, 0.1];
  const found = ratios.flatMap((ratio, index) =>
    watch.validation((index + 1) * 500, ratio).map(({ numbers }) => [(index + 1) * 500, numbers])
  );
  assert.deepEqual(found, [
    [4500, { ratio: 0.1, floor: 0.2, since: 3500 }],
    [7000, { ratio: 0.1, floor: 0.2, since: 6000 }],
  ]);
  assert.deepEqual(watch.validation(7500, NaN), []);
});

Deno.test("a watch that was saved and restored finds what one that went on finds", () => {
  const given = { spikeWindow: 30, spikeFactor: 3, winningSteps: 40, grayValidations: 2 };
  const events = (watch: HealthWatch, from: number, to: number) => {
    const found: unknown[] = [];
    for (let step = from; step <= to; step++) {
      const loss_D = step > 60 && step < 140 ? 0.01 : 0.6;
      const loss_G_L1 = step % 37 === 0 ? 90 : 10 + step % 3;
      found.push(...watch.step(step, { loss_D, loss_G_GAN: 1, loss_G_L1 }));
      if (step % 10 === 0) found.push(...watch.validation(step, step < 120 ? 0.1 : 0.5));
    }
    return found;
  };
  const whole = events(watching(given), 1, 200);
  assert.ok(whole.length >= 6, `${whole.length} findings`);
  for (const cut of [15, 74, 79, 100, 139]) {
    const first = watching(given);
    const before = events(first, 1, cut);
    const second = watching(given);
    second.restore(new JsonFields(JSON.parse(JSON.stringify(first.save())), "a test"));
    assert.deepEqual([...before, ...events(second, cut + 1, 200)], whole, `cut at ${cut}`);
  }
});

Deno.test("what is off is not watched", () => {
  const off = { onDiscriminatorWinning: "off", onGrayCollapse: "off", onLossSpike: "off" };
  const watch = watching({ ...off, winningSteps: 1, grayValidations: 1, spikeWindow: 10 });
  for (let step = 1; step <= 50; step++) {
    const wild = { loss_D: 0, loss_G_GAN: step === 40 ? 1e6 : 1, loss_G_L1: step === 40 ? 1e6 : 1 };
    assert.deepEqual(watch.step(step, wild), []);
    assert.deepEqual(watch.validation(step, 0), []);
  }
});
