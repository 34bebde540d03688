import assert from "assert";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import type { DeleteWeightsResponse__Output } from "../../src/protocol/generated/tinct/v1/delete_weights_response.ts";
import type { GetWeightsResponse__Output } from "../../src/protocol/generated/tinct/v1/get_weights_response.ts";
import type { ListWeightsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_weights_response.ts";
import type { TrainRequest } from "../../src/protocol/generated/tinct/v1/train_request.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import type { ValidateTrainingConfigResponse__Output } from "../../src/protocol/generated/tinct/v1/validate_training_config_response.ts";
import { vggTensors } from "../../src/checkpoints/vgg_weights.ts";
import { openTensors } from "../../src/checkpoints/open_tensors.ts";
import { writeSafetensors } from "../../src/checkpoints/safetensors.ts";
import { generatorParameters } from "../../src/model/generator_layers.ts";
import { pytorchShape } from "../../src/model/parameters.ts";
import { WeightsFiles } from "../../src/weights/weights_files.ts";
import { holdWeights, settleHeldWeights } from "../../src/weights/held_weights.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import {
  bytesOf as numbersOf,
  type ResnetFile,
  tensorOf,
  writeResnet,
} from "../checkpoints/torchvision_resnet.ts";
import { bytesOf, pthPath, torchArchive } from "../pytorch_files/torch_archive.ts";
import { answer, ending, Scene } from "../service/scene.ts";
import { sendWeights } from "../service/send_weights.ts";

async function resnetFile(scene: Scene, options: ResnetFile = {}): Promise<Buffer> {
  const path = scene.join("sent.safetensors");
  await writeResnet(path, "resnet18", options);
  return await readFile(path);
}

const get = async (scene: Scene, name: string) =>
  (await answer<GetWeightsResponse__Output>((back) => scene.weights.getWeights({ name }, back)))
    .weights;

Deno.test("weights that were cut go on where they were, and are known when they are whole", async () => {
  await using scene = await Scene.open();
  const file = await resnetFile(scene, { before: "module.", dtype: "F16" });
  const half = Math.floor(file.length / 2);
  const cut = await sendWeights(scene, "mine", file, { to: half });
  assert.ok("ok" in cut, JSON.stringify(cut));
  assert.deepEqual(
    [cut.ok.weights?.state, cut.ok.weights?.sizeBytes],
    ["WEIGHTS_STATE_UPLOADING", half],
  );
  const wrong = await sendWeights(scene, "mine", file, { from: half - 1 });
  assert.ok("error" in wrong);
  assert.deepEqual([wrong.error.code, wrong.error.fields], ["INVALID_ARGUMENT", ["start.offset"]]);
  assert.match(wrong.error.message, new RegExp(`must be 0 or ${half}, which is what has arrived`));
  // A call without data says what is there, and leaves it.
  const asked = await sendWeights(scene, "mine", file, { to: 0 });
  assert.ok("ok" in asked, JSON.stringify(asked));
  assert.deepEqual(asked.ok, cut.ok);
  const none = await sendWeights(scene, "none", file, { to: 0 });
  assert.ok("ok" in none, JSON.stringify(none));
  assert.deepEqual(
    [none.ok.weights?.state, none.ok.weights?.sizeBytes],
    ["WEIGHTS_STATE_UPLOADING", 0],
  );
  assert.deepEqual(await readdir(scene.join("weights")), ["mine"]);
  const whole = await sendWeights(scene, "mine", file, { from: half });
  assert.ok("ok" in whole, JSON.stringify(whole));
  const { weights } = whole.ok;
  assert.deepEqual(
    { ...weights, createTime: null },
    {
      name: "mine",
      state: "WEIGHTS_STATE_READY",
      network: "WEIGHTS_NETWORK_RESNET18",
      width: 2,
      seesColor: true,
      sizeBytes: file.length,
      sha256: createHash("sha256").update(file).digest(),
      createTime: null,
      generator: null,
    },
  );
  assert.deepEqual(await get(scene, "mine"), weights);
  assert.deepEqual(await readFile(scene.join("weights", "mine", "weights.safetensors")), file);
  // Sent again it is answered, and another file is not taken.
  const again = await sendWeights(scene, "mine", file);
  assert.ok("ok" in again && again.ok.weights?.state === "WEIGHTS_STATE_READY");
  const other = await sendWeights(scene, "mine", await resnetFile(scene, { whole: false }));
  assert.ok("error" in other && other.error.code === "ALREADY_EXISTS");

  // What torch.save wrote is known as well.
  const saved = await sendWeights(scene, "saved", await readFile(pthPath("resnet18.pth")));
  assert.ok("ok" in saved, JSON.stringify(saved));
  assert.equal(saved.ok.weights?.network, "WEIGHTS_NETWORK_RESNET18");
  await answer<DeleteWeightsResponse__Output>((back) =>
    scene.weights.deleteWeights({ name: "saved" }, back)
  );

  await writeSafetensors(
    scene.join("vgg.safetensors"),
    vggTensors(2).map(({ name, shape }) => tensorOf(name, shape)),
  );
  await sendWeights(scene, "eyes", await readFile(scene.join("vgg.safetensors")));
  const page = (pageToken: string) =>
    answer<ListWeightsResponse__Output>((back) =>
      scene.weights.listWeights({ pageSize: 1, pageToken }, back)
    );
  const first = await page("");
  const second = await page(first.nextPageToken);
  const known = [...first.weights, ...second.weights].map(({ name, network }) => [name, network]);
  assert.deepEqual(known, [
    ["eyes", "WEIGHTS_NETWORK_VGG16_BN"],
    ["mine", "WEIGHTS_NETWORK_RESNET18"],
  ]);
  assert.equal(second.nextPageToken, "");
});

Deno.test("what is no file of weights is refused in a sentence, and nothing of it is left", async () => {
  await using scene = await Scene.open({ maxWeights: 1, maxWeightsMib: 2 });
  const file = await resnetFile(scene);
  const infinite = await resnetFile(scene, {
    change: (name, shape) => {
      if (name !== "layer1.0.conv1.weight") return tensorOf(name, shape);
      const values = Array.from({ length: 36 }, () => 70_000); // float16 ends at 65,504
      return { name, dtype: "F16", shape, data: () => numbersOf("F16", values) };
    },
  });
  const lacking = await resnetFile(scene, {
    change: (name, shape) => name === "layer2.1.bn2.bias" ? undefined : tensorOf(name, shape),
  });
  await writeSafetensors(scene.join("other"), [tensorOf("net.0.weight", [2])]);
  const unet = generatorParameters({
    ...{ generator: "unet", ngf: 1, nDown: 4, dropout: 0 },
    ...{ hints: false, decoderNorm: "none" },
  });
  await writeSafetensors(
    scene.join("shallow"),
    unet.map((spec) => tensorOf(spec.name, pytorchShape(spec))),
  );
  await writeSafetensors(scene.join("deep"), [
    tensorOf("model.model.0.weight", [1, 1, 4, 4]),
    ...Array.from({ length: 1000 }, (_, index) => tensorOf(`model.model.${index}`, [0, 1, 1, 1])),
  ]);
  await using opened = await openTensors(pthPath("ddcolor_tiny.pth"));
  await writeSafetensors(
    scene.join("ddcolor"),
    opened.tensors.filter(({ name }) => !name.endsWith("stages.1.0.gamma"))
      .map((info) => ({ ...info, data: () => opened.read(info.name) })),
  );
  await writeSafetensors(scene.join("first"), [
    tensorOf("encoder.arch.downsample_layers.0.0.weight", [3, 3, 4, 4]),
  ]);
  const cases: [what: string, file: Buffer, says: RegExp][] = [
    ["cut short", file.subarray(0, -100), /^The weights odd .*cut short|^The weights odd .*bytes/],
    [
      "infinite in float16",
      infinite,
      /^The weights odd cannot fill the encoder of a resnet18: not finite, .*: layer1\.0\.conv1\.weight \(36 of 36 numbers\)\./,
    ],
    ["lacking", lacking, /: missing: layer2\.1\.bn2\.bias\./],
    [
      "another network",
      await readFile(scene.join("other")),
      /^The weights odd does not hold the weights of a resnet18, .*, nor those of a generator\. It has net\.0\.weight\./,
    ],
    [
      "a generator that lacks a tensor",
      await readFile(scene.join("ddcolor")),
      /^The weights odd cannot fill a generator ddcolor-tiny of ngf 2: missing: params\.encoder\.arch\.stages\.1\.0\.gamma\./,
    ],
    [
      "a generator that lacks nearly all tensors",
      await readFile(scene.join("first")),
      /of ngf 2: missing: (?:[\w.]+, ){7}[\w.]+ and \d+ more\. Nothing was changed\.$/,
    ],
    [
      "a generator of fewer halvings than jobs can have",
      await readFile(scene.join("shallow")),
      /^The weights odd has a generator that no job can begin with: n_down must be .*from 5 to 10, not 4\.$/,
    ],
    [
      "a generator of more halvings than pictures have",
      await readFile(scene.join("deep")),
      /^The weights odd is no generator that can be used here: its U-Net would halve pictures 500 times, /,
    ],
    [
      "of torch.save, cut short",
      Buffer.from("PK\x03\x04 and the rest"),
      /^The weights odd is no sound file of torch\.save: its zip archive was cut short/,
    ],
    [
      "a pickle that would run code",
      Buffer.from(torchArchive(bytesOf("cposix\nsystem\n"))),
      /^The weights odd was refused: its pickle names posix\.system, .* Nothing in it was run\./,
    ],
  ];
  for (const [what, bytes, says] of cases) {
    const refused = await sendWeights(scene, "odd", bytes);
    assert.ok("error" in refused, what);
    assert.deepEqual(
      [refused.error.code, refused.error.fields],
      ["INVALID_ARGUMENT", ["data"]],
      what,
    );
    assert.match(refused.error.message, says, what);
    assert.ok(!refused.error.message.includes(scene.folder.path), refused.error.message);
    assert.deepEqual(await readdir(scene.join("weights")), [], what);
  }
  const sha256 = Buffer.alloc(32, 1);
  const other = await sendWeights(scene, "odd", file, { sha256 });
  assert.ok("error" in other && /does not have its SHA-256/.test(other.error.message));
  const large = await sendWeights(scene, "odd", file, { sizeBytes: 2 ** 22 });
  assert.ok("error" in large && large.error.code === "RESOURCE_EXHAUSTED");
  const more = await sendWeights(scene, "odd", file, { sizeBytes: file.length - 1 });
  assert.ok("error" in more && /More than the \d+ bytes arrived/.test(more.error.message));
  // What arrived of that one counts.
  const full = await sendWeights(scene, "second", file);
  assert.ok("error" in full && full.error.code === "RESOURCE_EXHAUSTED");
  assert.match(full.error.message, /keeps 1 file of weights/);
});

Deno.test("a job's weights are checked before it is made, and it keeps them when they are deleted", async () => {
  await using scene = await Scene.open();
  const resnet = await resnetFile(scene);
  await sendWeights(scene, "resnet", resnet);
  await sendWeights(scene, "rest", resnet, { to: 1000 });
  const config = { generator: "GENERATOR_RESNET18", ngf: 2, size: 32 } as const;
  const train = (request: TrainRequest) =>
    ending<TrainResponse__Output>((back) =>
      scene.colorization.train({ dataset: "meadow", ...request }, back)
    );
  const seeing = {
    ...config,
    lambdaPerceptual: 5,
    perceptual: "PERCEPTUAL_NETWORK_ENCODER",
  } as const;
  const vgg = { ...config, lambdaPerceptual: 5 };
  const cases: [request: TrainRequest, fields: string[], says: RegExp][] = [
    [
      { config: { size: 256 }, encoderWeights: "resnet" },
      ["encoder_weights"],
      /GENERATOR_RESNET18/,
    ],
    [
      { config: { ...config, generator: "GENERATOR_RESNET34" }, encoderWeights: "resnet" },
      ["encoder_weights"],
      /are those of a resnet18, and config\.generator is GENERATOR_RESNET34/,
    ],
    [
      { config: { ...config, ngf: 64 }, encoderWeights: "resnet" },
      ["encoder_weights"],
      /are 2 channels wide, and config\.ngf is 64/,
    ],
    [{ config, perceptualWeights: "resnet" }, ["perceptual_weights"], /would not be used: .* is 0/],
    [{ config: vgg, perceptualWeights: "resnet" }, ["perceptual_weights"], /not of a vgg16_bn/],
    [{ config: vgg }, ["perceptual_weights"], /is required where config\.lambda_perceptual is 5/],
    [{ config: seeing }, ["encoder_weights"], /whose weights are drawn has learned to see nothing/],
  ];
  for (const [request, fields, says] of cases) {
    const refused = await train(request);
    assert.ok("error" in refused, JSON.stringify(request));
    assert.deepEqual([refused.error.code, refused.error.fields], ["INVALID_ARGUMENT", fields]);
    assert.match(refused.error.message, says);
    const { valid, violations } = await answer<ValidateTrainingConfigResponse__Output>((back) =>
      scene.jobs.validateTrainingConfig(request, back)
    );
    assert.equal(valid, false);
    assert.deepEqual(violations.map(({ field }) => field), fields);
  }
  const missing = await train({ config, encoderWeights: "gone" });
  assert.ok("error" in missing && missing.error.code === "NOT_FOUND");
  const unfinished = await train({ config, encoderWeights: "rest" });
  assert.ok("error" in unfinished && unfinished.error.code === "FAILED_PRECONDITION");
  assert.equal(existsSync(scene.join("held_weights")), false);

  const request = { config: seeing, encoderWeights: "resnet", requestId: "once" };
  const made = await train(request);
  assert.ok("ok" in made, JSON.stringify(made));
  const jobId = made.ok.job?.jobId ?? "";
  const again = await train(request);
  assert.ok("ok" in again && again.ok.repeatedRequest && again.ok.job?.jobId === jobId);
  await answer<DeleteWeightsResponse__Output>((back) =>
    scene.weights.deleteWeights({ name: "resnet" }, back)
  );
  assert.deepEqual(await readdir(scene.join("weights")), ["rest"]);
  assert.deepEqual(await readdir(scene.join("held_weights")), [jobId]);
  assert.deepEqual(
    await readFile(scene.join("held_weights", jobId, "encoder.safetensors")),
    resnet,
  );
  // What a server held that died before it had made the job goes when the next one starts.
  await settleHeldWeights(scene.folder.path, () => Promise.resolve(false));
  assert.deepEqual(await readdir(scene.join("held_weights")), []);
});

Deno.test("a job begins with a generator that was uploaded, of the shape that its options say", async () => {
  await using scene = await Scene.open();
  const file = await readFile(pthPath("ddcolor_tiny.pth"));
  const sent = await sendWeights(scene, "ddcolor", file);
  assert.ok("ok" in sent, JSON.stringify(sent));
  const { network, width, seesColor, generator } = sent.ok.weights!;
  assert.deepEqual([network, width, seesColor], ["WEIGHTS_NETWORK_GENERATOR", 2, false]);
  assert.deepEqual(
    [generator?.generator, generator?.ngf, generator?.hints],
    ["GENERATOR_DDCOLOR_TINY", 2, false],
  );
  await sendWeights(scene, "resnet", await resnetFile(scene));
  const train = (request: TrainRequest) =>
    ending<TrainResponse__Output>((back) =>
      scene.colorization.train(
        { dataset: "meadow", generatorWeights: "ddcolor", ...request },
        back,
      )
    );
  const config = { generator: "GENERATOR_DDCOLOR_TINY", ngf: 2, size: 32 } as const;
  const seeing = { ...config, lambdaPerceptual: 5 };
  const cases: [request: TrainRequest, fields: string[], says: RegExp][] = [
    [{ config: { size: 256 } }, ["config.generator"], /the weights have GENERATOR_DDCOLOR_TINY: /],
    [
      { config: { ...config, ngf: 64 } },
      ["config.ngf"],
      /is 64, and the weights have 2: give the /,
    ],
    [
      { config, generatorWeights: "resnet" },
      ["generator_weights"],
      /are those of a resnet18, not /,
    ],
    [
      { config, encoderWeights: "resnet" },
      ["encoder_weights"],
      /must be left out with generator_weights: its encoder has weights already/,
    ],
    [
      { config: { ...config, generator: "GENERATOR_RESNET18" } },
      ["config.generator"],
      /is GENERATOR_RESNET18, and the weights have GENERATOR_DDCOLOR_TINY/,
    ],
    [
      {
        config: {
          ...{ ...seeing, generator: "GENERATOR_RESNET18" },
          perceptual: "PERCEPTUAL_NETWORK_ENCODER",
        },
      },
      ["generator_weights"],
      /which compares colours: a generator sees lightness alone/,
    ],
  ];
  for (const [request, fields, says] of cases) {
    const refused = await train(request);
    assert.ok("error" in refused, JSON.stringify(request));
    assert.deepEqual([refused.error.code, refused.error.fields], ["INVALID_ARGUMENT", fields]);
    assert.match(refused.error.message, says);
  }
  // A U-Net of a ResNet is a whole generator, and has an encoder that others can begin with.
  const unet = await sendWeights(scene, "unet", await readFile(pthPath("res18-unet.pt")));
  assert.ok("ok" in unet, JSON.stringify(unet));
  assert.equal(unet.ok.weights?.network, "WEIGHTS_NETWORK_GENERATOR");
  const { generator: kind, ngf, decoderNorm } = unet.ok.weights?.generator ?? {};
  assert.deepEqual([kind, ngf, decoderNorm], ["GENERATOR_RESNET18", 2, "DECODER_NORM_NONE"]);
  const ofResnet = { ...config, generator: "GENERATOR_RESNET18" } as const;
  for (
    const request of [
      { generatorWeights: "unet" },
      { generatorWeights: "", encoderWeights: "unet" },
    ]
  ) {
    const begun = await train({ ...request, config: ofResnet });
    assert.ok("ok" in begun, JSON.stringify(begun));
  }
  const other = await train({
    ...{ generatorWeights: "", encoderWeights: "unet" },
    config: { ...config, generator: "GENERATOR_RESNET34" },
  });
  assert.ok("error" in other, JSON.stringify(other));
  assert.match(other.error.message, /are those of a generator resnet18, and config\.generator is /);
  await using plain = await openTensors(pthPath("tutorial.pt"));
  await writeSafetensors(
    scene.join("noted"),
    plain.tensors.map((info) => ({ ...info, data: () => plain.read(info.name) })),
    { metadata: { "tinct.size": "64", "tinct.leakySlope": "0.05" } },
  );
  const noted = await sendWeights(scene, "noted", await readFile(scene.join("noted")));
  assert.ok("ok" in noted, JSON.stringify(noted));
  assert.partialDeepStrictEqual(noted.ok.weights?.generator, { nDown: 5, leakySlope: 0.05 });
  assert.deepEqual(await get(scene, "noted"), noted.ok.weights, "as it is read again");
  // Where the generator cannot be used here, its encoder can.
  await using opened = await openTensors(pthPath("res18-unet.pt"));
  await writeSafetensors(
    scene.join("partial"),
    opened.tensors.filter(({ name }) => !name.endsWith("layers.3.0.0.bias"))
      .map((info) => ({ ...info, data: () => opened.read(info.name) })),
  );
  const partial = await sendWeights(scene, "partial", await readFile(scene.join("partial")));
  assert.ok("ok" in partial, JSON.stringify(partial));
  assert.equal(partial.ok.weights?.network, "WEIGHTS_NETWORK_RESNET18");
  const made = await train({ config, requestId: "once" });
  assert.ok("ok" in made, JSON.stringify(made));
  const jobId = made.ok.job?.jobId ?? "";
  const held = scene.join("held_weights", jobId, "generator.safetensors");
  assert.deepEqual(await readFile(held), file);
  const both = await train({ config, resumeFrom: { jobId } });
  assert.ok("error" in both);
  assert.ok(both.error.fields.includes("generator_weights"), both.error.message);
  const another = await train({ config, requestId: "once", generatorWeights: "" });
  assert.ok("error" in another && another.error.code === "ALREADY_EXISTS", "another request");
  // It is known again when the server has started anew.
  const files = await WeightsFiles.open(scene.folder.path);
  assert.deepEqual((await files.get("ddcolor")).ready?.generator?.generator, "ddcolor-tiny");
  await assert.rejects(
    holdWeights(scene.folder.path, "job-late", "generator", files.path("gone")),
    failsWith("not_found", /weights\/gone\/\S+ does not exist\.$/),
  );
  // Where what is known of it is damaged, it can be deleted all the same.
  await writeFile(scene.join("weights", "ddcolor", "facts.json"), "{");
  const damaged = await ending<GetWeightsResponse__Output>((back) =>
    scene.weights.getWeights({ name: "ddcolor" }, back)
  );
  assert.ok("error" in damaged && damaged.error.code === "DATA_LOSS", JSON.stringify(damaged));
  assert.match(damaged.error.message, /of the weights ddcolor is damaged or gone; delete the weig/);
  const listed = await answer<ListWeightsResponse__Output>((back) =>
    scene.weights.listWeights({}, back)
  );
  assert.deepEqual(
    listed.weights.map(({ name, state, sizeBytes }) => [name, state, sizeBytes > 0]),
    [
      ["ddcolor", "WEIGHTS_STATE_DAMAGED", true],
      ...["noted", "partial", "resnet", "unet"].map((name) => [name, "WEIGHTS_STATE_READY", true]),
    ],
  );
  await answer<DeleteWeightsResponse__Output>((back) =>
    scene.weights.deleteWeights({ name: "ddcolor" }, back)
  );
  assert.deepEqual((await readdir(scene.join("weights"))).sort(), [
    ...["noted", "partial", "resnet", "unet"],
  ]);
  assert.ok(existsSync(held));
});
