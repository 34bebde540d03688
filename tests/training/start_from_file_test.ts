import assert from "assert";
import { readFile } from "node:fs/promises";
import tf from "@tensorflow/tfjs";
import { openCheckpoint, readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import { openTensors } from "../../src/checkpoints/open_tensors.ts";
import { writeSafetensors } from "../../src/checkpoints/safetensors.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { FrozenGenerator } from "../../src/inference/frozen_generator.ts";
import { loadColorizer } from "../../src/inference/load_colorizer.ts";
import type { GeneratorFile } from "../../src/inference/foreign_generator.ts";
import { recognizeGenerator } from "../../src/inference/recognize_generator.ts";
import { readOrigin } from "../../src/local_training/start_origin.ts";
import { fromPytorchLayout } from "../../src/model/pytorch_layout.ts";
import { pytorchShape } from "../../src/model/parameters.ts";
import { readGenerator, startWithGenerator } from "../../src/training/start_from.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { tensorOf } from "../checkpoints/torchvision_resnet.ts";
import { engineTest } from "../engine/test_engine.ts";
import { pthPath } from "../pytorch_files/torch_archive.ts";
import { SmallTraining } from "./small_training.ts";

/** Every sixteenth part of what PyTorch computes with a file's generator; see make_pth.py. */
interface Expected {
  readonly size: number;
  readonly ab: readonly number[];
}
const expected: Readonly<Record<string, Expected>> = JSON.parse(
  await readFile(pthPath("expected.json"), "utf8"),
);

/** The generator that a file holds, and the options that a run takes over from it. */
async function originOf(name: string) {
  const origin = await readOrigin({ startFrom: pthPath(name), resume: false });
  assert.ok(origin !== undefined && "prefix" in origin.from);
  return { from: origin.from, network: origin.network };
}

async function generatorAb(engine: Engine, name: string, size: number): Promise<Float32Array> {
  const { from, network } = await originOf(name);
  const config = parseTrainingConfig({ ...network, size });
  const values = await readGenerator(from, config);
  using frozen = await FrozenGenerator.load(engine, config, (spec) => {
    const shape = pytorchShape(spec);
    const value = values.get(spec.name)!;
    return Promise.resolve(tf.tidy(() => fromPytorchLayout(tf.tensor(value, shape), spec)));
  });
  const pixels = Float32Array.from({ length: size * size }, (_, index) => {
    const [y, x] = [Math.floor(index / size), index % size];
    return ((13 * x + 7 * y + x * y) % 64) / 32 - 1;
  });
  const L = tf.tensor4d(pixels, [1, size, size, 1]);
  const ab = await frozen.predict(L);
  const kept = tf.tidy(() =>
    tf.transpose(tf.stridedSlice(ab, [0, 0, 0, 0], ab.shape, [1, size / 16, size / 16, 1]), [
      ...[0, 3, 1, 2],
    ])
  );
  const result = await kept.data<"float32">();
  tf.dispose([L, ab, kept]);
  return result;
}

for (const [name, { size, ab }] of Object.entries(expected)) {
  engineTest(`the generator of ${name} computes what PyTorch's does`, async (engine) => {
    const computed = await generatorAb(engine, name, size);
    assert.equal(computed.length, ab.length);
    const spread = Math.max(...ab) - Math.min(...ab);
    assert.ok(spread > 0.2, `${spread}`); // there is something to compare
    const difference = Math.max(...ab.map((value, index) => Math.abs(value - computed[index]!)));
    assert.ok(difference < 1e-5, `${difference}`);
  });
}

Deno.test("a file's generator gives a run its shape", async () => {
  assert.deepEqual((await originOf("latest_net_G.pth")).network, {
    generator: "unet",
    ngf: 2,
    hints: false,
    nDown: 8,
  });
  assert.deepEqual((await originOf("res18-unet.pt")).network, {
    generator: "resnet18",
    ngf: 2,
    hints: false,
    decoderNorm: "none",
  });
  assert.deepEqual((await originOf("ddcolor_tiny.pth")).network, {
    generator: "ddcolor-tiny",
    ngf: 2,
    hints: false,
    decoderNorm: "none",
  });
  await assert.rejects(
    readOrigin({ startFrom: pthPath("vgg16_bn.pth"), resume: false }),
    failsWith("failed_precondition", /vgg16_bn\.pth is no generator that can be used here/),
  );
});

engineTest(
  "a run begins with a file's generator, and colorizes as the file does",
  async (engine) => {
    for (
      const [name, given] of [
        ["tutorial.pt", {}],
        ["res18-unet.pt", { emaDecay: 0.9 }],
        ["ddcolor_tiny.pth", { nDown: 8, leakySlope: 0.1 }],
      ] as const
    ) {
      await using training = await SmallTraining.create();
      const { from, network } = await originOf(name);
      using run = await training.open("run", { given: { ...network, ...given, maxSteps: 1 } });
      const values = await readGenerator(from, run.config);
      await startWithGenerator(engine, run, training.set, values);
      const latest = (await run.store.latest())!;
      const { generator, leakySlope, batchNormEpsilon } = run.config;
      assert.partialDeepStrictEqual(
        (await readOrigin({ startFrom: latest.path, resume: false }))?.network,
        { generator, leakySlope, batchNormEpsilon },
      );
      {
        await using started = await openCheckpoint(await readCheckpointInfo(latest.path));
        assert.equal(started.info.step, 0);
        for (const [tensor, numbers] of values) {
          const kept = await started.file("generator.safetensors").read(tensor);
          assert.deepEqual(new Float32Array(kept.buffer), numbers, tensor);
        }
        const drawn = await started.file("discriminator.safetensors").read("model.0.0.weight");
        assert.ok(drawn.some((byte) => byte !== 0));
      }
      const square = Uint8Array.from({ length: 32 * 32 * 3 }, (_, index) => (index * 29) % 256);
      const predicted = async (path: string) => {
        using colorizer = await loadColorizer(engine, path, { size: 32 });
        const [ab] = await colorizer.predict([square]);
        const data = await ab!.data<"float32">();
        ab!.dispose();
        return data;
      };
      assert.deepEqual(await predicted(pthPath(name)), await predicted(latest.path));
    }
  },
);

engineTest("a generator that takes hints begins with one that does not", async (engine) => {
  await using training = await SmallTraining.create();
  const { from, network } = await originOf("tutorial.pt");
  using run = await training.open("run", { given: { ...network, hints: true, maxSteps: 1 } });
  const values = await readGenerator(from, run.config);
  await startWithGenerator(engine, run, training.set, values);
  await using started = await openCheckpoint((await run.store.latest())!);
  const bytes = await started.file("generator.safetensors").read("model.model.0.weight");
  const weight = new Float32Array(bytes.buffer); // [2, 4, 4, 4]
  const before = values.get("model.model.0.weight")!; // [2, 1, 4, 4]
  assert.deepEqual([...weight.subarray(0, 16)], [...before.subarray(0, 16)]);
  assert.ok(weight.subarray(16, 64).every((value) => value === 0));
  assert.deepEqual([...weight.subarray(64, 80)], [...before.subarray(16, 32)]);
});

Deno.test("all that does not fit a configured generator is listed", async () => {
  const refuses = async (
    name: string,
    given: Readonly<Record<string, unknown>>,
    ...says: RegExp[]
  ) => {
    const { from, network } = await originOf(name);
    const config = parseTrainingConfig({ ...network, ...given });
    const code = "failed_precondition";
    await assert.rejects(readGenerator(from, config), failsWith(code, ...says));
  };
  const path = String.raw`^\S+tutorial\.pt does not fit the generator that is configured: `;
  // Every one of the 39 tensors but the last bias, [2] whatever the width.
  await refuses(
    "tutorial.pt",
    { ngf: 4, size: 32 },
    new RegExp(
      `${path}of another shape: net_G\\.model\\.model\\.0\\.weight is \\[2,1,4,4\\] instead of \\[4,1,4,4\\], (?:net_G\\.\\S+ is \\[[\\d,]+\\] instead of \\[[\\d,]+\\](?:, )?){37}\\. Nothing was changed\\.$`,
    ),
  );
  await refuses(
    "tutorial.pt",
    { nDown: 6, size: 64 },
    new RegExp(
      `${path}missing: net_G\\.model\\.\\S+\\.weight, .*; unexpected: net_G\\..* Nothing was changed\\.$`,
    ),
  );
  await refuses(
    "res18-unet.pt",
    { generator: "resnet34" },
    /missing: model\.layers\.0\.4\.2\.conv1\.weight, /,
  );
  await refuses("res18-unet.pt", { decoderNorm: "batch" }, /missing: model\.layers\./);
  const { from } = await originOf("tutorial.pt");
  const wrong: GeneratorFile = { ...from, prefix: "" };
  await assert.rejects(
    readGenerator(wrong, parseTrainingConfig({ nDown: 5, ngf: 2, size: 32 })),
    /missing: model\.model\.0\.weight, /,
  );
  await assert.rejects(
    readGenerator(
      (await originOf("res18-unet.pt")).from,
      parseTrainingConfig({
        ...{ generator: "resnet18", ngf: 2, lambdaPerceptual: 1, perceptual: "encoder" },
      }),
    ),
    failsWith("invalid_argument", /perceptual encoder compares colours, and the generator of \S+/),
  );
});

Deno.test("a DDColor with a larger encoder is no generator here", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("large.safetensors");
  await writeSafetensors(path, [
    tensorOf("params.encoder.arch.downsample_layers.0.0.weight", [192, 3, 4, 4]),
    tensorOf("params.encoder.arch.stages.2.9.gamma", [768]),
  ]);
  await assert.rejects(
    readOrigin({ startFrom: path, resume: false }),
    failsWith("failed_precondition", /is a DDColor with a larger encoder than ConvNeXt-T/),
  );
});

Deno.test("tensors that the configured generator does not have tell of another one", async () => {
  await using folder = await TemporaryFolder.create();
  await using file = await openTensors(pthPath("res18-unet.pt"));
  const { prefix, root } = recognizeGenerator(file);
  assert.deepEqual([prefix, root], ["model.", "layers."]);
  // As a ResNet-34 has them; what is no part of the network does no harm.
  const more = ["model.layers.0.4.2.conv1.weight", "optimizer.layers.0.0.weight"];
  const sources = [
    ...file.tensors.map((tensor) => ({ ...tensor, data: () => file.read(tensor.name) })),
    ...more.map((name) => tensorOf(name, [1])),
  ];
  const path = folder.join("more.safetensors");
  await writeSafetensors(path, sources);
  const { network } = await originOf("res18-unet.pt");
  await assert.rejects(
    readGenerator({ path, prefix, root }, parseTrainingConfig({ ...network, size: 64 })),
    /is configured: unexpected: model\.layers\.0\.4\.2\.conv1\.weight\. Nothing was changed\.$/,
  );
});
