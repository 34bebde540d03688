import assert from "assert";
import tf from "@tensorflow/tfjs";
import { fileURLToPath } from "node:url";
import type { Engine } from "../../src/engine/engine.ts";
import { ImportedNetwork } from "../../src/imported/imported_network.ts";
import { loadModel } from "../../src/imported/load_model.ts";
import { ResizedNetwork } from "../../src/imported/resized_network.ts";
import { readNpy } from "../../src/onnx/npy_file.ts";
import { OnnxNetwork, openOnnx } from "../../src/onnx/onnx_network.ts";
import { namedProfiles, type ProfileName } from "../../src/profiles/color_profile.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest } from "../engine/test_engine.ts";

/** What testdata/imported/make_imported.py wrote: its photo has 64 pixels a side. */
const at = (name: string) =>
  fileURLToPath(new URL(`../testdata/imported/${name}`, import.meta.url));
const size = 64;

async function load(engine: Engine, file: string, name: ProfileName): Promise<ImportedNetwork> {
  const network = await OnnxNetwork.load(engine, await openOnnx(at(`${file}.onnx`)));
  return new ImportedNetwork(engine, network, { ...namedProfiles[name], size });
}

async function photo(): Promise<Uint8Array> {
  return Uint8Array.from((await readNpy(at("photo.npy"))).values);
}

/** The largest difference from what is expected, in parts of its range. */
async function difference(
  engine: Engine,
  network: ImportedNetwork,
  expected: string,
  hints?: Float32Array,
): Promise<number> {
  const pixels = engine.uint8Tensor(await photo(), [1, size, size, 3]);
  const drawn = hints && tf.tensor4d(hints, [1, size, size, 3]);
  const made = await network.predict(pixels, drawn);
  try {
    assert.deepEqual(made.shape, [1, size, size, 2]);
    const values = Float32Array.from((await readNpy(at(`${expected}.ab.npy`))).values);
    const off = (await engine.read(made))
      .reduce((most, value, index) => Math.max(most, Math.abs(110 * value - values[index]!)), 0);
    return off /
      (values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b)));
  } finally {
    tf.dispose([pixels, made, ...(drawn ? [drawn] : [])]);
  }
}

const networks: readonly (readonly [string, ProfileName])[] = [
  ["ddcolor", "ddcolor"],
  ["ddcolor.fixed", "ddcolor"],
  ["deoldify", "deoldify"],
  ["siggraph17", "siggraph17"],
  ["eccv16", "eccv16"],
];

for (const [file, name] of networks) {
  engineTest(
    `${file}.onnx gives a photo the colours that ONNX Runtime gives it`,
    async (engine) => {
      using network = await load(engine, file, name);
      // 1e-4 of the range is what float32 may differ by where other programs add up in another order.
      const off = await difference(engine, network, file);
      assert.ok(off < 1e-4, `${off} of the range`);
    },
  );
}

engineTest("siggraph17.onnx sees hints", async (engine) => {
  using network = await load(engine, "siggraph17", "siggraph17");
  assert.ok(network.takesHints);
  const hints = new Float32Array(size * size * 3);
  for (let y = 10; y < 20; y++) {
    for (let x = 30; x < 40; x++) hints.set([0.5, -0.25, 1], 3 * (y * size + x));
  }
  const off = await difference(engine, network, "siggraph17.hinted", hints);
  assert.ok(off < 1e-4, `${off} of the range`);
  assert.ok(
    await difference(engine, network, "siggraph17.hinted") > 0.01,
    "without them it differs",
  );
});

engineTest("photos of a pass get what each gets alone, hints and all", async (engine) => {
  using network = await load(engine, "siggraph17", "siggraph17");
  const one = await photo();
  const other = one.toReversed();
  const hints = Float32Array.from({ length: 2 * size * size * 3 }, (_, i) => Math.sin(i));
  const together = [
    engine.uint8Tensor(Uint8Array.from([...one, ...other]), [2, size, size, 3]),
    tf.tensor4d(hints, [2, size, size, 3]),
  ] as const;
  const both = await network.predict(...together);
  const values = await engine.read(both);
  const half = values.length / 2;
  for (const [index, bytes] of [one, other].entries()) {
    const pixels = engine.uint8Tensor(bytes, [1, size, size, 3]);
    const own = tf.slice(together[1], index, 1);
    const alone = await network.predict(pixels, own);
    assert.deepEqual(await engine.read(alone), values.slice(index * half, (index + 1) * half));
    tf.dispose([pixels, own, alone]);
  }
  tf.dispose([both, ...together]);
});

engineTest(
  "a resized network gives squares of another size its colours, brought there",
  async (engine) => {
    using resized = new ResizedNetwork(engine, await load(engine, "eccv16", "eccv16"), 32);
    using network = await load(engine, "eccv16", "eccv16");
    // A picture of one gray is the same at every size, and so are its colours but for what the ends do.
    const of = (side: number) =>
      engine.uint8Tensor(new Uint8Array(side * side * 3).fill(90), [1, side, side, 3]);
    const [small, large] = [of(32), of(size)];
    const [made, own] = [await resized.predict(small), await network.predict(large)];
    assert.deepEqual(made.shape, [1, 32, 32, 2]);
    const expected = tf.image.resizeBilinear(own as tf.Tensor4D, [32, 32], false, true);
    assert.deepEqual(await engine.read(made), await engine.read(expected));
    tf.dispose([small, large, made, own, expected]);
  },
);

engineTest("loadModel() says what is not there, whatever it is called", async (engine) => {
  await using folder = await TemporaryFolder.create();
  for (const name of ["gone.onnx", "gone.pth", "gone.safetensors", "gone"]) {
    await assert.rejects(
      loadModel(engine, folder.join(name)),
      failsWith("not_found", new RegExp(`${name} does not exist\\.$`)),
    );
  }
});
