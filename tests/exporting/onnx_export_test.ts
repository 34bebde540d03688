import assert from "assert";
import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import tf from "@tensorflow/tfjs";
import { lightnessOfBytes } from "../../src/color/recolor.ts";
import { parseTrainingConfig, type TrainingConfig } from "../../src/config/training.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { exportOnnx } from "../../src/exporting/onnx_export.ts";
import type { ExportedFile } from "../../src/exporting/exported_file.ts";
import { decodePhoto } from "../../src/images/decode.ts";
import { colorizePicture } from "../../src/inference/colorize.ts";
import type { Colorizer } from "../../src/inference/colorizer.ts";
import { loadColorizer } from "../../src/inference/load_colorizer.ts";
import { openGenerator } from "../../src/inference/open_generator.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { blocksOf, readDocument } from "../docs/documents.ts";
import { engineTest } from "../engine/test_engine.ts";
import { largestDifference, photoBytes, photoPath } from "../images/test_photos.ts";
import { smallConfig, smallGenerator, writeRun } from "../inference/small_model.ts";
import { computeByRuntime, type OnnxCase, onnxPython } from "./onnx_runtime.ts";

/** Every architecture, with hints and without. */
const configs: Readonly<Record<string, TrainingConfig>> = {
  "unet": smallConfig,
  "unet-slope": parseTrainingConfig({
    ...{ size: 64, nDown: 5, ngf: 8, leakySlope: 0.1, batchNormEpsilon: 1e-3 },
    hints: true,
  }),
  "resnet18": parseTrainingConfig({ generator: "resnet18", size: 64, ngf: 8 }),
  "resnet34": parseTrainingConfig({
    ...{ generator: "resnet34", size: 64, ngf: 8 },
    decoderNorm: "batch",
  }),
  "ddcolor": parseTrainingConfig({ generator: "ddcolor-tiny", size: 64, ngf: 4 }),
  "spectral": parseTrainingConfig({
    ...{ generator: "resnet18", size: 64, ngf: 8, hints: true },
    decoderNorm: "spectral",
  }),
};

const notes = { name: "small", programVersion: "1", metadata: { step: "1" } };

async function written(path: string, file: ExportedFile): Promise<void> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.pieces()) pieces.push(piece.slice());
  const bytes = Buffer.concat(pieces);
  assert.equal(bytes.length, file.sizeBytes, "its size is known before");
  await writeFile(path, bytes);
}

/** A picture of every byte, [count, side, side, 3]. */
const noise = (count: number, side: number) =>
  Uint8Array.from({ length: count * side * side * 3 }, (_, at) => (at * 7919 >> 4) % 256);

/** What colorizers predict, and what the runtime is given to predict it from. */
async function lightCases(
  engine: Engine,
  colorizer: Colorizer,
  { folder, name, config }: {
    readonly folder: TemporaryFolder;
    readonly name: string;
    readonly config: TrainingConfig;
  },
): Promise<{ readonly request: OnnxCase; readonly expected: Float32Array }[]> {
  const { size } = config;
  const made = [];
  for (const count of [1, 3]) {
    const file = `${name}-${count}`;
    const bytes = noise(count, size);
    const pixels = engine.uint8Tensor(bytes, [count, size, size, 3]);
    const hints = tf.tidy(() => {
      const drawn = tf.randomUniform([count, size, size, 3], -0.5, 0.5, "float32", 3);
      return tf.mul(drawn, tf.cast(tf.greater(drawn, 0.4), "float32"));
    });
    const ab = await colorizer.predictColors(pixels, config.hints ? hints : undefined);
    const planes = (x: tf.Tensor) => tf.tidy(() => tf.transpose(x, [0, 3, 1, 2]));
    const [L, hinted, expected] = tf.tidy(() => [
      planes(lightnessOfBytes(pixels)),
      planes(hints),
      planes(ab),
    ]);
    const numbers = await Promise.all([L, hinted, expected].map((x) => engine.read(x!)));
    tf.dispose([pixels, hints, ab, L!, hinted!, expected!]);
    await writeFile(folder.join(`${file}.L`), new Uint8Array(numbers[0]!.buffer));
    await writeFile(folder.join(`${file}.hints`), new Uint8Array(numbers[1]!.buffer));
    const input = (channels: number, ending: string) => ({
      file: `${file}.${ending}`,
      dtype: "float32" as const,
      shape: [count, channels, size, size],
    });
    made.push({
      request: {
        model: `${name}.onnx`,
        inputs: { L: input(1, "L"), ...(config.hints && { hints: input(3, "hints") }) },
        output: `${file}.ab`,
      },
      expected: numbers[2]!,
    });
  }
  return made;
}

engineTest("ONNX Runtime computes an export as Tinct computes the model", async (engine, t) => {
  await using folder = await TemporaryFolder.create();
  const python = await onnxPython(t);
  if (python === undefined) return;
  const cases: Awaited<ReturnType<typeof lightCases>> = [];
  for (const [name, config] of Object.entries(configs)) {
    using generator = smallGenerator(engine, config);
    await mkdir(folder.join(name));
    await writeRun(engine, folder.join(name), [{ generator }], config);
    await using opened = await openGenerator(folder.join(name));
    const options = { isWhole: false, path: "model.onnx", notes };
    await written(folder.join(`${name}.onnx`), exportOnnx(opened, options).file);
    using colorizer = await loadColorizer(engine, folder.join(name));
    cases.push(...await lightCases(engine, colorizer, { folder, name, config }));
  }
  const requests = cases.map(({ request }) => request);
  const outcomes = await computeByRuntime(python, folder.path, requests);
  for (const [at, { request, expected }] of cases.entries()) {
    const { buffer } = await readFile(folder.join(request.output));
    const range = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const difference = largestDifference(new Float32Array(buffer), expected) / range;
    // float32 in another order of sums, as a part of the range; measured 5e-7, and 2e-5 of "spectral",
    // whose drawn singular vectors make its numbers large on the way.
    const tolerance = request.model === "spectral.onnx" ? 1e-4 : 1e-5;
    assert.ok(difference <= tolerance, `${request.output}: ${difference}`);
    assert.ok(expected.some((value) => Math.abs(value) > 0.2), "it has colours");
    const { operations, inputs, opset } = outcomes[at]!;
    assert.ok(!operations.includes("BatchNormalization"), "batch norms are folded");
    assert.deepEqual([inputs.L?.[0], opset], ["N", 17]);
  }
});

engineTest("a whole export makes the pictures that Tinct makes", async (engine, t) => {
  await using folder = await TemporaryFolder.create();
  const python = await onnxPython(t);
  if (python === undefined) return;
  const requests: OnnxCase[] = [];
  const expected: Uint8Array[] = [];
  for (const name of ["unet-slope", "resnet34", "ddcolor"]) {
    const config = configs[name]!;
    using generator = smallGenerator(engine, config);
    await mkdir(folder.join(name));
    await writeRun(engine, folder.join(name), [{ generator }], config);
    await using opened = await openGenerator(folder.join(name));
    const options = { isWhole: true, path: "model.onnx", notes };
    await written(folder.join(`${name}.onnx`), exportOnnx(opened, options).file);
    using colorizer = await loadColorizer(engine, folder.join(name));
    const { size } = config;
    const coffee = await decodePhoto(await photoBytes("coffee.png"));
    const pictures: {
      readonly width: number;
      readonly height: number;
      readonly rgb: Uint8Array;
      readonly count?: number;
    }[] = [
      { width: size, height: size, rgb: noise(1, size) },
      { width: 50, height: 30, rgb: noise(1, 50).subarray(0, 50 * 30 * 3) },
      { width: 1, height: 1, rgb: noise(1, 1) },
      { width: 30, height: 25, rgb: noise(2, 30).subarray(0, 2 * 30 * 25 * 3), count: 2 },
      coffee,
    ];
    // A DDColor of drawn weights has no bounds, and makes much of 3 bytes of lightness.
    if (name === "ddcolor") pictures.length = 1;
    for (const [at, { width, height, rgb, count = 1 }] of pictures.entries()) {
      const file = `${name}-${at}`;
      await writeFile(folder.join(file), rgb);
      const shape = [count, height, width, 3];
      const image = { file, dtype: "uint8" as const, shape };
      requests.push({ model: `${name}.onnx`, inputs: { image }, output: `${file}.out` });
      const each = width * height * 3;
      const made = [];
      for (let from = 0; from < count * each; from += each) {
        const one = rgb.slice(from, from + each);
        made.push((await colorizePicture({ width, height, rgb: one }, colorizer)).rgb);
      }
      expected.push(Buffer.concat(made));
    }
  }
  const outcomes = await computeByRuntime(python, folder.path, requests);
  for (const [at, { output, inputs }] of requests.entries()) {
    const made = new Uint8Array(await readFile(folder.join(output)));
    assert.deepEqual(outcomes[at]!.shape, inputs.image!.shape);
    const differences = made.map((value, i) => Math.abs(value - expected[at]![i]!));
    const most = differences.reduce((most, each) => Math.max(most, each), 0);
    const mean = differences.reduce((sum, each) => sum + each, 0) / made.length;
    const isOwnSize = output.endsWith("-0.out");
    // A byte where rounding falls otherwise. The lightness of a scaled photo differs by up to 3 bytes;
    // measured 3 and 0.07.
    assert.ok(most <= (isOwnSize ? 1 : 8), `${output}: ${most}`);
    assert.ok(mean <= (isOwnSize ? 0.001 : 0.15), `${output}: ${mean}`);
    const isColored = made.some((value, i) => Math.abs(value - made[i - i % 3]!) > 30);
    assert.ok(isColored || made.length === 3, output);
  }

  // The documents' example, as it stands there.
  const [example] = blocksOf("docs/exporting.md", await readDocument("docs/exporting.md"))
    .filter(({ language }) => language === "python");
  const program = (example?.lines ?? []).join("\n").replace(
    "exports/mine/model.onnx",
    "resnet34.onnx",
  );
  await writeFile(folder.join("example.py"), program);
  await copyFile(photoPath("cat.jpg"), folder.join("gray.jpg"));
  await promisify(execFile)(python, ["example.py"], { cwd: folder.path });
  const { width, height } = await decodePhoto(photoPath("cat.jpg"));
  const colored = await decodePhoto(folder.join("colour.png"));
  assert.deepEqual([colored.width, colored.height], [width, height]);
});
