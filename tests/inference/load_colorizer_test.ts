import assert from "assert";
import { Buffer } from "node:buffer";
import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { openCheckpointStore } from "../../src/checkpoints/checkpoint_store.ts";
import { type TensorSource, writeSafetensors } from "../../src/checkpoints/safetensors.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Colorizer } from "../../src/inference/colorizer.ts";
import { loadColorizer, type LoadColorizerOptions } from "../../src/inference/load_colorizer.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest } from "../engine/test_engine.ts";
import { largestDifference } from "../images/test_photos.ts";
import { smallConfig, smallGenerator, tensorSources, writeRun } from "./small_model.ts";

const { size } = smallConfig;
const square = Uint8Array.from({ length: size * size * 3 }, (_, i) => (i * 29) % 256);

/** What a colorizer predicts for the test's picture. */
async function prediction(colorizer: Colorizer): Promise<Float32Array> {
  const [ab] = await colorizer.predict([square]);
  const values = await ab!.data<"float32">();
  ab!.dispose();
  return values;
}

async function load(
  engine: Engine,
  path: string,
  options?: LoadColorizerOptions,
): Promise<{ step: number | undefined; ab: Float32Array }> {
  using colorizer = await loadColorizer(engine, path, options);
  return { step: colorizer.source.step, ab: await prediction(colorizer) };
}

/** A run of three checkpoints, of which the second is the best. */
async function makeRun(engine: Engine, folder: TemporaryFolder): Promise<string> {
  using first = smallGenerator(engine, smallConfig, 1);
  using second = smallGenerator(engine, smallConfig, 2);
  using third = smallGenerator(engine, smallConfig, 3);
  await writeRun(engine, folder.path, [
    { generator: first, psnr: 20 },
    { generator: second, psnr: 25 },
    { generator: third, psnr: 24 },
  ]);
  return folder.path;
}

engineTest(
  "loadColorizer() takes a run's newest checkpoint, its best, or one step's",
  async (engine) => {
    await using folder = await TemporaryFolder.create();
    const run = await makeRun(engine, folder);
    const newest = await load(engine, run);
    assert.equal(newest.step, 3);
    assert.equal((await load(engine, run, { checkpoint: "best" })).step, 2);
    const first = await load(engine, run, { checkpoint: 1 });
    assert.equal(first.step, 1);
    assert.ok(largestDifference(first.ab, newest.ab) > 0.1);
    const byPath = await load(engine, `${run}/checkpoints/step-00000001`);
    assert.deepEqual(byPath, first);
  },
);

engineTest("loadColorizer() takes the moving average where there is one", async (engine) => {
  await using folder = await TemporaryFolder.create();
  using raw = smallGenerator(engine, smallConfig, 1);
  using ema = smallGenerator(engine, smallConfig, 2);
  const [both, other] = [folder.join("both"), folder.join("other")];
  await mkdir(both);
  await mkdir(other);
  await writeRun(engine, both, [{ generator: raw, ema }]);
  await writeRun(engine, other, [{ generator: ema }]);
  const average = await load(engine, both);
  const { ab } = await load(engine, other);
  assert.deepEqual(average, { step: 1, ab });
  assert.deepEqual(await load(engine, both, { weights: "ema" }), average);
  const plain = await load(engine, both, { weights: "raw" });
  assert.ok(largestDifference(plain.ab, average.ab) > 0.1);
  using colorizer = await loadColorizer(engine, both);
  assert.equal(colorizer.source.weights, "ema");
});

engineTest("loadColorizer() reads what PyTorch's users have", async (engine) => {
  await using folder = await TemporaryFolder.create();
  using generator = smallGenerator(engine);
  const sources = await tensorSources(engine, generator);
  await writeSafetensors(folder.join("ours.safetensors"), sources);
  const ours = await load(engine, folder.join("ours.safetensors"), { size });
  assert.equal(ours.step, undefined);

  const counters = sources.filter(({ name }) => name.endsWith("running_mean")).map((source) => ({
    name: source.name.replace("running_mean", "num_batches_tracked"),
    dtype: "I64" as const,
    shape: [],
    data: () => new Uint8Array(8),
  }));
  const renamed = [...sources, ...counters]
    .map((source) => ({ ...source, name: `net_G.${source.name}` }));
  const other = { ...sources[0]!, name: "net_D.model.0.0.weight" };
  await writeSafetensors(folder.join("theirs.safetensors"), [...renamed, other]);
  const theirs = await load(engine, folder.join("theirs.safetensors"), { size });
  assert.deepEqual(theirs.ab, ours.ab);
  // Counters of a type that is not read do no harm; weights of one are named.
  const file = Buffer.from(await readFile(folder.join("theirs.safetensors")));
  const unread = Buffer.from(file.toString("latin1").replaceAll('"I64"', '"U64"'), "latin1");
  await writeFile(folder.join("unread.safetensors"), unread);
  assert.deepEqual((await load(engine, folder.join("unread.safetensors"), { size })).ab, ours.ab);
  const needed = Buffer.from(file.toString("latin1").replaceAll('"F32"', '"U32"'), "latin1");
  await writeFile(folder.join("needed.safetensors"), needed);
  await assert.rejects(
    load(engine, folder.join("needed.safetensors"), { size }),
    /is sound, but its tensor net_G\.model\.model\.0\.weight has the element type U32, which Tinct does not read/,
  );
});

const types = [
  // Each weight is rounded by up to 2^-11 or 2^-8 of itself.
  { dtype: "F16", convert: (v: Float32Array) => Float16Array.from(v), tolerance: 0.005 },
  {
    dtype: "BF16",
    convert: (v: Float32Array) =>
      Uint16Array.from(new Uint32Array(v.buffer, v.byteOffset, v.length), (bits) => bits >>> 16),
    tolerance: 0.05,
  },
  { dtype: "F64", convert: (v: Float32Array) => Float64Array.from(v), tolerance: 1e-6 },
] as const;

for (const { dtype, convert, tolerance } of types) {
  engineTest(`loadColorizer() reads weights of type ${dtype}`, async (engine) => {
    await using folder = await TemporaryFolder.create();
    using generator = smallGenerator(engine);
    const sources = await tensorSources(engine, generator);
    const converted = await Promise.all(sources.map(async (source): Promise<TensorSource> => {
      const values = convert(new Float32Array(((await source.data()).slice()).buffer));
      return { ...source, dtype, data: () => new Uint8Array(values.buffer) };
    }));
    await writeSafetensors(folder.join("full.safetensors"), sources);
    await writeSafetensors(folder.join("other.safetensors"), converted);
    const full = await load(engine, folder.join("full.safetensors"), { size });
    const other = await load(engine, folder.join("other.safetensors"), { size });
    const difference = largestDifference(full.ab, other.ab);
    assert.ok(difference < tolerance, `${difference}`);
  });
}

engineTest("loadColorizer() runs a model at another size", async (engine) => {
  await using folder = await TemporaryFolder.create();
  using generator = smallGenerator(engine);
  await writeRun(engine, folder.path, [{ generator }]);
  using colorizer = await loadColorizer(engine, folder.path, { size: 64 });
  const [ab] = await colorizer.predict([new Uint8Array(64 * 64 * 3)]);
  assert.deepEqual(ab!.shape, [64, 64, 2]);
  ab!.dispose();
});

engineTest("loadColorizer() says what is wrong with a model", async (engine) => {
  await using folder = await TemporaryFolder.create();
  using generator = smallGenerator(engine);
  const sources = await tensorSources(engine, generator);
  const write = async (name: string, tensors: TensorSource[]) => {
    await writeSafetensors(folder.join(name), tensors);
    return folder.join(name);
  };
  const zeros = (name: string, shape: number[], dtype: "F32" | "I32" = "F32"): TensorSource => ({
    name,
    dtype,
    shape,
    data: () => new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)),
  });
  const cut = await write("cut.safetensors", sources);
  await truncate(cut, 50_000);
  const run = folder.join("run");
  await mkdir(run);
  await writeRun(engine, run, [{ generator }]);
  const mismatched = folder.join("mismatched");
  await mkdir(mismatched);
  await writeRun(engine, mismatched, [{ generator }], { ...smallConfig, ngf: 24 });
  const bare = folder.join("bare");
  await mkdir(bare);
  await (await openCheckpointStore(bare, { programVersion: "1" })).save({
    step: 1,
    tensors: { "generator.safetensors": sources },
    state: {},
  });
  await writeFile(folder.join("notes.safetensors"), "These are my notes on the model.");
  const cases = [
    { path: folder.join("none"), code: "not_found", says: [/none does not exist/] },
    { path: cut, code: "data_loss", says: [/cut\.safetensors/] },
    { path: folder.join("notes.safetensors"), code: "data_loss", says: [/notes/] },
    {
      path: await write("other.safetensors", [zeros("conv1.weight", [8, 3, 3, 3])]),
      code: "failed_precondition",
      says: [/other\.safetensors is no generator/, /model\.model\.0\.weight/],
    },
    {
      path: await write("lacking.safetensors", sources.slice(0, -1)),
      code: "failed_precondition",
      says: [/lacking/, /missing: model\.model/],
    },
    {
      path: await write("integers.safetensors", [
        ...sources.slice(0, -1),
        zeros(sources.at(-1)!.name, [...sources.at(-1)!.shape], "I32"),
      ]),
      code: "failed_precondition",
      says: [/integers\.safetensors/, /of type I32; save the weights as float32/],
    },
    {
      path: mismatched,
      code: "failed_precondition",
      says: [/of another configuration/, /ngf is 16 there and 24 here/],
    },
    { path: bare, code: "data_loss", says: [/state\.config is not a JSON object/] },
    {
      path: run,
      options: { size: 40 },
      code: "invalid_argument",
      says: [/multiple of 32/, /halves 5 times, not 40/],
    },
    { path: run, options: { checkpoint: 7 }, code: "not_found", says: [/of step 7; it has 1/] },
  ] as const;
  for (const { path, code, says, ...rest } of cases) {
    const options = "options" in rest ? rest.options : { size };
    await assert.rejects(loadColorizer(engine, path, options), failsWith(code, ...says));
  }
});

engineTest("loadColorizer() passes over a damaged checkpoint, with a warning", async (engine) => {
  await using folder = await TemporaryFolder.create();
  const run = await makeRun(engine, folder);
  await truncate(`${run}/checkpoints/step-00000003/generator.safetensors`, 999);
  const warnings: string[] = [];
  const { step } = await load(engine, run, { onWarning: ({ message }) => warnings.push(message) });
  assert.equal(step, 2);
  assert.match(warnings.join(), /step-00000003/);
  await assert.rejects(
    loadColorizer(engine, run, { checkpoint: 3 }),
    failsWith("data_loss", /step-00000003/),
  );
});
