import assert from "assert";
import type { Tensor } from "@tensorflow/tfjs";
import { decodePhoto } from "../../src/images/decode.ts";
import { Workroom } from "../../src/images/workroom.ts";
import { colorizePhoto } from "../../src/inference/colorize.ts";
import { Colorizer } from "../../src/inference/colorizer.ts";
import { FrozenGenerator } from "../../src/inference/frozen_generator.ts";
import { GeneratorNetwork } from "../../src/inference/generator_network.ts";
import type { PhotoSettings__Output } from "../../src/protocol/generated/tinct/worker/v1/photo_settings.ts";
import { colorizeOne } from "../../src/workers/colorize_one.ts";
import { type Around, PassBatcher } from "../../src/workers/pass_batcher.ts";
import { engineTest } from "../engine/test_engine.ts";
import { photoBytes } from "../images/test_photos.ts";
import { smallConfig, smallGenerator } from "../inference/small_model.ts";

engineTest("a worker makes of a photo what the command makes of it, to the bit", async (engine) => {
  using generator = smallGenerator(engine);
  const read = ({ name }: { name: string }): Promise<Tensor> =>
    Promise.resolve(generator.variable(name).read());
  const frozen = await FrozenGenerator.load(engine, smallConfig, read);
  using colorizer = new Colorizer(engine, new GeneratorNetwork(engine, frozen), {
    path: "drawn",
    step: undefined,
  });
  const around: Around = (work) => work();
  const model = { colorizer, batcher: new PassBatcher(colorizer, 1), around };
  const pixels: Uint8Array[] = [];
  const recolor = colorizer.recolor.bind(colorizer);
  colorizer.recolor = async (photo, ab, options) => {
    const colored = await recolor(photo, ab, options);
    pixels.push(photo.rgb, colored.rgb);
    return colored;
  };
  const desk = {
    room: new Workroom({ memoryBytes: 2 ** 30 }),
    limits: {
      maxPhotoPixels: 1e8,
      maxPhotoSide: 20_000,
      maxDecodeTime: null,
      maxEncodeTime: null,
      maxAvifPixels: 1e8,
    },
  };
  const settings: PhotoSettings__Output = {
    modelId: 1,
    format: "IMAGE_FORMAT_PNG",
    quality: 0,
    saturation: 1.5,
    maxSide: 0,
    stripMetadata: true,
    hints: [],
    removeCast: false,
    refine: false,
    pixels: null,
    asPixels: false,
    videoId: "",
    loneFrame: false,
  };
  const { signal } = new AbortController();
  const names = ["cat.jpg", "coffee.png", "alpha.png", "exif_orientation_6.jpg", "gray16.png"];
  const keepsDepth = { keepsDepth: () => true };
  for (const name of names) {
    const file = await photoBytes(name);
    const files = { photo: file, strokes: undefined, reference: undefined };
    const { image, result } = await colorizeOne(files, model, settings, desk, signal);
    assert.deepEqual(pixels.splice(0).map(({ length }) => length), [0, 0], "its pixels are gone");
    const made = await decodePhoto(image, keepsDepth);
    const { width, height, rgb, alpha, deep } = await colorizePhoto(file, colorizer, {
      ...keepsDepth,
      saturation: 1.5,
    });
    pixels.length = 0;
    assert.deepEqual([made.width, made.height, result.batchSize], [width, height, 1], name);
    assert.deepEqual(made.rgb, rgb, name);
    assert.deepEqual(made.alpha, alpha, name);
    assert.equal(made.deep !== undefined, name === "gray16.png", name);
    assert.deepEqual(made.deep, deep, name);
  }
  const photo = await photoBytes("gray16.png");
  const asJpeg = await colorizeOne(
    { photo, strokes: undefined, reference: undefined },
    model,
    { ...settings, format: "IMAGE_FORMAT_JPEG" },
    desk,
    signal,
  );
  assert.equal((await decodePhoto(asJpeg.image)).format, "jpeg");

  const { width, height, rgb } = await decodePhoto(await photoBytes("coffee.png"));
  const fromPixels = await colorizeOne(
    { photo: rgb, strokes: undefined, reference: undefined },
    model,
    { ...settings, pixels: { width, height }, asPixels: true },
    desk,
    signal,
  );
  const { format, sizeBytes } = fromPixels.result;
  assert.deepEqual([format, sizeBytes], ["IMAGE_FORMAT_UNSPECIFIED", width * height * 3]);
  const file = await photoBytes("coffee.png");
  const expected = await colorizePhoto(file, colorizer, { saturation: 1.5 });
  assert.deepEqual(fromPixels.image, expected.rgb);
});
