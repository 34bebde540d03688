import assert from "assert";
import { truncate } from "node:fs/promises";
import tf from "@tensorflow/tfjs";
import { writeSafetensors } from "../../src/checkpoints/safetensors.ts";
import { JsonFields } from "../../src/files/json_fields.ts";
import { pytorchShape } from "../../src/model/pytorch_layout.ts";
import { vggOutputs, vggParameters } from "../../src/model/vgg.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { PerceptualNetwork, PerceptualRecord } from "../../src/training/perceptual.ts";
import { fixedStepBytes, stepBytesPerPhoto } from "../../src/training/resources/step_memory.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest, valuesOf } from "../engine/test_engine.ts";
import { failsWith } from "../checkpoints/small_run.ts";
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
        dtype: "F32" as const,
        shape: kept,
        data: () => new Uint8Array(values.buffer, 0, 4 * length),
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

engineTest(
  "pictures that are alike differ by nothing, and weights are not learned",
  async (engine) => {
    await using folder = await TemporaryFolder.create();
    await writeWeights(folder.join("vgg.safetensors"));
    using network = await PerceptualNetwork.open(engine, folder.join("vgg.safetensors"), { width });
    const picture = tf.randomUniform([1, 32, 32, 3], 0, 1, "float32", 1);
    assert.deepEqual(valuesOf(() => network.difference(picture, picture)), [0]);
    const other = tf.tidy(() => tf.mul(picture, 0.5));
    const [near = NaN] = valuesOf(() => network.difference(picture, other));
    assert.ok(near > 0 && Number.isFinite(near), `${near}`);
    tf.dispose([picture, other]);
  },
);

engineTest(
  "files that do not fit are refused by what is wrong with them, all of it",
  async (engine) => {
    await using folder = await TemporaryFolder.create();
    const path = folder.join("vgg.safetensors");
    const open = () => PerceptualNetwork.open(engine, path, { width });
    await writeWeights(path, (name, _values, shape) => {
      if (name === "features.3.weight" || name === "features.35.bias") return undefined;
      return name === "features.7.bias" ? [2] : shape;
    });
    await assert.rejects(
      open(),
      failsWith(
        "failed_precondition",
        /vgg\.safetensors does not hold torchvision's VGG16 .*: missing: features\.3\.weight; of another shape: features\.7\.bias is \[2\] instead of \[4\]\.$/,
      ),
    );
    await writeWeights(path, (name, values, shape) => {
      if (name === "features.8.running_mean") values[1] = NaN;
      return shape;
    });
    await assert.rejects(
      open(),
      failsWith("failed_precondition", /features\.8\.running_mean is not finite/),
    );
    await truncate(path, 5000);
    await assert.rejects(open(), failsWith("data_loss", /vgg\.safetensors/));
    await assert.rejects(
      PerceptualNetwork.check(folder.join("none.safetensors")),
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
    using perceptual = await PerceptualNetwork.open(engine, folder.join("vgg.safetensors"), {
      width,
    });
    const given = { lambdaPerceptual: 5, maxSteps: 4, pretrainSteps: 1 };
    const whole = await training.train(engine, "whole", { given, perceptual });
    assert.ok(whole.losses.every(({ loss_G_perceptual = 0 }) => loss_G_perceptual > 0));
    const stopped = abortAt((event) => event.kind === "step" && event.step === 2);
    const first = await training.train(engine, "parts", { given, perceptual, ...stopped });
    using other = await PerceptualNetwork.open(engine, folder.join("other.safetensors"), { width });
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
