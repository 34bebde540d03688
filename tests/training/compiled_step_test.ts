import assert from "assert";
import tf from "@tensorflow/tfjs";
import { parseTrainingConfig, type TrainingConfig } from "../../src/config/training.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Variable } from "../../src/engine/variable.ts";
import type { Network } from "../../src/model/network.ts";
import { CompiledStep, type Losses } from "../../src/training/compiled_step.ts";
import { Gan } from "../../src/training/gan.ts";
import { assertClose, engineTest, valuesOf } from "../engine/test_engine.ts";
import { smallOptions } from "./small_training.ts";

function configOf(given: Readonly<Record<string, unknown>> = {}): TrainingConfig {
  return parseTrainingConfig({ ...smallOptions, ...given });
}

/** Bytes of photos that look random; other ones for another number. */
function photos(count: number, first = 0): Uint8Array {
  const bytes = 32 * 32 * 3;
  return new Uint8Array(count * bytes).map((_, i) => ((i + first * bytes) * 2654435761) >>> 24);
}

/** Every value of a network by its name. */
function stateOf(network: Network): Record<string, number[]> {
  return Object.fromEntries(
    [...network.variables].map(([name, variable]) => [name, valuesOf(() => variable.read())]),
  );
}

const rates = { lrG: 1e-3, lrD: 1e-3 };

/** What two networks are before and after each of some steps, and the steps' losses. */
async function course(
  engine: Engine,
  given: Readonly<Record<string, unknown>>,
  steps: number,
): Promise<{ losses: Losses[]; moved: string[]; nodes: number }> {
  const config = configOf(given);
  using gan = new Gan(engine, config);
  using step = new CompiledStep(gan, config);
  const losses: Losses[] = [];
  const moved: string[] = [];
  const weights = (network: Network) =>
    network.trainable().map((variable) => valuesOf(() => variable.read()));
  for (let at = 1; at <= steps; at++) {
    const before = [gan.generator, gan.discriminator].map(weights);
    losses.push(await step.run(photos(2 * config.accumulate, at), at, rates));
    const after = [gan.generator, gan.discriminator].map(weights);
    moved.push(
      ["G", "D"].filter((_, i) => JSON.stringify(after[i]) !== JSON.stringify(before[i])).join(""),
    );
  }
  return { losses, moved, nodes: step.nodeCount };
}

engineTest(
  "with the defaults a step is the graph that it was before there were options",
  (engine) => {
    // Counted where equal constants became one, in graphs of 2,358 and 2,361 nodes until then, as they
    // were before the first of the options.
    const lsgan = { ganMode: "lsgan", labelReal: 0.9, flip: false };
    for (const [given, nodes] of [[{}, 1397], [lsgan, 1395]] as const) {
      const config = configOf({ size: 64, nDown: 6, nLayers: 3, ...given });
      using gan = new Gan(engine, config);
      using step = new CompiledStep(gan, config);
      step.prepare(2);
      assert.equal(step.nodeCount, nodes);
    }
  },
);

const ofD = ["loss_D_fake", "loss_D_real", "loss_D"];
const ofG = ["loss_G_GAN", "loss_G_L1", "loss_G"];

engineTest(
  "a step has the losses of the networks that learn in it, and of no other",
  async (engine) => {
    const { losses, moved } = await course(engine, { pretrainSteps: 2, nCritic: 2 }, 6);
    assert.deepEqual(moved, ["G", "G", "D", "GD", "D", "GD"]);
    const l1 = ["loss_G_L1", "loss_G"];
    assert.deepEqual(losses.map((of) => Object.keys(of)), [
      l1,
      l1,
      ofD,
      [...ofD, ...ofG],
      ofD,
      [...ofD, ...ofG],
    ]);
    for (const of of losses) assert.ok(Object.values(of).every(Number.isFinite));
    assert.equal(losses[0]!.loss_G, losses[0]!.loss_G_L1);
  },
);

engineTest("what a loss is made of adds up", async (engine) => {
  const given = { ganMode: "wgangp", lambdaColor: 20, gpWeight: 3 };
  const { losses: [of] } = await course(engine, given, 1);
  assert.deepEqual(Object.keys(of!), [...ofD, ...ofG, "loss_D_GP", "loss_G_color"]);
  assertClose([of!.loss_D!], [of!.loss_D_fake! + of!.loss_D_real! + of!.loss_D_GP!], {
    relative: 1e-5,
  });
  assertClose([of!.loss_G!], [of!.loss_G_GAN! + of!.loss_G_L1! + of!.loss_G_color!], {
    relative: 1e-5,
  });
  const { losses: [tripled] } = await course(engine, { ...given, gpWeight: 9 }, 1);
  assertClose([tripled!.loss_D_GP!], [3 * of!.loss_D_GP!], { relative: 1e-5 });
  const { losses: [hinge] } = await course(engine, { ganMode: "hinge" }, 1);
  assertClose([hinge!.loss_D!], [(hinge!.loss_D_fake! + hinge!.loss_D_real!) / 2], {
    relative: 1e-5,
  });
});

engineTest("each network's Adam counts its own updates", async (engine) => {
  // The first update moves every weight whose gradient is not tiny by the rate itself, whatever the
  // decays; counted as the third it would be 0.64 of it, with beta1 0.9 and beta2 0.999.
  const config = configOf({ beta1: 0.9, nCritic: 3, dropout: 0 });
  using gan = new Gan(engine, config);
  using step = new CompiledStep(gan, config);
  const variable = gan.generator.variable("model.model.3.weight");
  const before = valuesOf(() => variable.read());
  for (const at of [1, 2, 3]) await step.run(photos(2, at), at, { lrG: 1e-3, lrD: 1e-4 });
  const after = valuesOf(() => variable.read());
  const way = after.map((value, i) => Math.abs(value - before[i]!)).sort((a, b) => a - b);
  assertClose([way[Math.floor(way.length / 2)]!], [1e-3], { relative: 1e-2 });
});

engineTest(
  "the running statistics move once a batch, however often it is run forward",
  async (engine) => {
    const still = { lrG: 0, lrD: 0 };
    const given = { dropout: 0, flip: false };
    const states: Record<string, number[]>[] = [];
    for (const accumulate of [1, 2]) {
      const config = configOf({ ...given, accumulate });
      using gan = new Gan(engine, config);
      using step = new CompiledStep(gan, config);
      const both = photos(4);
      const half = both.length / 2;
      if (accumulate === 2) await step.run(both, 1, still);
      else {for (const at of [0, 1]) {
          await step.run(
            both.subarray(at * half, (at + 1) * half),
            at + 1,
            still,
          );
        }}
      states.push(stateOf(gan.generator));
    }
    assert.deepEqual(states[1], states[0]);
  },
);

/**
 * The U-Net's batch norms make a picture's result depend on its batch. With their scales at 0 they
 * give their offsets, whatever comes in: the skip connections still make results of each picture's
 * own, and everything but the scales' own gradients is a mean over pictures.
 */
function silenceBatchNorms(network: Network): void {
  for (const { name, role } of network.specs) {
    const value = role === "scale" ? 0 : role === "offset" ? 0.1 : undefined;
    if (value === undefined) continue;
    tf.tidy(() => network.variable(name).assign(tf.fill([...network.variable(name).shape], value)));
  }
}

for (
  const given of [
    { ganMode: "hinge", normD: "none" },
    { ganMode: "lsgan", normD: "instance", lambdaColor: 10 },
    { ganMode: "vanilla", normD: "none", pretrainSteps: 1 },
  ]
) {
  engineTest(`two batches of two are one of four: ${JSON.stringify(given)}`, async (engine) => {
    const made: {
      losses: Losses;
      moments: Map<string, number[]>;
    }[] = [];
    for (const [batchSize, accumulate] of [[4, 1], [2, 2]] as const) {
      const config = configOf({
        dropout: 0,
        flip: false,
        initGain: 0.2,
        ...given,
        batchSize,
        accumulate,
      });
      using gan = new Gan(engine, config);
      silenceBatchNorms(gan.generator);
      using step = new CompiledStep(gan, config);
      const losses = await step.run(photos(4), 1, rates);
      const compared = ({ specs }: Network, of: (name: string) => Variable) =>
        specs.filter(({ role }) => role !== "scale" && !role.startsWith("running"))
          .map(({ name }) => [name, valuesOf(() => of(name).read())] as const);
      made.push({
        losses,
        // After one step Adam's first moment is half of the gradient.
        moments: new Map([
          ...compared(gan.generator, (name) => gan.adamG.m.get(name)!),
          ...compared(gan.discriminator, (name) => gan.adamD.m.get(name)!),
        ]),
      });
    }
    const [whole, parts] = made as [typeof made[0], typeof made[0]];
    assert.deepEqual(Object.keys(parts.losses), Object.keys(whole.losses));
    for (const [name, value] of Object.entries(whole.losses)) {
      assertClose([parts.losses[name as keyof Losses]!], [value], { relative: 1e-5 });
    }
    // A bias before an instance norm has a gradient of nothing but rounding: of all others'.
    const all = Math.max(...[...whole.moments.values()].flat().map(Math.abs));
    let told = 0;
    for (const [name, expected] of whole.moments) {
      // Sums of up to 4 x 32 x 32 products, in another order.
      const largest = Math.max(...expected.map(Math.abs));
      assertClose(parts.moments.get(name)!, expected, { absolute: 1e-5 * largest + 1e-7 * all });
      if (largest > 1e-5 * all) told++;
    }
    assert.ok(told >= 4, `only ${told} tensors have a gradient to speak of`);
  });
}
