import assert from "assert";
import { truncate } from "node:fs/promises";
import { readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import tf from "@tensorflow/tfjs";
import { openSafetensors, writeSafetensors } from "../../src/checkpoints/safetensors.ts";
import { readVggWeights, vggTensors } from "../../src/checkpoints/vgg_weights.ts";
import { JsonFields } from "../../src/files/json_fields.ts";
import { pytorchShape } from "../../src/model/parameters.ts";
import { vggOutputs, vggParameters } from "../../src/model/vgg.ts";
import { resnetNetwork } from "../../src/model/feature_network.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { PerceptualNetwork, PerceptualRecord } from "../../src/training/perceptual.ts";
import { readEncoder, startFrom, startWithEncoder } from "../../src/training/start_from.ts";
import { fixedStepBytes, stepBytesPerPhoto } from "../../src/training/resources/step_memory.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest, valuesOf } from "../engine/test_engine.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { bytesOf, numberAt, writeResnet } from "../checkpoints/torchvision_resnet.ts";
import { abortAt, SmallTraining } from "./small_training.ts";

const width = 2;

/** Writes weights of a narrow network, changed by `change`, which may leave tensors out. */
async function writeWeights(
  path: string,
  change: (name: string, values: Float32Array, shape: number[]) => number[] | undefined = (
    _name,
    _values,
    shape,
  ) => shape,
  dtype: "F32" | "F16" | "BF16" = "F32",
): Promise<void> {
  await writeSafetensors(
    path,
    vggParameters(width).flatMap((spec, at) => {
      const shape = pytorchShape(spec);
      const values = Float32Array.from(
        { length: shape.reduce((a, b) => a * b, 1) },
        (_, i) => spec.role === "runningVariance" ? 1 : 0.3 * Math.sin(at + 7 * i),
      );
      const kept = change(spec.name, values, shape);
      if (kept === undefined) return [];
      const length = kept.reduce((a, b) => a * b, 1);
      return [{
        name: spec.name,
        dtype,
        shape: kept,
        data: () => bytesOf(dtype, [...values.subarray(0, length)]),
      }];
    }),
  );
}

Deno.test("the network has torchvision's tensors up to conv5_1", () => {
  const convolutions = vggParameters().filter(({ shape }) => shape.length === 4)
    .map((spec) => `${spec.name} ${pytorchShape(spec)}`);
  assert.deepEqual(convolutions, [
    "features.0.weight 64,3,3,3",
    "features.3.weight 64,64,3,3",
    "features.7.weight 128,64,3,3",
    "features.10.weight 128,128,3,3",
    "features.14.weight 256,128,3,3",
    "features.17.weight 256,256,3,3",
    "features.20.weight 256,256,3,3",
    "features.24.weight 512,256,3,3",
    "features.27.weight 512,512,3,3",
    "features.30.weight 512,512,3,3",
    "features.34.weight 512,512,3,3",
  ]);
});

Deno.test("a file's tensors are named and shaped as the network's", () => {
  for (const width of [2, 64]) {
    const ours = vggParameters(width)
      .map((spec) => ({ name: spec.name, shape: pytorchShape(spec) }));
    assert.deepEqual(vggTensors(width), ours);
  }
});

engineTest(
  "pictures that are alike differ by nothing, and weights are not learned",
  async (engine) => {
    await using folder = await TemporaryFolder.create();
    await writeWeights(folder.join("vgg.safetensors"));
    const open = async (name: string) =>
      PerceptualNetwork.ofVgg(engine, await readVggWeights(folder.join(name)));
    using network = await open("vgg.safetensors");
    const picture = tf.randomUniform([1, 32, 32, 3], 0, 1, "float32", 1);
    assert.deepEqual(valuesOf(() => network.difference(picture, picture)), [0]);
    const other = tf.tidy(() => tf.mul(picture, 0.5));
    const [near = NaN] = valuesOf(() => network.difference(picture, other));
    assert.ok(near > 0 && Number.isFinite(near), `${near}`);
    // Rounded weights see nearly the same: float16 to 2^-11, bfloat16 to 2^-8, some layers deep.
    for (const [dtype, tolerance] of [["F16", 0.01], ["BF16", 0.05]] as const) {
      await writeWeights(folder.join(dtype), undefined, dtype);
      using narrow = await open(dtype);
      const [difference = NaN] = valuesOf(() => narrow.difference(picture, other));
      assert.notEqual(difference, near);
      assert.ok(
        Math.abs(difference / near - 1) < tolerance,
        `${dtype}: ${difference}, not ${near}`,
      );
    }
    tf.dispose([picture, other]);
  },
);

Deno.test(
  "files that do not fit are refused by what is wrong with them, all of it",
  async () => {
    await using folder = await TemporaryFolder.create();
    const path = folder.join("vgg.safetensors");
    const open = () => readVggWeights(path);
    await writeWeights(path, (name, _values, shape) => {
      if (name === "features.3.weight" || name === "features.35.bias") return undefined;
      return name === "features.7.bias" ? [2] : shape;
    });
    await assert.rejects(
      open(),
      failsWith(
        "failed_precondition",
        /vgg\.safetensors does not hold torchvision's VGG16 .*: missing: features\.3\.weight; of another shape: features\.7\.bias is \[2\] instead of \[4\]\. Nothing was changed\.$/,
      ),
    );
    await writeWeights(path, (name, values, shape) => {
      if (name === "features.8.running_mean") values[1] = NaN;
      return shape;
    });
    await assert.rejects(
      open(),
      failsWith(
        "failed_precondition",
        /not finite, .*: features\.8\.running_mean \(1 of 4 numbers\)/,
      ),
    );
    // 70,000 is infinity in float16.
    await writeWeights(
      path,
      (name, values, shape) => {
        if (name === "features.3.bias") values.fill(70_000);
        return shape;
      },
      "F16",
    );
    await assert.rejects(
      open(),
      failsWith("failed_precondition", /features\.3\.bias \(2 of 2 numbers\)/),
    );
    await truncate(path, 5000);
    await assert.rejects(open(), failsWith("data_loss", /vgg\.safetensors/));
    await assert.rejects(
      readVggWeights(folder.join("none.safetensors")),
      failsWith("not_found", /none\.safetensors/),
    );
  },
);

engineTest(
  "a resumed run is, to the bit, one that was not stopped, and takes no other weights",
  async (engine) => {
    await using training = await SmallTraining.create();
    await using folder = await TemporaryFolder.create();
    await writeWeights(folder.join("vgg.safetensors"));
    await writeWeights(folder.join("other.safetensors"), (name, values, shape) => {
      if (name === "features.0.bias") values[0] = 1;
      return shape;
    });
    const open = async (name: string) =>
      PerceptualNetwork.ofVgg(engine, await readVggWeights(folder.join(name)));
    using perceptual = await open("vgg.safetensors");
    const given = { lambdaPerceptual: 5, maxSteps: 4, pretrainSteps: 1 };
    const whole = await training.train(engine, "whole", { given, perceptual });
    assert.ok(whole.losses.every(({ loss_G_perceptual = 0 }) => loss_G_perceptual > 0));
    const stopped = abortAt((event) => event.kind === "step" && event.step === 2);
    const first = await training.train(engine, "parts", { given, perceptual, ...stopped });
    using other = await open("other.safetensors");
    await assert.rejects(
      training.train(engine, "parts", { resume: true, perceptual: other }),
      failsWith(
        "failed_precondition",
        /began with weights of SHA-256 [0-9a-f]{64}, and these have/,
      ),
    );
    const rest = await training.train(engine, "parts", { resume: true, perceptual });
    assert.deepEqual([...first.losses, ...rest.losses], whole.losses);
  },
);

/** A small generator with an encoder that its perceptual loss sees with. */
const seeing = {
  generator: "resnet18",
  ngf: 2,
  lambdaPerceptual: 5,
  perceptual: "encoder",
  maxSteps: 4,
  lrG: 1e-3,
};

engineTest(
  "a run whose loss sees with its encoder keeps a copy of it, and resumes to the bit",
  async (engine) => {
    await using training = await SmallTraining.create();
    const path = training.folder.join("resnet18.safetensors");
    await writeResnet(path, "resnet18", { before: "module.", dtype: "F16" });
    for (const name of ["whole", "parts"]) {
      using run = await training.open(name, { given: seeing });
      await startWithEncoder(engine, run, training.set, await readEncoder(path, run.config));
    }
    const resume = { resume: true };
    const whole = await training.train(engine, "whole", resume);
    assert.equal(whole.losses.length, 4);
    assert.ok(whole.losses.every(({ loss_G_perceptual = 0 }) => loss_G_perceptual > 0));
    const stopped = abortAt((event) => event.kind === "step" && event.step === 2);
    const first = await training.train(engine, "parts", { ...resume, ...stopped });
    const rest = await training.train(engine, "parts", resume);
    assert.deepEqual([...first.losses, ...rest.losses], whole.losses);
    const filesOf = async ({ outcome }: typeof whole) =>
      (await readCheckpointInfo(outcome.checkpoint)).files;
    assert.deepEqual(await filesOf(rest), await filesOf(whole));

    // The copy is the file's, of RGB and as far as it is looked at; the encoder itself has moved.
    const read = async (file: string, name: string) => {
      await using opened = await openSafetensors(`${whole.outcome.checkpoint}/${file}`);
      return [...new Float32Array((await opened.read(name)).buffer)];
    };
    const given = (name: string, count: number) =>
      Array.from({ length: count }, (_, index) => numberAt(name, index));
    const frozen = "perceptual.safetensors";
    assert.deepEqual(await read(frozen, "layers.0.0.weight"), given("conv1.weight", 2 * 3 * 49));
    assert.deepEqual(await read(frozen, "layers.0.1.running_mean"), given("bn1.running_mean", 2));
    const deep = ["layers.0.6.1.conv2.weight", "layer3.1.conv2.weight"] as const;
    assert.deepEqual(await read(frozen, deep[0]), given(deep[1], 8 * 8 * 9));
    assert.notDeepEqual(await read("generator.safetensors", deep[0]), given(deep[1], 8 * 8 * 9));
    await assert.rejects(read(frozen, "layers.0.7.0.conv1.weight"), failsWith("not_found", /7\.0/));

    // Another run may begin with it, as with the other weights.
    {
      using next = await training.open("next", { given: seeing });
      await startFrom(engine, next, training.set, whole.outcome.checkpoint);
    }
    const gone = await training.train(engine, "next", resume);
    assert.ok(gone.losses[0]!.loss_G_perceptual! > 0);
  },
);

engineTest("an encoder that has seen nothing, or no colour, is refused", async (engine) => {
  await using training = await SmallTraining.create();
  await assert.rejects(
    training.train(engine, "drawn", { given: seeing }),
    failsWith("invalid_argument", /^perceptual encoder needs .*: give encoderWeights\. One whose/),
  );
  // A U-Net of ours, or fastai's, has a first convolution of lightness alone.
  const path = training.folder.join("lightness.safetensors");
  const plain = await training.train(engine, "plain", {
    given: { ...seeing, lambdaPerceptual: 0, maxSteps: 1 },
  });
  using run = await training.open("run", { given: seeing });
  await assert.rejects(
    readEncoder(`${plain.outcome.checkpoint}/generator.safetensors`, run.config),
    failsWith("failed_precondition", /sees lightness alone: perceptual encoder compares colours/),
  );
  await assert.rejects(
    startFrom(engine, run, training.set, plain.outcome.checkpoint),
    failsWith("failed_precondition", /has no encoder that a perceptual loss could see with/),
  );
  await writeResnet(path, "resnet18");
  assert.ok((await readEncoder(path, run.config)).seesColor);
});

Deno.test("a record goes on with the weights that it was made with", () => {
  const record = new PerceptualRecord("a".repeat(64));
  record.restore(new JsonFields(record.save(), "checkpoint.json", "perceptual."));
});

Deno.test("the memory of a step counts the network and its two passes", () => {
  const [without, with5] = [0, 5].map((lambdaPerceptual) =>
    parseTrainingConfig({ lambdaPerceptual })
  );
  // 9,995,712 numbers: torchvision's convolutions and norms up to conv5_1.
  const numbers = vggParameters().reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b),
    0,
  );
  assert.equal(fixedStepBytes(with5!) - fixedStepBytes(without!), 4 * numbers);
  assert.equal(stepBytesPerPhoto(with5!) - stepBytesPerPhoto(without!), 16 * vggOutputs(256));
});

Deno.test("the memory of a step counts a frozen encoder, and its copies in checkpoints", () => {
  const [without, with5] = [0, 5].map((lambdaPerceptual) =>
    parseTrainingConfig({ lambdaPerceptual, perceptual: "encoder", generator: "resnet18" })
  );
  const { parameters, outputs } = resnetNetwork("resnet18", 64);
  const numbers = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
  // torchvision's resnet18 has 11,689,512 weights and 9,600 numbers of statistics; without the fourth
  // stage (8,393,728 and 5,120) and the classes (513,000) that many are left.
  assert.equal(numbers, 11_689_512 + 9_600 - 8_393_728 - 5_120 - 513_000);
  assert.equal(stepBytesPerPhoto(with5!) - stepBytesPerPhoto(without!), 16 * outputs(256));
  const bytes = 4 * numbers;
  assert.equal(fixedStepBytes(with5!) - fixedStepBytes(without!), bytes + 2 * bytes);
});
