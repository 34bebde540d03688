import assert from "assert";
import { readFile, truncate, writeFile } from "node:fs/promises";
import { readEncoderWeights } from "../../src/checkpoints/encoder_weights.ts";
import { resnetTensors } from "../../src/checkpoints/resnet_tensors.ts";
import { writeSafetensors } from "../../src/checkpoints/safetensors.ts";
import { failsWith, floats } from "./small_run.ts";
import { TemporaryFolder } from "./temporary_folder.ts";
import {
  bytesOf,
  encoderTensors,
  numberAt,
  type ResnetFile,
  tensorOf,
  torchvisionName,
  writeResnet,
} from "./torchvision_resnet.ts";

const wish = (network: "resnet18" | "resnet34" = "resnet18") => ({
  network,
  tensors: encoderTensors(network),
  prefix: "layers.0.",
});

/** The values of a file, read for a resnet18. */
async function valuesOf(file: ResnetFile): Promise<ReadonlyMap<string, Float32Array>> {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("resnet.safetensors");
  await writeResnet(path, "resnet18", file);
  return (await readEncoderWeights(path, wish())).values;
}

Deno.test("the tensors of a ResNet are those of a generator's encoder", () => {
  for (const network of ["resnet18", "resnet34"] as const) {
    assert.deepEqual(resnetTensors(network, 2, "layers.0."), encoderTensors(network));
  }
});

Deno.test("every tensor of an encoder is read by torchvision's name, whatever stands before it", async () => {
  for (const before of ["", "module.", "model.", "backbone.", "encoder.resnet.", "conv1."]) {
    const values = await valuesOf({ before });
    assert.equal(values.size, wish().tensors.length);
    for (const { name, shape } of wish().tensors) {
      if (name === "layers.0.0.weight" || name === "layers.0.1.running_mean") continue; // folded
      const count = shape.reduce((product, size) => product * size, 1);
      const expected = Array.from({ length: count }, (_, i) => numberAt(torchvisionName(name), i));
      assert.deepEqual([...values.get(name)!], expected, before + name);
    }
  }
});

Deno.test("float16 and bfloat16 give the same, and so do a file without counts and last layer", async () => {
  const expected = await valuesOf({});
  for (const file of [{ dtype: "F16" }, { dtype: "BF16" }, { whole: false }] as const) {
    assert.deepEqual(await valuesOf(file), expected);
  }
});

Deno.test("a first convolution of RGB makes of L what it made of ImageNet's normalized gray", async () => {
  const values = await valuesOf({});
  const [weight, mean] = [
    values.get("layers.0.0.weight")!,
    values.get("layers.0.1.running_mean")!,
  ];
  const [means, deviations] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];
  assert.equal(weight.length, 2 * 49);
  for (const L of [-1, -0.3, 0, 0.8]) {
    for (const out of [0, 1]) {
      // A plane of one gray, away from the border; the batch norm takes its running mean off.
      let expected = -numberAt("bn1.running_mean", out);
      let actual = -mean[out]!;
      for (let at = 0; at < 49; at++) {
        for (const channel of [0, 1, 2]) {
          const value = numberAt("conv1.weight", (3 * out + channel) * 49 + at);
          expected += value * ((L + 1) / 2 - means[channel]!) / deviations[channel]!;
        }
        actual += weight[out * 49 + at]! * L;
      }
      // Sums of 147 float32 of at most 5.
      assert.ok(Math.abs(actual - expected) < 1e-3, `${actual}, ${expected}`);
    }
  }
});

Deno.test("a first convolution of L, and a generator's own file, are taken as they are", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("own.safetensors");
  for (const before of ["", "model."]) {
    await writeSafetensors(
      path,
      [...encoderTensors("resnet18"), { name: "layers.12.0.bias", shape: [2] }]
        .map(({ name, shape }) => tensorOf(before + name, shape)),
    );
    const { values, seesColor } = await readEncoderWeights(path, wish());
    assert.equal(seesColor, undefined);
    assert.deepEqual(
      [...values.get("layers.0.0.weight")!],
      Array.from({ length: 98 }, (_, index) => numberAt(`${before}layers.0.0.weight`, index)),
    );
    assert.equal(
      values.get("layers.0.1.running_mean")![0],
      numberAt(`${before}layers.0.1.running_mean`, 0),
    );
  }
});

Deno.test("all that is missing, misshapen, of another type or not finite is told at once", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("odd.safetensors");
  await writeResnet(path, "resnet18", {
    before: "module.",
    change: (name, shape) => {
      if (/^layer4\.1\./.test(name)) return undefined;
      if (name === "bn1.weight") return floats(name, [3], [1, 2, 3]);
      if (name === "layer1.0.bn1.bias") {
        return { name, dtype: "I32", shape, data: () => new Uint8Array(8) };
      }
      if (name === "layer1.1.bn2.running_var") return floats(name, [2], [-1, 0]);
      if (name !== "layer1.0.conv1.weight") return tensorOf(name, shape);
      const values = Array.from({ length: 36 }, (_, index) => index < 3 ? Infinity : NaN);
      return { name, dtype: "F16", shape, data: () => bytesOf("F16", values) };
    },
  });
  await assert.rejects(
    readEncoderWeights(path, wish()),
    failsWith(
      "failed_precondition",
      /odd\.safetensors cannot fill the encoder of a resnet18: missing: module\.layer4\.1\.conv1\.weight, .* and 2 more; /,
      /; of another shape: module\.bn1\.weight is \[3\] instead of \[2\]; /,
      /; not float32, float16 or bfloat16: module\.layer1\.0\.bn1\.bias is of type I32; /,
      /variance under 0: module\.layer1\.0\.conv1\.weight \(36 of 36 numbers\), module\.layer1\.1\.bn2\.running_var \(1 of 2 numbers\)\. Nothing was changed\.$/,
    ),
  );
});

Deno.test("weights of another network are refused by its name", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("other.safetensors");
  await writeResnet(path, "resnet34");
  await assert.rejects(
    readEncoderWeights(path, wish()),
    failsWith(
      "failed_precondition",
      /^\S+other\.safetensors has the weights of a resnet34, and the generator's encoder is a resnet18: take the weights of a resnet18, or a generator with a resnet34\.$/,
    ),
  );
  await writeSafetensors(
    path,
    encoderTensors("resnet34").map(({ name }) => floats(name, [1], [0])),
  );
  await assert.rejects(
    readEncoderWeights(path, wish()),
    failsWith("failed_precondition", /has the weights of a resnet34/),
  );
  const blocks = [3, 4, 6, 3].flatMap((count, layer) =>
    Array.from({ length: count }, (_, block) => `layer${layer + 1}.${block}`)
  );
  await writeSafetensors(
    path,
    blocks.flatMap((block) =>
      [1, 2, 3].map((index) => floats(`${block}.conv${index}.weight`, [1], [0]))
    ),
  );
  await assert.rejects(
    readEncoderWeights(path, wish()),
    failsWith(
      "failed_precondition",
      /has the weights of a resnet50, .* take the weights of a resnet18\.$/,
    ),
  );
  await writeSafetensors(path, [floats("model.model.0.weight", [1], [0])]);
  await assert.rejects(
    readEncoderWeights(path, wish()),
    failsWith(
      "failed_precondition",
      /has no weights of a ResNet: none of its 1 tensors has a name .* It has model\.model\.0\.weight\.$/,
    ),
  );
});

Deno.test("a file that is cut short, or that torch.save wrote, is refused", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("short.safetensors");
  await writeResnet(path, "resnet18");
  const { length } = await readFile(path);
  await truncate(path, length - 100);
  await assert.rejects(
    readEncoderWeights(path, wish()),
    failsWith("data_loss", /short\.safetensors/),
  );
  await writeFile(path, "PK\x03\x04 and the rest of a zip archive");
  await assert.rejects(
    readEncoderWeights(path, wish()),
    failsWith("data_loss", /is no sound file of torch\.save: its zip archive was cut short/),
  );
});
