import assert from "assert";
import { compareTensorSpecs, type TensorSpec } from "../../src/checkpoints/tensor_specs.ts";

const SETTINGS = { width: "ngf", depth: "nDown" };

/** The convolutions of a U-Net, roughly, in no order of the layers. */
function unet(levels: number, width: number): TensorSpec[] {
  const specs: TensorSpec[] = [];
  for (let level = levels - 1; level >= 0; level--) {
    const prefix = "model.model." + "1.model.".repeat(level);
    specs.push({ name: `${prefix}3.weight`, shape: [width << level, 2, 4, 4] });
    specs.push({ name: `${prefix}0.weight`, shape: [width << level, 1, 4, 4] });
    specs.push({ name: `${prefix}2.bias`, shape: [width << level] });
  }
  return specs;
}

Deno.test("compareTensorSpecs() finds nothing between equal lists, in whatever order", () => {
  assert.equal(
    compareTensorSpecs(unet(3, 8), unet(3, 8).reverse(), { settings: SETTINGS }),
    undefined,
  );
});

Deno.test("compareTensorSpecs() names a few differences and the setting", async (t) => {
  const cases = [
    {
      name: "another width",
      expected: unet(2, 64),
      found: unet(2, 32),
      says:
        "of another shape: model.model.1.model.3.weight is [64,2,4,4] instead of [128,2,4,4], " +
        "model.model.1.model.0.weight is [64,1,4,4] instead of [128,1,4,4], " +
        "model.model.1.model.2.bias is [64] instead of [128] and 3 more " +
        "(it seems that ngf is 32 there and 64 here)",
    },
    {
      name: "a level less",
      expected: unet(2, 64),
      found: unet(1, 64),
      says: "missing: model.model.1.model.3.weight, model.model.1.model.0.weight, " +
        "model.model.1.model.2.bias " +
        "(it seems that nDown differs, as it has 2 convolutions instead of 4)",
    },
    {
      name: "a level more",
      expected: unet(1, 64),
      found: unet(2, 64),
      says: "unexpected: model.model.1.model.3.weight, model.model.1.model.0.weight, " +
        "model.model.1.model.2.bias " +
        "(it seems that nDown differs, as it has 4 convolutions instead of 2)",
    },
    {
      name: "another rank",
      expected: [{ name: "a", shape: [2, 3] }],
      found: [{ name: "a", shape: [2] }],
      says: "of another shape: a is [2] instead of [2,3]",
    },
    {
      name: "quite another model",
      expected: [{ name: "a", shape: [] }],
      found: [{ name: "b", shape: [] }],
      says: "missing: a; unexpected: b",
    },
  ];
  for (const { name, expected, found, says } of cases) {
    await t.step(name, () => {
      assert.equal(compareTensorSpecs(expected, found, { settings: SETTINGS }), says);
    });
  }
});

Deno.test("compareTensorSpecs() gives no hint where no settings are named", () => {
  assert.doesNotMatch(compareTensorSpecs(unet(2, 64), unet(2, 32)) ?? "", /it seems/);
});
