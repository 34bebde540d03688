import assert from "assert";
import {
  batchNormSpec,
  convolutionSpec,
  countParameters,
  isTrainable,
  type ParameterSpec,
  pytorchShape,
} from "../../src/model/parameters.ts";
import { discriminatorNorm } from "../../src/config/losses.ts";
import { idleTensors } from "../../src/model/generator_layers.ts";
import { generatorArchitecture } from "../../src/model/generators.ts";
import { patchganParameters } from "../../src/model/patchgan.ts";
import { unetParameters } from "../../src/model/unet_layers.ts";
import { fixtureConfig, fixtureNames, fixtureTensors } from "./fixture.ts";

/** Names with shapes, in the order of the names. */
function sorted(entries: Iterable<readonly [string, readonly number[]]>): string[] {
  return [...entries].map(([name, shape]) => `${name} [${shape}]`).sort();
}

function described(specs: readonly ParameterSpec[]): string[] {
  return sorted(specs.map((spec) => [spec.name, pytorchShape(spec)] as const));
}

for (const name of fixtureNames()) {
  Deno.test(`names and shapes are those of the PyTorch networks of ${name}`, async () => {
    const config = fixtureConfig(name);
    const networks = {
      generator: generatorArchitecture(config).parameters,
      discriminator: patchganParameters({ ...config, norm: discriminatorNorm(config) }),
    };
    for (const [network, specs] of Object.entries(networks)) {
      const tensors = await fixtureTensors(name, `${network}_init.safetensors`);
      const idle = network === "generator" ? idleTensors(config) : [];
      const expected = [...tensors].filter(([name]) => !idle.includes(name))
        .map(([name, { shape }]) => [name, shape] as const);
      assert.equal(expected.length, tensors.size - idle.length);
      assert.deepEqual(described(specs), sorted(expected));
    }
  });
}

Deno.test("the full-size networks have as many parameters as PyTorch's", () => {
  assert.equal(countParameters(unetParameters({ nDown: 8, ngf: 64, dropout: 0.5 })), 54_409_858);
  assert.equal(countParameters(patchganParameters({ ndf: 64, nLayers: 3 })), 2_765_633);
});

Deno.test("each tensor of a network has a name of its own", () => {
  for (let nDown = 5; nDown <= 10; nDown++) {
    const names = unetParameters({ nDown, ngf: 2, dropout: 0.5 }).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    // 2 convolutions a level; a norm of 4 after each but the outermost two and the innermost down.
    assert.equal(names.length, 2 * nDown + 1 + 4 * (2 * nDown - 3));
  }
  for (let nLayers = 1; nLayers <= 6; nLayers++) {
    const names = patchganParameters({ ndf: 2, nLayers }).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.equal(names.length, nLayers + 2 + 2 + 4 * nLayers);
  }
});

Deno.test("convolutionSpec() lays weights out by direction, with a bias where asked for", () => {
  assert.deepEqual(convolutionSpec("down", [3, 8]), [
    { name: "down.weight", shape: [4, 4, 3, 8], role: "convolution" },
  ]);
  assert.deepEqual(convolutionSpec("up", [8, 3], { kernel: 2, bias: true, transposed: true }), [
    { name: "up.weight", shape: [2, 2, 3, 8], role: "transposedConvolution" },
    { name: "up.bias", shape: [3], role: "bias" },
  ]);
});

Deno.test("running statistics are no parameters of the optimizer", () => {
  const specs = batchNormSpec("norm", 5);
  assert.deepEqual(specs.filter(isTrainable).map(({ name }) => name), ["norm.weight", "norm.bias"]);
  assert.equal(countParameters(specs), 10);
});
