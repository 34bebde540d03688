import assert from "assert";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import tf from "@tensorflow/tfjs";
import { decodePhoto } from "../../src/images/decode.ts";
import { frechetDistance } from "../../src/evaluation/frechet_distance.ts";
import { PictureFeatures } from "../../src/evaluation/picture_features.ts";
import { openFeatureExtractor } from "../../src/evaluation/open_feature_extractor.ts";
import { squashBilinearly } from "../../src/images/squash.ts";
import { preparePhotos } from "../../src/prepared/prepare_photos.ts";
import { splitSet } from "../../src/prepared/split_set.ts";
import { loadColorizer } from "../../src/inference/load_colorizer.ts";
import { Evaluator } from "../../src/validation/evaluator.ts";
import { summarize } from "../../src/validation/measures.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { assertClose, engineTest } from "../engine/test_engine.ts";
import { smallConfig, smallGenerator, writeRun } from "../inference/small_model.ts";
import { paintScenes } from "../service/workshop.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { runKeptTinct, runTinct } from "./run_tinct.ts";

/** Two runs of untrained models, and a folder of 12 scenes. */
class Bench implements AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly runs: readonly string[];
  readonly scenes: string;

  private constructor(folder: TemporaryFolder, runs: readonly string[], scenes: string) {
    this.folder = folder;
    this.runs = runs;
    this.scenes = scenes;
  }

  static async open(engine: Engine): Promise<Bench> {
    const folder = await TemporaryFolder.create();
    const runs = [folder.join("one"), folder.join("two")];
    for (const [index, run] of runs.entries()) {
      await mkdir(run);
      using generator = smallGenerator(engine, smallConfig, index + 1);
      await writeRun(engine, run, [{ generator }]);
    }
    await paintScenes(folder.join("scenes"), 12);
    return new Bench(folder, runs, folder.join("scenes"));
  }

  evaluate(...argv: string[]) {
    return runTinct(["evaluate", "--data", this.scenes, "--threads", "1", ...argv], {
      isKept: true,
      environment: {
        TINCT_CACHE: this.folder.join("cache"),
        TINCT_TENSORFLOW: dirname(libraryPath()),
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.folder[Symbol.asyncDispose]();
  }
}

engineTest("evaluate prints and writes what the evaluator measures", async (engine) => {
  await using bench = await Bench.open(engine);
  const [one = "", two = ""] = bench.runs;
  const [json, sheet] = [bench.folder.join("out.json"), bench.folder.join("out.png")];
  const argv = ["--model", one, "--model", two, "--json", json, "--sheet", sheet];
  const { code, stdout, stderr } = await bench.evaluate(...argv, "--sheet-photos", "3");
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^Protocol: 12 photos of the 12 in \S+scenes that have colour \| resized to /,
  );
  assert.match(stdout, /weights 1: \S+one\/checkpoints\/step-00000001, step 1; 2: \S+two/);
  assert.match(stdout, /^PSNR, dB \(higher\) +[\d.]+ +[\d.]+ \[[\d.]+, [\d.]+\] /m);
  assert.match(stdout, /^ΔE2000 \(lower\) .* (not )?told apart$/m);

  const written = JSON.parse(await readFile(json, "utf8"));
  await using set = await preparePhotos(bench.scenes, {
    size: 32,
    cacheFolder: bench.folder.join("mine"),
  });
  for (const [index, model] of [one, two].entries()) {
    using colorizer = await loadColorizer(engine, model);
    using evaluator = new Evaluator(engine, set, colorizer);
    const judged = await evaluator.judge(set.names.map((_, i) => i));
    const { psnr, ssim, deltaE2000, colorfulnessRatio } = summarize(judged);
    const { metrics } = written.models[index];
    const got = ["psnr", "ssim", "deltaE2000", "colorfulnessRatio"].map((name) =>
      metrics[name].value
    );
    // Another number of threads adds up in another order.
    assertClose(got, [psnr, ssim, deltaE2000, colorfulnessRatio], { relative: 1e-5 });
    assert.ok(metrics.psnr.low < psnr && psnr < metrics.psnr.high);
    assertClose(
      written.photos.map((photo: { models: { psnr: number }[] }) => photo.models[index]!.psnr),
      judged.map(({ colorized }) => colorized.psnr),
      { relative: 1e-5 },
    );
  }
  assert.deepEqual(written.photos.map(({ name }: { name: string }) => name), set.names);
  const { differences } = written.comparison;
  const [first, second] = written.models;
  assertClose(
    [differences.abError.value],
    [first.metrics.abError.value - second.metrics.abError.value],
    { absolute: 1e-9 },
  );
  // Six columns of three photos.
  const picture = await decodePhoto(sheet);
  assert.ok(picture.width > picture.height);
});

engineTest(
  "evaluate takes some photos, the same ones every time, or those kept out",
  async (engine) => {
    await using bench = await Bench.open(engine);
    const [one = ""] = bench.runs;
    const namesFor = async (...argv: string[]): Promise<string[]> => {
      const json = bench.folder.join("names.json");
      const { code, stderr } = await bench.evaluate("--model", one, "--json", json, ...argv);
      assert.equal(code, 0, stderr);
      const { photos } = JSON.parse(await readFile(json, "utf8"));
      return photos.map(({ name }: { name: string }) => name);
    };
    const five = await namesFor("--limit", "5");
    assert.equal(five.length, 5);
    assert.deepEqual(await namesFor("--limit", "5"), five);
    assert.notDeepEqual(await namesFor("--limit", "5", "--seed", "1"), five);
    await using set = await preparePhotos(bench.scenes, {
      size: 32,
      cacheFolder: bench.folder.join("mine"),
    });
    const { validation } = splitSet(set.ids, smallConfig);
    assert.deepEqual(await namesFor("--kept-out"), Array.from(validation, (i) => set.names[i]));
  },
);

for (const file of ["saved_model", "inception.onnx"]) {
  engineTest(`evaluate measures FID by ${file}`, async (engine) => {
    await using bench = await Bench.open(engine);
    const [one = ""] = bench.runs;
    const network = fileURLToPath(new URL(`../testdata/inception/${file}`, import.meta.url));
    const json = bench.folder.join("fid.json");
    const { code, stdout, stderr } = await bench.evaluate(
      ...["--model", one, "--json", json, "--inception", network, "--inception-input", "unit"],
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, / \| FID by \S+ \(unit input\) \| /);
    assert.match(stdout, /^FID \(lower\) +[\d.]+ +[\d.]+$/m);

    await using set = await preparePhotos(bench.scenes, {
      size: 32,
      cacheFolder: bench.folder.join("mine"),
    });
    const indices = set.names.map((_, i) => i);
    using extractor = await openFeatureExtractor(engine, network);
    using colorizer = await loadColorizer(engine, one);
    using evaluator = new Evaluator(engine, set, colorizer);
    const shown = await evaluator.show(indices);
    // By the pictures that can be looked at, one at a time, resized and scaled here.
    const featuresOf = async (pictures: readonly Uint8Array[]) => {
      const rows: number[] = [];
      for (const picture of pictures) {
        const resized = tf.tidy(() => {
          const rgb = tf.tensor4d(Float32Array.from(picture), [1, 32, 32, 3]);
          return tf.div(tf.image.resizeBilinear(rgb, [24, 24], false, true), 255);
        });
        rows.push(...await extractor.extract(resized));
        resized.dispose();
      }
      const values = Float32Array.from(rows);
      return { values, rows: pictures.length, size: values.length / pictures.length };
    };
    const real = await featuresOf(shown.map((photo) => photo.real));
    const distance = async (pictures: readonly Uint8Array[]) =>
      await frechetDistance(engine.context, await featuresOf(pictures), real);
    const written = JSON.parse(await readFile(json, "utf8"));
    assertClose(
      [written.models[0].fid, written.grayFid],
      [
        await distance(shown.map((photo) => photo.colorized)),
        await distance(shown.map((photo) => photo.gray)),
      ],
      { relative: 1e-3 },
    );
    assert.ok(written.grayFid > 0);
  });
}

engineTest(
  "evaluate by DDColor's protocol squashes, counts and measures as its code does",
  async (engine) => {
    await using bench = await Bench.open(engine);
    const [one = ""] = bench.runs;
    const network = fileURLToPath(new URL("../testdata/inception/inception.onnx", import.meta.url));
    const argv = ["--model", one, "--protocol", "ddcolor", "--inception", network];
    const json = bench.folder.join("out.json");
    const { code, stdout, stderr } = await bench.evaluate(...argv, "--size", "64", "--json", json);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Protocol: ddcolor: colourfulness with absolute opponent channels/);
    assert.match(
      stdout,
      / resized to 64 x 64 whatever their aspect, bilinear without antialiasing/,
    );
    assert.match(stdout, /^ΔCF \(lower\) +[\d.]+ +[\d.]+ \[/m);
    assert.doesNotMatch(stdout, /ratio to real/);

    const written = JSON.parse(await readFile(json, "utf8"));
    assert.equal(written.protocol.name, "ddcolor");
    assert.equal(written.protocol.inception.input, "ddcolor");
    const features: number[][] = [];
    using extractor = await openFeatureExtractor(engine, network);
    const real: number[] = [];
    for (const { name } of written.photos) {
      const photo = await decodePhoto(`${bench.scenes}/${name}`);
      const { width, height } = photo;
      const rgb = squashBilinearly(photo.rgb, { width, height, size: 64 });
      real.push(absoluteCount(rgb));
      const input = tf.tidy(() => {
        const unit = tf.tensor4d(Float32Array.from(rgb, (byte) => byte / 255), [1, 64, 64, 3]);
        const fitted = tf.image.resizeBilinear(unit, [24, 24], false, true);
        // custom_fid.py: x * 0.5 + 0.5, then x * (std / 0.5) + (mean - 0.5) / 0.5 by channel.
        return tf.add(
          tf.mul(tf.add(tf.mul(fitted, 0.5), 0.5), [0.458, 0.448, 0.45]),
          [-0.03, -0.088, -0.188],
        );
      });
      features.push([...await extractor.extract(input)]);
      input.dispose();
    }
    assertClose(
      written.photos.map((photo: { realColorfulness: number }) => photo.realColorfulness),
      real,
      { relative: 1e-4 },
    );
    const mean = real.reduce((a, b) => a + b) / real.length;
    const [{ metrics }] = written.models;
    assertClose([metrics.colorfulnessDifference.value], [
      Math.abs(metrics.colorfulness.value - mean),
    ], {
      absolute: 1e-3,
    });
    // The set's own features have no distance from those that were computed here.
    await using photos = await preparePhotos(bench.scenes, {
      size: 64,
      filter: "bilinear",
      cacheFolder: bench.folder.join("mine"),
    });
    using computed = new PictureFeatures(engine, photos, extractor, "ddcolor");
    const { values } = await computed.of(photos.names.map((_, i) => i), "real");
    // L*a*b* and back are within 1e-3 of a byte.
    assertClose([...values], features.flat(), { absolute: 1e-3 });
  },
);

/** As DDColor's calculate_cf, on RGB bytes. */
function absoluteCount(rgb: Uint8Array): number {
  const planes: [number[], number[]] = [[], []];
  for (let at = 0; at < rgb.length; at += 3) {
    const [red, green, blue] = rgb.subarray(at, at + 3) as unknown as [number, number, number];
    planes[0].push(Math.abs(red - green));
    planes[1].push(Math.abs(0.5 * (red + green) - blue));
  }
  const moments = planes.map((plane) => {
    const mean = plane.reduce((a, b) => a + b) / plane.length;
    const variance = plane.reduce((sum, each) => sum + (each - mean) ** 2, 0) / plane.length;
    return { mean, variance };
  });
  const [one, two] = moments as [typeof moments[0], typeof moments[0]];
  return Math.sqrt(one.variance + two.variance) + 0.3 * Math.hypot(one.mean, two.mean);
}

engineTest("evaluate refuses what makes no sense before it computes", async (engine) => {
  await using bench = await Bench.open(engine);
  const [one = ""] = bench.runs;
  const onnx = fileURLToPath(new URL("../testdata/inception/inception.onnx", import.meta.url));
  const refusals: [string[], RegExp][] = [
    [[], /--model RUN is to be given once or twice, not 0 times\./],
    [["--model", one, "--model", one, "--model", one], /once or twice, not 3 times/],
    [["--model", bench.folder.join("none")], /none/],
    [["--model", one, "--checkpoint", "first"], /--checkpoint must be latest, best or the number/],
    [
      ["--model", one, "--limit", "1", "--inception", onnx],
      /FID compares sets of pictures and needs two photos or more/,
    ],
    [
      ["--model", one, "--inception", bench.folder.join("none.onnx")],
      /none\.onnx does not exist\./,
    ],
    [
      ["--model", one, "--protocol", "ddcolor", "--inception", onnx, "--inception-input", "unit"],
      /--protocol ddcolor decides what FID's network is given: leave --inception-input out/,
    ],
    [["--model", one, "--protocol", "paper"], /tinct.*ddcolor/],
    [["--model", one, "--size", "48"], /must be from 16 to 2048 pixels and a multiple of 32/],
  ];
  for (const [argv, sentence] of refusals) {
    const { code, stderr } = await bench.evaluate(...argv);
    assert.notEqual(code, 0);
    assert.match(stderr, sentence);
  }
});

Deno.test("evaluate refuses what can be seen without a model before it looks for TensorFlow", async () => {
  await using folder = await TemporaryFolder.create();
  await paintScenes(folder.join("photos"), 1);
  const environment = { TINCT_TENSORFLOW: folder.join("nowhere") };
  const refusals: [string[], RegExp][] = [
    [["--data", folder.join("gone")], /^The folder \S+gone does not exist/],
    [["--inception", folder.join("none.onnx")], /none\.onnx does not exist\.$/m],
    [["--sheet", folder.join("none", "sheet.png")], /sheet\.png: its folder does not exist/],
    [["--json", folder.join("none", "all.json")], /all\.json: its folder does not exist/],
    [["--kept-out"], /model\.pth is no sound safetensors file/],
  ];
  await writeFile(folder.join("model.pth"), "");
  for (const [argv, sentence] of refusals) {
    const { code, stderr } = await runKeptTinct([
      ...["evaluate", "--model", folder.join("model.pth"), "--data", folder.join("photos")],
      ...argv,
    ], { environment });
    assert.notEqual(code, 0);
    assert.match(stderr, sentence);
  }
});
