import assert from "assert";
import { copyFile, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import { type CheckpointFile, encodeManifest } from "../../src/checkpoints/checkpoint_manifest.ts";
import { openCheckpointStore } from "../../src/checkpoints/checkpoint_store.ts";
import { type LoadedGenerator, loadGenerator } from "../../src/checkpoints/load_generator.ts";
import { TinctError } from "../../src/errors.ts";
import { failsWith, trainingState } from "./small_run.ts";
import { pthPath } from "../pytorch_files/torch_archive.ts";
import { TemporaryFolder } from "./temporary_folder.ts";

const BY_PYTHON = new URL("../testdata/checkpoints/by_python.safetensors", import.meta.url);

/** A run with steps 1, 2 and 3, of which 2 is the best. */
async function makeRun(folder: TemporaryFolder): Promise<string> {
  const run = folder.join("run");
  await mkdir(run);
  const store = await openCheckpointStore(run, {
    programVersion: "1",
    metric: { name: "psnr", direction: "higher" },
  });
  for (const [step, value] of [[1, 20], [2, 25], [3, 24]] as const) {
    await store.save(trainingState(step, value));
  }
  return run;
}

/** The step whose weights a generator has. */
async function stepOf(generator: LoadedGenerator): Promise<number | undefined> {
  const bias = new Float32Array((await generator.file.read("model.model.1.bias")).buffer);
  return bias[0] && -bias[0];
}

Deno.test("loadGenerator() takes the newest of a run, or the best", async () => {
  await using folder = await TemporaryFolder.create();
  const run = await makeRun(folder);
  await symlink("run", folder.join("link"));
  for (const path of [run, folder.join("link")]) {
    await using latest = await loadGenerator(path);
    assert.equal(await stepOf(latest), 3);
    assert.equal(latest.info?.step, 3);
    await using best = await loadGenerator(path, { prefer: "best" });
    assert.equal(await stepOf(best), 2);
  }
});

Deno.test("loadGenerator() passes over damaged checkpoints of a run, with a warning", async () => {
  await using folder = await TemporaryFolder.create();
  const run = await makeRun(folder);
  await writeFile(`${run}/checkpoints/step-00000003/generator.safetensors`, "x");
  const warnings: string[] = [];
  const onWarning = (warning: TinctError) => void warnings.push(warning.message);
  await using generator = await loadGenerator(run, { onWarning });
  assert.equal(await stepOf(generator), 2);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /step-00000003\/generator\.safetensors/);
});

/** A run with steps 2 and 3, with moving averages whose numbers are those of the steps 12 and 13. */
async function makeAveragedRun(folder: TemporaryFolder): Promise<string> {
  const run = folder.join("averaged");
  await mkdir(run);
  const store = await openCheckpointStore(run, { programVersion: "1" });
  for (const step of [2, 3]) {
    const request = trainingState(step);
    const average = trainingState(step + 10).tensors["generator.safetensors"]!;
    const tensors = { ...request.tensors, "generator_ema.safetensors": average };
    await store.save({ ...request, tensors });
  }
  return run;
}

Deno.test("loadGenerator() takes the moving average where there is one, or what is wanted", async () => {
  await using folder = await TemporaryFolder.create();
  const run = await makeAveragedRun(folder);
  const plain = await makeRun(folder);
  const at = (step: number) => `${run}/checkpoints/step-0000000${step}`;
  const cases = [
    { path: run, weights: undefined, step: 13, has: "ema" },
    { path: run, weights: "ema", step: 13, has: "ema" },
    { path: run, weights: "raw", step: 3, has: "raw" },
    { path: at(2), weights: undefined, step: 12, has: "ema" },
    { path: plain, weights: undefined, step: 3, has: "raw" },
    { path: plain, weights: "raw", step: 3, has: "raw" },
  ] as const;
  for (const { path, weights, step, has } of cases) {
    await using generator = await loadGenerator(path, { weights });
    assert.deepEqual([await stepOf(generator), generator.weights], [step, has]);
  }
  // Damage to the weights that are not asked for is none.
  await writeFile(`${at(3)}/generator.safetensors`, "x");
  await using average = await loadGenerator(run, { onWarning: assert.fail });
  assert.equal(await stepOf(average), 13);
  const warnings: string[] = [];
  const onWarning = ({ message }: TinctError) => void warnings.push(message);
  await using raw = await loadGenerator(run, { weights: "raw", onWarning });
  assert.equal(await stepOf(raw), 2);
  assert.equal(warnings.length, 1);
});

Deno.test("loadGenerator() refuses weights that a model has not got", async () => {
  await using folder = await TemporaryFolder.create();
  const run = await makeAveragedRun(folder);
  const plain = await makeRun(folder);
  const refused = (path: string, weights: "ema" | "raw", says: RegExp) =>
    assert.rejects(loadGenerator(path, { weights }), failsWith("failed_precondition", says));
  await refused(`${plain}/checkpoints/step-00000002`, "ema", /2 has no moving average of the gen/);
  await refused(plain, "ema", /step-00000001 has no moving average of the generator/);
  await refused(BY_PYTHON.pathname, "raw", /has weights of one kind only/);
  const info = await readCheckpointInfo(`${run}/checkpoints/step-00000003`);
  const exported = folder.join("exported");
  await mkdir(exported);
  const files = info.files.filter(({ name }) => name === "generator_ema.safetensors");
  await copyFile(`${info.path}/${files[0]?.name}`, `${exported}/${files[0]?.name}`);
  await writeFile(`${exported}/checkpoint.json`, encodeManifest({ ...info, files }));
  await refused(exported, "raw", /exported has only the moving average of the generator/);
  await using average = await loadGenerator(exported);
  assert.equal(await stepOf(average), 13);
});

Deno.test("loadGenerator() needs neither optimizers nor discriminator", async () => {
  await using folder = await TemporaryFolder.create();
  const run = await makeRun(folder);
  const trained = `${run}/checkpoints/step-00000003`;
  for (const name of ["discriminator", "optimizer_G", "optimizer_D"]) {
    await rm(`${trained}/${name}.safetensors`);
  }
  for (const path of [run, trained]) {
    await using generator = await loadGenerator(path);
    assert.equal(await stepOf(generator), 3);
  }
});

Deno.test("loadGenerator() opens an exported folder of generator and checkpoint.json", async () => {
  await using folder = await TemporaryFolder.create();
  const run = await makeRun(folder);
  const model = folder.join("my-model");
  await mkdir(model);
  const store = await openCheckpointStore(run, { programVersion: "1" });
  const info = (await store.latest()) ?? assert.fail();
  const isGenerator = ({ name }: CheckpointFile) => name === "generator.safetensors";
  await copyFile(`${info.path}/generator.safetensors`, `${model}/generator.safetensors`);
  const manifest = encodeManifest({ ...info, files: info.files.filter(isGenerator) });
  await writeFile(`${model}/checkpoint.json`, manifest);
  await using generator = await loadGenerator(model);
  assert.equal(await stepOf(generator), 3);
  assert.deepEqual(generator.info?.state, trainingState(3).state);
});

Deno.test("loadGenerator() opens a bare file of safetensors or of torch.save", async () => {
  await using saved = await loadGenerator(pthPath("latest_net_G.pth"));
  assert.equal(saved.info, undefined);
  assert.deepEqual(saved.file.get("model.model.0.weight")?.shape, [2, 1, 4, 4]);
  await using generator = await loadGenerator(BY_PYTHON.pathname);
  assert.equal(generator.info, undefined);
  assert.deepEqual(generator.file.get("model.model.0.weight")?.shape, [2, 1, 2, 3]);
});

Deno.test("loadGenerator() says what a path is not", async (t) => {
  await using folder = await TemporaryFolder.create();
  const run = await makeRun(folder);
  const step = `${run}/checkpoints/step-00000003`;
  await writeFile(folder.join("model.pt"), "PK");
  await writeFile(folder.join("model.onnx"), "onnx");
  await writeFile(folder.join("torn.safetensors"), "x");
  await mkdir(folder.join("empty"));
  await mkdir(folder.join("untrained", "checkpoints"), { recursive: true });
  await rename(`${step}/generator.safetensors`, folder.join("elsewhere.safetensors"));
  await symlink(folder.join("elsewhere.safetensors"), `${step}/generator.safetensors`);
  const cases = [
    { path: folder.join("none"), code: "not_found", says: /none does not exist/ },
    {
      path: folder.join("model.pt"),
      code: "data_loss",
      says: /model\.pt is no sound file of torch\.save: /,
    },
    {
      path: folder.join("model.onnx"),
      code: "failed_precondition",
      says: /model\.onnx is no \.safetensors, \.pth or \.pt file/,
    },
    {
      path: folder.join("torn.safetensors"),
      code: "data_loss",
      says: /torn\.safetensors .* 1 bytes/,
    },
    {
      path: folder.join("empty"),
      code: "failed_precondition",
      says: /neither a run .* checkpoint/,
    },
    { path: folder.join("untrained"), code: "not_found", says: /no checkpoint yet/ },
    { path: step, code: "data_loss", says: /generator\.safetensors is a symbolic link/ },
  ] as const;
  for (const { path, code, says } of cases) {
    await t.step(path.replace(folder.path, ""), async () => {
      await assert.rejects(loadGenerator(path), failsWith(code, says));
    });
  }
});
