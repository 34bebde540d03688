import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import {
  colorfulness,
  colorfulnessLoss,
  discriminatorLoss,
  ganLoss,
  generatorLoss,
  gradientPenalty,
} from "../../src/model/losses.ts";
import { patchgan, patchganParameters } from "../../src/model/patchgan.ts";
import { assertSlopes } from "../engine/kernels/differences.ts";
import { assertClose, engineTest, valuesOf } from "../engine/test_engine.ts";

function patchesOf(answers: readonly number[]): Tensor {
  return tf.tensor4d([...answers], [1, 1, answers.length, 1]);
}

const answers = [-3, -1, -0.25, 0.5, 1, 2];

/** The value of a loss of `answers` and its gradient by each. */
function lossOf(loss: (patches: Tensor) => Tensor): [value: number, gradient: number[]] {
  return [
    valuesOf(() => loss(patchesOf(answers)))[0]!,
    valuesOf(() => tf.grad(loss)(patchesOf(answers))),
  ];
}

engineTest(
  "the Wasserstein losses are means of the answers, up for real, down for generated",
  () => {
    const options = { ganMode: "wgangp", labelReal: 1, labelFake: 0 } as const;
    const mean = -0.75 / 6;
    const cases = [
      [(x: Tensor) => discriminatorLoss(x, "fake", options), mean, 1 / 6],
      [(x: Tensor) => discriminatorLoss(x, "real", options), -mean, -1 / 6],
      [(x: Tensor) => generatorLoss(x, "wgangp"), -mean, -1 / 6],
    ] as const;
    for (const [loss, value, slope] of cases) {
      const [actual, gradient] = lossOf(loss);
      assertClose([actual], [value], { absolute: 1e-7 });
      assertClose(gradient, answers.map(() => slope), { absolute: 1e-7 });
    }
  },
);

engineTest("the hinge wants margins of 1, and no more; the generator has no margin", () => {
  const options = { ganMode: "hinge", labelReal: 1, labelFake: 0 } as const;
  // real: max(0, 1 - x): 4, 2, 1.25, 0.5, 0, 0; fake: max(0, 1 + x): 0, 0, 0.75, 1.5, 2, 3
  const [real, byReal] = lossOf((x) => discriminatorLoss(x, "real", options));
  assertClose([real], [7.75 / 6], { relative: 1e-6 });
  assertClose(byReal, [-1, -1, -1, -1, 0, 0].map((x) => x / 6), { absolute: 1e-7 });
  const [fake, byFake] = lossOf((x) => discriminatorLoss(x, "fake", options));
  assertClose([fake], [7.25 / 6], { relative: 1e-6 });
  assertClose(byFake, [0, 0, 1, 1, 1, 1].map((x) => x / 6), { absolute: 1e-7 });
  const [made, byMade] = lossOf((x) => generatorLoss(x, "hinge"));
  assertClose([made], [0.125], { relative: 1e-6 });
  assertClose(byMade, answers.map(() => -1 / 6), { absolute: 1e-7 });
});

engineTest("vanilla and lsgan compare with their labels, and the generator with 1", () => {
  for (const ganMode of ["vanilla", "lsgan"] as const) {
    const options = { ganMode, labelReal: 0.9, labelFake: 0.1 };
    const cases = [
      [(x: Tensor) => discriminatorLoss(x, "real", options), 0.9],
      [(x: Tensor) => discriminatorLoss(x, "fake", options), 0.1],
      [(x: Tensor) => generatorLoss(x, ganMode), 1],
    ] as const;
    for (const [loss, target] of cases) {
      assert.deepEqual(lossOf(loss), lossOf((x) => ganLoss(x, target, ganMode)));
    }
  }
});

engineTest("the penalty of a linear critic is that of its slope, picture by picture", () => {
  tf.tidy(() => {
    // The answer on a picture is 2 x sum of its 3 numbers, as the mean of two patches.
    const critic = (x: Tensor) => {
      const sum = tf.sum(x, [1, 2, 3], true);
      return tf.concat([tf.mul(sum, 1), tf.mul(sum, 3)], 2); // [B, 1, 2, 1]
    };
    const slope = 2 * Math.sqrt(3);
    const pictures = tf.tensor4d([1, 2, 3, -4, 5, 6], [2, 1, 1, 3]);
    assertClose(gradientPenalty(critic, pictures).dataSync(), [(slope - 1) ** 2], {
      relative: 1e-6,
    });
    // Slopes of 2 |x| per number: x^2, so of 2 sqrt(14) and 2 sqrt(77) here.
    const square = (x: Tensor) => tf.sum(tf.square(x), [1, 2, 3], true);
    const expected = ((2 * Math.sqrt(14) - 1) ** 2 + (2 * Math.sqrt(77) - 1) ** 2) / 2;
    assertClose(gradientPenalty(square, pictures).dataSync(), [expected], { relative: 1e-6 });
    // A critic that is flat has a slope of 0, and a finite gradient.
    const flat = (scale: Tensor) => gradientPenalty((x) => tf.mul(critic(x), scale), pictures);
    const zero = tf.scalar(0);
    assertClose(flat(zero).dataSync(), [1], { absolute: 1e-6 });
    assert.ok(Number.isFinite(tf.grad(flat)(zero).dataSync()[0]!));
  });
});

/**
 * Where an activation bends, the slope of a critic jumps, and so does its penalty: differences see
 * that, a gradient does not. So the large critic has no bends, and the one with bends so few
 * activations that a small step crosses none.
 */
const critics = {
  "large, no bends": { shape: [2, 34, 36, 3], nLayers: 2, leakySlope: 1, step: 3e-3 },
  "small, with bends": { shape: [1, 8, 8, 3], nLayers: 1, leakySlope: 0.2, step: 1e-4 },
} as const;

for (
  const [norm, name] of [
    ["instance", "large, no bends"],
    ["instance", "small, with bends"],
    ["none", "large, no bends"],
    ["none", "small, with bends"],
  ] as const
) {
  engineTest(
    `the penalty's gradient by a PatchGAN's weights, by differences: ${norm}, ${name}`,
    () => {
      const { shape, step, ...given } = critics[name];
      const config = { ndf: 3, ...given, norm };
      const specs = patchganParameters(config);
      const drawn = specs.map(({ shape }, i) =>
        tf.randomNormal([...shape], 0, 0.3, "float32", i + 1)
      );
      // A bias moves no slope but where it bends, and then not at all: differences could not tell.
      const isWeight = specs.map(({ shape }) => shape.length === 4);
      const weights = drawn.filter((_, i) => isWeight[i]);
      // Odd and even sides, many rows and few: all three ways of computing convolutions.
      const pictures = tf.randomNormal([...shape], 0, 1, "float32", 99);
      const penalty = (...weights: Tensor[]) => {
        const parameter = (name: string) => {
          const at = specs.findIndex((spec) => spec.name === name);
          const before = isWeight.slice(0, at).filter(Boolean).length;
          return isWeight[at] ? weights[before]! : drawn[at]!;
        };
        const unused = (): never => {
          throw new TypeError("This critic has no batch norm, spectral norm and dropout.");
        };
        const forward = {
          parameter,
          batchNorm: unused,
          spectralWeight: unused,
          dropout: unused,
        };
        return gradientPenalty((x) => patchgan(x, forward, config), pictures);
      };
      assertSlopes(penalty, weights, { step, relative: 1e-2 });
      tf.dispose([pictures, ...drawn]);
    },
  );
}

/** Hasler & Suesstrunk's first measure in CIELAB, in float64. */
function colorfulnessOf(ab: readonly (readonly [number, number])[]): number {
  const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const [a, b] = [ab.map(([a]) => a), ab.map(([, b]) => b)];
  const variance = (values: number[]) => mean(values.map((x) => (x - mean(values)) ** 2));
  return Math.hypot(Math.sqrt(variance(a)), Math.sqrt(variance(b))) +
    0.37 * Math.hypot(mean(a), mean(b));
}

engineTest("colourfulness is Hasler and Suesstrunk's in ab, of each picture by itself", () => {
  const pictures: (readonly [number, number])[][] = [
    [[0.1, -0.2], [0.4, 0.3], [-0.5, 0.25], [0.3, 0.3]],
    [[0.2, 0.1], [0.2, 0.1], [0.2, 0.1], [0.2, 0.1]],
  ];
  const tensor = (of: typeof pictures) => tf.tensor4d(of.flat(2), [of.length, 2, 2, 2]);
  const expected = pictures.map(colorfulnessOf);
  // What keeps the roots' slopes finite adds up to sqrt(1e-10) to a spread of 0.
  assertClose(valuesOf(() => colorfulness(tensor(pictures))), expected, { absolute: 1.1e-5 });
  const gray = [[[0, 0], [0, 0], [0, 0], [0, 0]]] as const;
  assert.ok(valuesOf(() => colorfulness(tf.tensor4d(gray.flat(2), [1, 2, 2, 2])))[0]! < 2e-5);
  // Too colourful and too gray count alike, and do not cancel over a batch.
  const swapped = [pictures[1]!, pictures[0]!];
  assertClose(
    valuesOf(() => colorfulnessLoss(tensor(pictures), tensor(swapped))),
    [Math.abs(expected[0]! - expected[1]!)],
    { absolute: 1.1e-5 },
  );
});

engineTest("the colourfulness loss has the gradient that differences find, also of gray", () => {
  const [fake, ab] = [1, 2].map((seed) => tf.randomNormal([3, 5, 4, 2], 0, 0.2, "float32", seed));
  assertSlopes((fake) => colorfulnessLoss(fake!, ab!), [fake!], { step: 1e-2, relative: 5e-3 });
  const gradient = valuesOf(() =>
    tf.grad((x: Tensor) => colorfulnessLoss(x, ab!))(tf.zerosLike(ab!))
  );
  assert.ok(gradient.every(Number.isFinite));
  tf.dispose([fake!, ab!]);
});
