import assert from "assert";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import tf from "@tensorflow/tfjs";
import { openFeatureExtractor } from "../../src/evaluation/open_feature_extractor.ts";
import { frechetDistance } from "../../src/evaluation/frechet_distance.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { assertClose, engineTest } from "../engine/test_engine.ts";

const at = (name: string) =>
  fileURLToPath(new URL(`../testdata/inception/${name}`, import.meta.url));

/** What testdata/inception/make_inception.py wrote. */
const expected: {
  readonly pictures: number[];
  readonly savedModel: number[][];
  readonly onnx: number[][];
  readonly distances: {
    readonly size: number;
    readonly first: number[];
    readonly second: number[];
    readonly distance: number;
  }[];
} = JSON.parse(readFileSync(at("expected.json"), "utf8"));

const networks = [
  ["saved_model", "savedModel", "TensorFlow"],
  ["inception.onnx", "onnx", "ONNX Runtime"],
] as const;

for (const [file, name, reference] of networks) {
  engineTest(`${file} gives the features that ${reference} gives`, async (engine) => {
    using extractor = await openFeatureExtractor(engine, at(file));
    assert.equal(extractor.size, 24);
    const pictures = tf.tensor(expected.pictures, [2, 24, 24, 3]);
    const features = await extractor.extract(pictures);
    pictures.dispose();
    // float32, added up in another order.
    assertClose(features, expected[name].flat(), { absolute: 1e-5, relative: 1e-5 });
  });
}

engineTest(
  "frechetDistance() is that of SciPy's matrix root, also of few pictures",
  async (engine) => {
    for (const { size, distance, ...sets } of expected.distances) {
      const [first, second] = [sets.first, sets.second].map((values) => ({
        values: Float32Array.from(values),
        rows: values.length / size,
        size,
      }));
      const found = await frechetDistance(engine.context, first!, second!);
      // A root of a singular matrix is known to the root of float64's precision.
      assertClose([found], [distance], { relative: 1e-6 });
      assertClose([await frechetDistance(engine.context, second!, first!)], [found], {
        relative: 1e-12,
      });
      // A set is at no distance from itself.
      assertClose([await frechetDistance(engine.context, first!, first!)], [0], {
        absolute: 1e-10,
      });
    }
  },
);

engineTest("frechetDistance() refuses sets that do not belong together", async (engine) => {
  const features = (rows: number, size: number) => ({
    values: new Float32Array(rows * size),
    rows,
    size,
  });
  const distance = (a: [number, number], b: [number, number]) =>
    frechetDistance(engine.context, features(...a), features(...b));
  await assert.rejects(distance([3, 4], [3, 5]), /are 4 and 5 numbers a picture/);
  await assert.rejects(distance([3, 4], [1, 4]), /two pictures or more/);
});

engineTest("networks that cannot be used are refused, with what to do", async (engine) => {
  await using folder = await TemporaryFolder.create();
  await writeFile(folder.join("cut.onnx"), readFileSync(at("inception.onnx")).subarray(0, 3000));
  const open = (path: string, output?: string) => openFeatureExtractor(engine, path, { output });
  const refusals: [() => Promise<unknown>, ErrorCode, RegExp][] = [
    [() => open(folder.join("none")), "not_found", /none does not exist\.$/],
    [() => open(folder.path), "invalid_argument", /holds no saved_model\.pb: give the folder of/],
    [() => open(folder.join("cut.onnx")), "data_loss", /cut short, or of another format/],
    [
      () => open(at("unknown_operation.onnx")),
      "unimplemented",
      /needs the ONNX operation Det \("features"\), which Tinct does not support: export/,
    ],
    [
      () => open(at("inception.onnx"), "logits"),
      "invalid_argument",
      /gives features: there is no output logits/,
    ],
    [
      () => open(at("saved_model"), "logits"),
      "invalid_argument",
      /gives features: there is no output logits/,
    ],
  ];
  for (const [refused, code, sentence] of refusals) {
    await assert.rejects(refused(), failsWith(code, sentence));
  }
});
