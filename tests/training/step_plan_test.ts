import assert from "assert";
import { stepParts, type StepPlan, stepPlan } from "../../src/training/step_plan.ts";

function plans(count: number, config: Parameters<typeof stepPlan>[1]): StepPlan[] {
  return Array.from({ length: count }, (_, i) => stepPlan(i + 1, config));
}

Deno.test("with the defaults both networks learn in every step", () => {
  for (const [i, plan] of plans(5, { pretrainSteps: 0, criticSteps: 0, nCritic: 1 }).entries()) {
    const updates = i + 1;
    assert.deepEqual(plan, {
      discriminator: true,
      generator: "gan",
      updatesD: updates,
      updatesG: updates,
    });
  }
});

Deno.test("first L1 alone, then the generator learns in each nCritic-th step", () => {
  const told = plans(9, { pretrainSteps: 2, criticSteps: 0, nCritic: 3 })
    .map(({ discriminator, generator, updatesD, updatesG }) =>
      `${discriminator ? "D" : "-"} ${generator} ${updatesD} ${updatesG}`
    );
  assert.deepEqual(told, [
    "- l1 0 1",
    "- l1 0 2",
    "D none 1 2",
    "D none 2 2",
    "D gan 3 3",
    "D none 4 3",
    "D none 5 3",
    "D gan 6 4",
    "D none 7 4",
  ]);
});

Deno.test("between L1 alone and the GAN the discriminator learns alone", () => {
  const told = plans(7, { pretrainSteps: 1, criticSteps: 3, nCritic: 2 })
    .map(({ discriminator, generator, updatesD, updatesG }) =>
      `${discriminator ? "D" : "-"} ${generator} ${updatesD} ${updatesG}`
    );
  assert.deepEqual(told, [
    "- l1 0 1",
    "D none 1 1",
    "D none 2 1",
    "D none 3 1",
    "D none 4 1",
    "D gan 5 2",
    "D none 6 2",
  ]);
});

Deno.test("one batch is one part; of several the discriminator sees all, then the generator", () => {
  const told = (step: number, accumulate: number) =>
    stepParts(stepPlan(step, { pretrainSteps: 1, criticSteps: 0, nCritic: 2 }), accumulate)
      .map(({ discriminator, generator, batch, learning, still }) =>
        `${discriminator ? "D" : "-"} ${generator} ${batch} ${learning}${still ? " still" : ""}`
      );
  assert.deepEqual(told(1, 1), ["- l1 0 move"]);
  assert.deepEqual(told(2, 1), ["D none 0 move"]);
  assert.deepEqual(told(3, 1), ["D gan 0 move"]);
  assert.deepEqual(told(1, 2), ["- l1 0 sum", "- l1 1 sum and move"]);
  assert.deepEqual(told(2, 2), ["D none 0 sum", "D none 1 sum and move"]);
  assert.deepEqual(told(3, 3), [
    "D none 0 sum still",
    "D none 1 sum still",
    "D none 2 sum and move still",
    "- gan 0 sum",
    "- gan 1 sum",
    "- gan 2 sum and move",
  ]);
});
