import assert from "assert";
import type { ModelInferRequest } from "../../src/protocol/generated/inference/model_infer_request.ts";
import type { ModelInferResponse__Output } from "../../src/protocol/generated/inference/model_infer_response.ts";
import type { ModelMetadataResponse__Output } from "../../src/protocol/generated/inference/model_metadata_response.ts";
import type { ModelReadyResponse__Output } from "../../src/protocol/generated/inference/model_ready_response.ts";
import type { ModelStreamInferResponse__Output } from "../../src/protocol/generated/inference/model_stream_infer_response.ts";
import type { RepositoryIndexResponse__Output } from "../../src/protocol/generated/inference/repository_index_response.ts";
import type { ServerMetadataResponse__Output } from "../../src/protocol/generated/inference/server_metadata_response.ts";
import type { ServiceSettings } from "../../src/config/service.ts";
import type { ColorizeSettings } from "../../src/colorizing/colorizing.ts";
import { TinctError } from "../../src/errors.ts";
import { receive } from "../../src/protocol/receive.ts";
import { answer, ending, Scene } from "../service/scene.ts";
import type { StoreColorizing } from "../service/store_colorizing.ts";
import { StoreWorkforce } from "../service/store_workforce.ts";
import { lengthBefore, pixels, refusals } from "./inference_requests.ts";
import { withCheckpoints } from "../server/with_checkpoints.ts";

/** A server with two versions of the model "roses". */
async function withRoses(
  paint: StoreColorizing["paint"] = (photo) => Promise.resolve(photo),
  settings: Partial<ServiceSettings> = {},
) {
  const made: { workforce?: StoreWorkforce } = {};
  const scene = await Scene.open(settings, (store) => {
    made.workforce = new StoreWorkforce(store);
    made.workforce.colorizing.paint = paint;
    return Promise.resolve(made.workforce);
  });
  await withCheckpoints(scene, [5, 9]);
  for (const step of [5, 9]) {
    const checkpoint = { jobId: "job-a", step };
    await answer((back) => scene.models.promoteCheckpoint({ name: "roses", checkpoint }, back));
  }
  return { scene, workforce: made.workforce! };
}

const infer = (scene: Scene, request: ModelInferRequest) =>
  ending<ModelInferResponse__Output>((back) => scene.inference.modelInfer(request, back));

const pixelRequest = (given: Partial<ModelInferRequest> = {}): ModelInferRequest => ({
  modelName: "roses",
  inputs: [{ name: "image", datatype: "UINT8", shape: [1, 1, 2, 3] }],
  rawInputContents: [pixels],
  ...given,
});

Deno.test("pixels become pixels and files files, each with its model's version and the request's id", async () => {
  const asked: ColorizeSettings[] = [];
  const { scene } = await withRoses((photo, settings) => {
    asked.push(settings);
    return Promise.resolve(photo);
  });
  await using _scene = scene;
  const two = await infer(scene, {
    ...pixelRequest(),
    inputs: [{ name: "image", datatype: "UINT8", shape: [2, 1, 2, 3] }],
    rawInputContents: [Buffer.concat([pixels, pixels.toReversed()])],
    id: "a request",
  });
  assert.ok("ok" in two, JSON.stringify(two));
  const { modelName, modelVersion, id, outputs, rawOutputContents } = two.ok;
  assert.deepEqual([modelName, modelVersion, id], ["roses", "2", "a request"]);
  assert.deepEqual(outputs.map(({ name, datatype, shape }) => [name, datatype, shape]), [
    ["colorized", "UINT8", [2, 1, 2, 3]],
  ]);
  assert.deepEqual(rawOutputContents, [Buffer.concat([pixels, pixels.toReversed()])]);
  assert.deepEqual([asked[0]?.pixels, asked[0]?.asPixels], [{ width: 2, height: 1 }, true]);

  const typed = await infer(scene, {
    modelName: "roses",
    modelVersion: "1",
    inputs: [{
      name: "image",
      datatype: "UINT8",
      shape: [1, 1, 2, 3],
      contents: { uintContents: [...pixels] },
    }],
    outputs: [{ name: "encoded_colorized" }],
  });
  assert.ok("ok" in typed, JSON.stringify(typed));
  assert.deepEqual([typed.ok.modelVersion, typed.ok.outputs[0]?.shape], ["1", [1]]);
  assert.deepEqual(typed.ok.rawOutputContents, [lengthBefore(pixels)]);
  assert.deepEqual([asked.at(-1)?.format, asked.at(-1)?.asPixels], ["IMAGE_FORMAT_PNG", false]);

  const files = [Buffer.from("one"), Buffer.from("two and more")];
  const raw = Buffer.concat(files.map(lengthBefore));
  const encoded = { name: "encoded_image", datatype: "BYTES", shape: [2] };
  for (
    const request of [
      { inputs: [encoded], rawInputContents: [raw] },
      { inputs: [{ ...encoded, contents: { bytesContents: files } }] },
    ]
  ) {
    const made = await infer(scene, { modelName: "roses", ...request });
    assert.ok("ok" in made, JSON.stringify(made));
    assert.deepEqual(made.ok.outputs.map(({ name, shape }) => [name, shape]), [
      ["encoded_colorized", [2]],
    ]);
    assert.deepEqual(made.ok.rawOutputContents, [raw]);
  }
  assert.deepEqual([asked.at(-1)?.format, asked.at(-1)?.pixels], [
    "IMAGE_FORMAT_UNSPECIFIED",
    undefined,
  ]);
});

Deno.test("parameters are the settings of Colorize", async () => {
  const asked: ColorizeSettings[] = [];
  const { scene } = await withRoses((photo, settings) => {
    asked.push(settings);
    return Promise.resolve(photo);
  });
  await using _scene = scene;
  const made = await infer(
    scene,
    pixelRequest({
      outputs: [{ name: "encoded_colorized" }],
      parameters: {
        saturation: { doubleParam: 1.5 },
        max_side: { int64Param: 64 },
        quality: { uint64Param: 80 },
        format: { stringParam: "jpeg" },
        strip_metadata: { boolParam: true },
        remove_cast: { boolParam: true },
        refine: { boolParam: true },
        weights: { stringParam: "raw" },
      },
    }),
  );
  assert.ok("ok" in made, JSON.stringify(made));
  const { hints: _, strokes: __, reference: ___, ...settings } = asked[0]!;
  assert.deepEqual(settings, {
    model: { name: "roses", version: 2, weights: "raw" },
    format: "IMAGE_FORMAT_JPEG",
    quality: 80,
    saturation: 1.5,
    maxSide: 64,
    stripMetadata: true,
    removeCast: true,
    refine: true,
    pixels: { width: 2, height: 1 },
    asPixels: false,
  });
});

Deno.test("what ModelInfer cannot do is refused by its field before any photo costs anything", async () => {
  const { scene } = await withRoses(() => assert.fail("It was colorized."));
  await using _scene = scene;
  for (const [given, field, says] of refusals) {
    const refused = await infer(scene, pixelRequest(given));
    assert.ok("error" in refused, `${field} was taken`);
    const { code, fields, message } = refused.error;
    assert.equal(code, "INVALID_ARGUMENT", message);
    assert.ok(fields.includes(field), `${field} is not among ${fields}: ${message}`);
    assert.match(message, says);
  }
  const all = await infer(
    scene,
    pixelRequest({ modelName: "a/b", id: "x".repeat(1001), parameters: { a: {}, b: {} } }),
  );
  assert.ok("error" in all);
  assert.deepEqual(all.error.fields, [
    "model_name",
    "id",
    "parameters.a",
    "parameters.b",
    "parameters",
  ]);
  const once = await infer(
    scene,
    pixelRequest({ modelName: "a/b", parameters: { saturation: { doubleParam: NaN } } }),
  );
  assert.ok("error" in once);
  assert.deepEqual(once.error.fields, ["model_name", "parameters.saturation"]);
  const unknown = await infer(scene, pixelRequest({ modelName: "tulips" }));
  assert.equal("error" in unknown && unknown.error.code, "NOT_FOUND");
});

Deno.test("an answer past the limit is refused, of pixels before they are colorized", async () => {
  let painted = 0;
  const { scene } = await withRoses((photo) => {
    painted++;
    return Promise.resolve(photo);
  }, { maxAnswerMib: 0.01 });
  await using _scene = scene;
  const large = Buffer.alloc(3 * 64 * 64);
  const shape = [1, 64, 64, 3];
  const inputs = [{ name: "image", datatype: "UINT8", shape }];
  const refused = await infer(scene, pixelRequest({ inputs, rawInputContents: [large] }));
  assert.ok("error" in refused);
  assert.equal(refused.error.code, "RESOURCE_EXHAUSTED");
  assert.match(
    refused.error.message,
    /the limit of ModelInfer is 0\.01 MiB .*or ask for the output encoded_colorized/,
  );
  assert.deepEqual([painted, refused.error.retryDelayMs], [0, undefined]);
  const outputs = [{ name: "encoded_colorized" }];
  const after = await infer(scene, pixelRequest({ inputs, outputs, rawInputContents: [large] }));
  assert.equal("error" in after && after.error.code, "RESOURCE_EXHAUSTED");
  assert.equal(painted, 1);
});

Deno.test("a photo that fails says which it is, and ends the others", async () => {
  let ended = 0;
  const { scene } = await withRoses((photo, _settings, signal) => {
    if (photo[0] === 66) {
      return Promise.reject(new TinctError("invalid_argument", "The photo is damaged."));
    }
    return new Promise((_, reject) =>
      signal?.addEventListener("abort", () => {
        ended++;
        reject(signal.reason);
      })
    );
  });
  await using _scene = scene;
  const files = ["A", "B", "C", "D"].map((text) => lengthBefore(Buffer.from(text)));
  const refused = await infer(scene, {
    modelName: "roses",
    inputs: [{ name: "encoded_image", datatype: "BYTES", shape: [4] }],
    rawInputContents: [Buffer.concat(files)],
  });
  assert.ok("error" in refused);
  const { code, message, fields } = refused.error;
  assert.deepEqual([code, message], ["INVALID_ARGUMENT", "Photo 2 of 4: The photo is damaged."]);
  assert.deepEqual(fields, ["raw_input_contents[0]"]);
  assert.equal(ended, 3);
});

Deno.test("a stream answers in the order of its requests, and goes on after one that is refused", async () => {
  let inWork = 0, most = 0;
  const first = Promise.withResolvers<void>();
  const { scene } = await withRoses(async (photo) => {
    most = Math.max(most, ++inWork);
    if (most === 2) first.resolve();
    if (photo[0] === 0) await first.promise; // the first one is done after the second has begun
    inWork--;
    return photo;
  }, { maxPhotosPerCall: 2 });
  await using _scene = scene;
  const call = scene.inference.modelStreamInfer();
  for (let index = 0; index < 6; index++) {
    const parameters = index === 3 ? { speed: { int64Param: 1 } } : {};
    const contents = [Buffer.from([index, 2, 3, 4, 5, 6])];
    call.write(pixelRequest({ id: `${index}`, parameters, rawInputContents: contents }));
  }
  call.end();
  const answers: ModelStreamInferResponse__Output[] = [];
  for await (const each of receive<ModelStreamInferResponse__Output>(call)) answers.push(each);
  assert.deepEqual(answers.map(({ inferResponse }) => inferResponse?.id), [
    ...["0", "1", "2", "3", "4", "5"],
  ]);
  assert.match(answers[3]!.errorMessage, /unknown "speed"/);
  assert.deepEqual(answers[3]!.inferResponse?.outputs, []);
  for (const [index, { errorMessage, inferResponse }] of answers.entries()) {
    if (index === 3) continue;
    assert.equal(errorMessage, "");
    assert.equal(inferResponse?.rawOutputContents[0]?.[0], index);
  }
  assert.equal(most, 2);
});

Deno.test("a stream that its client gives up ends what is under way", async () => {
  const begun = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const { scene } = await withRoses((_photo, _settings, signal) => {
    begun.resolve();
    return new Promise((_, reject) =>
      signal?.addEventListener("abort", () => {
        over.resolve();
        reject(signal.reason);
      })
    );
  }, { maxPhotosPerCall: 2 });
  await using _scene = scene;
  const call = scene.inference.modelStreamInfer();
  call.on("error", () => {});
  // Two are in work, and one more is read when one of them is done.
  for (let count = 0; count < 4; count++) call.write(pixelRequest());
  await begun.promise;
  call.cancel();
  await over.promise;
});

Deno.test("the repository lists models, says what they take, loads them and lets them go", async () => {
  const { scene, workforce } = await withRoses();
  await using _scene = scene;
  const { inference } = scene;
  const { live } = await answer<{ live: boolean }>((back) => inference.serverLive({}, back));
  const { ready } = await answer<{ ready: boolean }>((back) => inference.serverReady({}, back));
  assert.deepEqual([live, ready], [true, true]);
  const server = await answer<ServerMetadataResponse__Output>((back) =>
    inference.serverMetadata({}, back)
  );
  assert.deepEqual([server.name, server.extensions], ["tinct", ["model_repository"]]);
  const readyOf = async (name: string, version = "") =>
    (await answer<ModelReadyResponse__Output>((back) =>
      inference.modelReady({ name, version }, back)
    )).ready;
  assert.deepEqual(
    [await readyOf("roses"), await readyOf("roses", "1"), await readyOf("roses", "3")],
    [true, true, false],
  );
  assert.equal(await readyOf("tulips"), false);
  const metadata = await answer<ModelMetadataResponse__Output>((back) =>
    inference.modelMetadata({ name: "roses" }, back)
  );
  assert.deepEqual([metadata.platform, metadata.versions], ["tinct", ["1", "2"]]);
  const shapes = [...metadata.inputs, ...metadata.outputs]
    .map(({ name, datatype, shape }) => [name, datatype, shape]);
  assert.deepEqual(shapes, [
    ["image", "UINT8", [-1, -1, -1, 3]],
    ["encoded_image", "BYTES", [-1]],
    ["colorized", "UINT8", [-1, -1, -1, 3]],
    ["encoded_colorized", "BYTES", [-1]],
  ]);
  const none = await ending((back) => inference.modelMetadata({ name: "tulips" }, back));
  assert.equal("error" in none && none.error.code, "NOT_FOUND");

  const reasonOf = async () => {
    const { models } = await answer<RepositoryIndexResponse__Output>((back) =>
      inference.repositoryIndex({ ready: true }, back)
    );
    assert.deepEqual(models.map(({ name, version, state }) => [name, version, state]), [
      ["roses", "2", "READY"],
    ]);
    return models[0]?.reason;
  };
  const modelName = "roses";
  const unload_dependents = { boolParam: false };
  assert.equal(await reasonOf(), "in memory", "promotion loads");
  await answer((back) =>
    inference.repositoryModelUnload({ modelName, parameters: { unload_dependents } }, back)
  );
  assert.equal(await reasonOf(), "loaded by the next request");
  assert.deepEqual([...workforce.colorizing.preloaded], [], "its first version went, too");
  assert.equal(await readyOf("roses"), true);
  await answer((back) => inference.repositoryModelLoad({ modelName }, back));
  assert.equal(await reasonOf(), "in memory");
  const refused = await ending((back) =>
    inference.repositoryModelLoad(
      { modelName, parameters: { config: { stringParam: "{}" } } },
      back,
    )
  );
  assert.match("error" in refused ? refused.error.message : "", /has the unknown "config"/);
  const elsewhere = await ending((back) =>
    inference.repositoryIndex({ repositoryName: "other" }, back)
  );
  assert.match("error" in elsewhere ? elsewhere.error.message : "", /one repository, not "other"/);
});
