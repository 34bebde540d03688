import assert from "assert";
import { createHash } from "node:crypto";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { generatorArchitecture } from "../../src/model/generators.ts";
import { countParameters, pytorchShape } from "../../src/model/parameters.ts";

/** Of the tensors' names and shapes in PyTorch's order. */
function fingerprint(given: Record<string, unknown>): string {
  const text = generatorArchitecture(parseTrainingConfig(given)).parameters
    .map((spec) => `${spec.name} [${pytorchShape(spec)}]`).join("\n");
  return createHash("sha256").update(text).digest("hex");
}

Deno.test("the default generator is the U-Net that it was before there were others", () => {
  const architecture = generatorArchitecture(parseTrainingConfig({}));
  assert.equal(countParameters(architecture.parameters), 54_409_858);
  assert.deepEqual(
    [architecture.multiple, architecture.isBounded, architecture.encoderPrefix],
    [256, true, undefined],
  );
  // Taken of version 0.1.0.
  assert.equal(fingerprint({}), "7c6c41d8ef8dddf1579aae4cf999af5182473bc62dbdcee3aa5738ad6e113f0b");
});

Deno.test("a configuration from before there were generators is the U-Net's", () => {
  const { generator: _, decoderNorm: _norm, ...older } = parseTrainingConfig({ nDown: 7 });
  assert.equal(parseTrainingConfig(older).generator, "unet");
  assert.equal(fingerprint(older), fingerprint({ nDown: 7 }));
});

for (
  const [generator, decoderNorm, parameters] of [
    // The tutorial's own generator, as PyTorch counts it.
    ["resnet18", "none", 31_099_672],
    ["resnet18", "batch", 31_107_610],
    ["resnet18", "spectral", 31_107_032],
    ["resnet34", "none", 41_207_832],
    ["resnet34", "batch", 41_215_770],
  ] as const
) {
  Deno.test(`${generator} with decoder norm ${decoderNorm} has ${parameters} parameters`, () => {
    const config = parseTrainingConfig({ generator, decoderNorm });
    const { parameters: specs, multiple, isBounded } = generatorArchitecture(config);
    assert.equal(countParameters(specs), parameters);
    assert.deepEqual([multiple, isBounded], [32, false]);
    assert.equal(new Set(specs.map(({ name }) => name)).size, specs.length);
  });
}

Deno.test("ddcolor-tiny has the published network's parameters but for a norm that it does not use", () => {
  const { parameters: specs, multiple, isBounded, encoderPrefix } = generatorArchitecture(
    parseTrainingConfig({ generator: "ddcolor-tiny" }),
  );
  assert.equal(countParameters(specs), 55_006_640 - 2 * 768);
  assert.deepEqual([multiple, isBounded, encoderPrefix], [32, false, "encoder."]);
  const shapes = new Map(specs.map((spec) => [spec.name, pytorchShape(spec)]));
  const expected: Record<string, number[]> = {
    "encoder.arch.downsample_layers.0.0.weight": [96, 3, 4, 4],
    "encoder.arch.downsample_layers.3.1.weight": [768, 384, 2, 2],
    "encoder.arch.stages.2.8.dwconv.weight": [384, 1, 7, 7],
    "encoder.arch.stages.3.2.pwconv1.weight": [3072, 768],
    "encoder.arch.norm3.bias": [768],
    "decoder.layers.0.shuf.conv.0.weight_orig": [2048, 768, 1, 1],
    "decoder.layers.2.conv.0.weight_v": [(256 + 96) * 9],
    "decoder.last_shuf.conv.0.bias": [4096],
    "decoder.color_decoder.transformer_cross_attention_layers.8.multihead_attn.in_proj_weight": [
      ...[768, 256],
    ],
    "decoder.color_decoder.query_feat.weight": [100, 256],
    "refine_net.0.0.weight_orig": [2, 103, 1, 1],
  };
  for (const [name, shape] of Object.entries(expected)) {
    assert.deepEqual(shapes.get(name), shape, name);
  }
});

Deno.test("the tensors of resnet18 are called as fastai calls them", () => {
  const { parameters } = generatorArchitecture(parseTrainingConfig({ generator: "resnet18" }));
  const shapes = new Map(parameters.map((spec) => [spec.name, pytorchShape(spec)]));
  const expected: Record<string, number[]> = {
    "layers.0.0.weight": [64, 1, 7, 7],
    "layers.0.1.running_var": [64],
    "layers.0.4.1.conv2.weight": [64, 64, 3, 3],
    "layers.0.7.0.downsample.0.weight": [512, 256, 1, 1],
    "layers.1.weight": [512],
    "layers.3.0.0.weight": [1024, 512, 3, 3],
    "layers.3.1.0.bias": [512],
    "layers.4.shuf.0.0.weight": [1024, 512, 1, 1],
    "layers.5.bn.bias": [128],
    "layers.6.conv1.0.weight": [256, 256, 3, 3],
    "layers.7.conv1.0.weight": [96, 192, 3, 3],
    "layers.8.0.0.weight": [384, 96, 1, 1],
    "layers.11.convpath.1.0.weight": [97, 97, 3, 3],
    "layers.12.0.weight": [2, 97, 1, 1],
    "layers.12.0.bias": [2],
  };
  for (const [name, shape] of Object.entries(expected)) {
    assert.deepEqual(shapes.get(name), shape, name);
  }
  assert.equal(shapes.size, 156);
});
