import assert from "assert";
import { type Init, initialValue } from "../../src/model/initializers.ts";
import type { ParameterRole, ParameterSpec } from "../../src/model/parameters.ts";
import { discriminatorNorm } from "../../src/config/losses.ts";
import { patchganParameters } from "../../src/model/patchgan.ts";
import { generatorArchitecture } from "../../src/model/generators.ts";
import { engineTest, valuesOf } from "../engine/test_engine.ts";
import { fixtureConfig, fixtureNames, fixtureTensors } from "./fixture.ts";

function drawn(
  spec: Omit<ParameterSpec, "name">,
  options: { init: Init; gain: number; seed?: readonly [number, number] },
): number[] {
  return valuesOf(() => initialValue({ name: "drawn", ...spec }, { seed: [7, 3], ...options }));
}

function statistics(values: ArrayLike<number>): { mean: number; deviation: number } {
  const numbers = Array.from(values);
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / numbers.length) };
}

// By PyTorch's rules: fan-in is kh kw times the second dimension of its weight, fan-out that of the
// first; for a transposed convolution, [in, out, kh, kw], "in" counts the outputs.
const cases: [role: ParameterRole, shape: number[], init: Init, gain: number, deviation: number][] =
  [
    ["convolution", [4, 4, 32, 64], "normal", 0.02, 0.02],
    ["transposedConvolution", [4, 4, 32, 64], "normal", 0.3, 0.3],
    ["convolution", [4, 4, 32, 64], "xavier", 1, Math.sqrt(2 / (16 * 32 + 16 * 64))],
    ["convolution", [4, 4, 32, 64], "xavier", 0.02, 0.02 * Math.sqrt(2 / (16 * 32 + 16 * 64))],
    ["transposedConvolution", [4, 4, 64, 32], "xavier", 1, Math.sqrt(2 / (16 * 32 + 16 * 64))],
    ["convolution", [3, 5, 32, 64], "kaiming", 0.02, Math.sqrt(2 / (15 * 32))], // the gain is not used
    ["convolution", [4, 4, 64, 32], "kaiming", 1, Math.sqrt(2 / (16 * 64))],
    ["transposedConvolution", [4, 4, 64, 32], "kaiming", 1, Math.sqrt(2 / (16 * 64))],
    ["transposedConvolution", [4, 4, 16, 128], "kaiming", 1, Math.sqrt(2 / (16 * 16))],
  ];

for (const [role, shape, init, gain, expected] of cases) {
  engineTest(
    `${init} weights of a ${role} [${shape}] at gain ${gain} are as wide as PyTorch's`,
    () => {
      const values = drawn({ role, shape }, { init, gain });
      const { mean, deviation } = statistics(values);
      // Five standard errors of n draws of a fixed seed.
      assert.ok(Math.abs(mean) < 5 * expected / Math.sqrt(values.length));
      const difference = Math.abs(deviation / expected - 1);
      assert.ok(difference < 5 / Math.sqrt(2 * values.length), `${deviation} is not ${expected}`);
    },
  );
}

engineTest(
  "batch norms start around 1 with the gain's deviation, everything else at 0 or 1",
  () => {
    for (const init of ["normal", "xavier", "kaiming"] as const) {
      const { mean, deviation } = statistics(
        drawn({ role: "scale", shape: [8192] }, { init, gain: 0.02 }),
      );
      assert.ok(Math.abs(mean - 1) < 5 * 0.02 / Math.sqrt(8192), `mean ${mean}`);
      assert.ok(Math.abs(deviation / 0.02 - 1) < 5 / Math.sqrt(2 * 8192), `deviation ${deviation}`);
      const constants: [ParameterRole, number][] = [
        ["offset", 0],
        ["bias", 0],
        ["runningMean", 0],
        ["runningVariance", 1],
      ];
      for (const [role, value] of constants) {
        assert.deepEqual(drawn({ role, shape: [3] }, { init, gain: 0.02 }), [value, value, value]);
      }
    }
  },
);

engineTest("a draw follows from its seed and the parameter's number", () => {
  const spec = { role: "convolution", shape: [2, 2, 2, 2] } as const;
  const draw = (seed: readonly [number, number]) => drawn(spec, { init: "normal", gain: 1, seed });
  const first = draw([5, 0]);
  assert.deepEqual(draw([5, 0]), first);
  for (const seed of [[5, 1], [6, 0]] as const) {
    assert.equal(draw(seed).filter((value, i) => value === first[i]).length, 0);
  }
});

for (const name of fixtureNames()) {
  if (name === "ddcolor_tiny") continue; // drawn so that each layer shows, not as a training begins
  engineTest(`weights are as wide as those that PyTorch drew for ${name}`, async () => {
    const { init, initGain: gain, ...config } = fixtureConfig(name);
    const networks = {
      generator: generatorArchitecture(config).parameters,
      discriminator: patchganParameters({ ...config, norm: discriminatorNorm(config) }),
    };
    let compared = 0;
    for (const [network, specs] of Object.entries(networks)) {
      const tensors = await fixtureTensors(name, `${network}_init.safetensors`);
      for (const spec of specs) {
        const { values } = tensors.get(spec.name)!;
        if (values.length < 512 || spec.shape.length !== 4) continue;
        if (spec.start === "shuffled") continue; // four of them are equal
        const expected = statistics(values).deviation;
        const { deviation } = statistics(drawn(spec, { init, gain }));
        // Both were drawn: five standard errors of their ratio, at most 0.22.
        const bound = 5 / Math.sqrt(values.length);
        assert.ok(
          Math.abs(deviation / expected - 1) < bound,
          `${spec.name}: ${deviation}, ${expected}`,
        );
        compared++;
      }
    }
    assert.ok(compared >= 6, `${compared} tensors are large enough to tell`);
  });
}
