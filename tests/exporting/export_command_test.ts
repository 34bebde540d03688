import assert from "assert";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openTensors } from "../../src/checkpoints/open_tensors.ts";
import { readAnyFloats } from "../../src/checkpoints/tensor_values.ts";
import { exportedPaths } from "../../src/exporting/export_model.ts";
import type { ExportModelResponse__Output } from "../../src/protocol/generated/tinct/v1/export_model_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runKeptTinct } from "../cli/run_tinct.ts";
import { drawnJob } from "../service/drawn_job.ts";
import { answer, ending, Scene } from "../service/scene.ts";

const ddcolor = new URL("../testdata/pth/ddcolor_tiny.pth", import.meta.url);

/** A server with the model "roses", whose generator's values are drawn, and its checkpoint. */
async function withRoses(): Promise<{ scene: Scene; checkpoint: string }> {
  const scene = await Scene.open();
  const jobId = await drawnJob(scene.store, scene.folder.path);
  await answer((back) =>
    scene.models.promoteCheckpoint({
      ...{ name: "roses", description: "Red *and* white", checkpoint: { jobId } },
    }, back)
  );
  return { scene, checkpoint: scene.join("jobs", jobId, "checkpoints", "step-00000006") };
}

const filesIn = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile()).map(({ name }) => name).sort();

Deno.test("tinct export writes every form whole, here and from a server, to the same bytes", async () => {
  const { scene, checkpoint } = await withRoses();
  await using _scene = scene;
  await using folder = await TemporaryFolder.create();
  const server = ["--server", scene.server.address];
  for (
    const [format, files] of [
      ["onnx", ["README.md", "model.onnx"]],
      ["safetensors", ["README.md", "model.safetensors"]],
      ["triton", ["README.md", "config.pbtxt", "model.onnx"]],
    ] as const
  ) {
    const here = ["export", "--model", checkpoint, "--name", "roses", "--format", format];
    const done = await runKeptTinct([...here, "--out", folder.join("here", format), "--json"]);
    assert.equal(done.code, 0, done.stderr);
    const told = JSON.parse(done.stdout);
    assert.equal(told.folder, folder.join("here", format, "roses"));
    assert.deepEqual(await filesIn(folder.join("here", format)), files);
    const there = ["export", ...server, "--model", "roses", "--format", format];
    const sent = await runKeptTinct([
      ...there,
      ...["--out", folder.join("there", format), "--licence", "CC BY 4.0"],
    ]);
    assert.equal(sent.code, 0, sent.stderr);
    assert.deepEqual(await filesIn(folder.join("there", format)), files, "and nothing else");
    for (const { path, sizeBytes } of told.files) {
      assert.ok(exportedPaths.includes(path), path);
      const mine = await readFile(folder.join("here", format, "roses", path));
      assert.equal(mine.length, sizeBytes);
      assert.match(sent.stdout, new RegExp(`${path.replace(".", "\\.")}  `));
      const theirs = await readFile(folder.join("there", format, "roses", path));
      // What the file is called by and its licence are told in its notes.
      if (path.endsWith(".pbtxt")) assert.deepEqual(mine, theirs);
      else if (path !== "README.md") assert.ok(mine.subarray(-4096).equals(theirs.subarray(-4096)));
    }
  }
  const card = await readFile(folder.join("there", "triton", "roses", "README.md"), "utf8");
  assert.match(card, /^# roses, version 1\n\nRed \\\*and\\\* white\n/);
  assert.match(card, /## Licence\n\nCC BY 4\.0\n/);
  assert.match(card, /Trained on the dataset scenes, by job-drawn\n- 6 training steps\n/);
  assert.match(card, /- nDown: 5\n/);
  assert.match(card, /Takes `L`: float32 \[N, 1, 32, 32\]/);
  const unlicensed = await readFile(folder.join("here", "onnx", "roses", "README.md"), "utf8");
  assert.match(unlicensed, /## Licence\n\nNot stated\. Ask who trained the model/);
  const config = await readFile(folder.join("here", "triton", "roses", "config.pbtxt"), "utf8");
  assert.equal(
    config,
    'backend: "onnxruntime"\nmax_batch_size: 8\n' +
      'input {\n  name: "L"\n  data_type: TYPE_FP32\n  dims: [ 1, 32, 32 ]\n}\n' +
      'output {\n  name: "ab"\n  data_type: TYPE_FP32\n  dims: [ 2, 32, 32 ]\n}\n' +
      "dynamic_batching { }\n",
  );

  // The weights are those of the checkpoint, to the bit.
  await using original = await openTensors(`${checkpoint}/generator.safetensors`);
  await using exported = await openTensors(
    folder.join("here", "safetensors", "roses", "model.safetensors"),
  );
  assert.deepEqual(exported.tensors, original.tensors);
  for (const { name } of original.tensors) {
    assert.deepEqual(await readAnyFloats(exported, name), await readAnyFloats(original, name));
  }
});

Deno.test("tinct export overwrites nothing without --force, and with it exports alone", async () => {
  const { scene, checkpoint } = await withRoses();
  await using _scene = scene;
  await using folder = await TemporaryFolder.create();
  const run = (...more: string[]) =>
    runKeptTinct([
      ...["export", "--model", checkpoint, "--name", "roses", "--out", folder.path],
      ...more,
    ]);
  assert.equal((await run()).code, 0);
  const before = await readFile(folder.join("roses", "model.onnx"));
  const refused = await run("--whole");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /roses exists already: give another --out or --name, or --force/);
  assert.deepEqual(await readFile(folder.join("roses", "model.onnx")), before);
  const forced = await run("--force", "--format", "triton", "--whole");
  assert.equal(forced.code, 0, forced.stderr);
  assert.deepEqual(await filesIn(folder.path), ["README.md", "config.pbtxt", "model.onnx"]);
  const config = await readFile(folder.join("roses", "config.pbtxt"), "utf8");
  assert.match(config, /name: "image"\n +data_type: TYPE_UINT8\n +dims: \[ -1, -1, 3 \]/);
  await writeFile(folder.join("roses", "1", "notes.txt"), "mine");
  const kept = await run("--force");
  assert.equal(kept.code, 1);
  assert.match(
    kept.stderr,
    /has 1\/notes\.txt, which no export wrote, and --force would remove it/,
  );
  assert.equal(await readFile(folder.join("roses", "1", "notes.txt"), "utf8"), "mine");

  await rm(folder.join("roses"), { recursive: true });
  await mkdir(folder.join("roses"));
  await writeFile(folder.join("roses", "README.md"), "mine");
  assert.match((await run("--force")).stderr, /has README\.md but no model, so no export wrote it/);
  assert.equal(await readFile(folder.join("roses", "README.md"), "utf8"), "mine");
  await rm(folder.join("roses"), { recursive: true });
  await writeFile(folder.join("roses"), "a file");
  assert.match((await run("--force")).stderr, /roses is no folder that an export wrote/);
  assert.equal(await readFile(folder.join("roses"), "utf8"), "a file");

  // What cannot be read leaves nothing of what was begun.
  await mkdir(folder.join("damaged"));
  await writeFile(folder.join("damaged", "checkpoint.json"), "{}");
  const damaged = ["export", "--model", folder.join("damaged"), "--out", folder.join("out")];
  assert.notEqual((await runKeptTinct(damaged)).code, 0);
  await rm(folder.join("damaged"), { recursive: true });
  assert.deepEqual((await readdir(folder.path)).sort(), ["roses"]);
});

Deno.test("what cannot be exported is refused with a sentence", async () => {
  const { scene, checkpoint } = await withRoses();
  await using _scene = scene;
  await using folder = await TemporaryFolder.create();
  const output = ["--out", folder.join("out")];
  await mkdir(folder.join("imported"));
  await writeFile(folder.join("imported", "import.json"), "{}");
  await writeFile(folder.join("imported", "x.onnx"), "");
  for (
    const [argv, says] of [
      [output, /--model is missing/],
      [
        ["--model", checkpoint, ...output, "--format", "safetensors", "--whole"],
        /--whole does not go with safetensors, which holds weights and no network/,
      ],
      [["--model", checkpoint, ...output, "--name", "../a"], /needs another --name/],
      [["--model", checkpoint, ...output, "--version", "1"], /--version .*--server/],
      [["--model", checkpoint, ...output, "--size", "33"], /multiple of 32/],
      [
        ["--model", folder.join("imported"), ...output],
        /Only models that Tinct trained are exported/,
      ],
      [
        ["--model", folder.join("imported", "x.onnx"), ...output],
        /x\.onnx is a network of another program in ONNX form: .* Only models that Tinct trained/,
      ],
      [["--model", folder.join("gone"), ...output], /gone/],
      [
        ["--server", scene.server.address, "--model", "tulips", ...output],
        /no model tulips/,
      ],
    ] as const
  ) {
    const { code, stderr } = await runKeptTinct(["export", ...argv]);
    assert.notEqual(code, 0);
    assert.match(stderr, says);
  }
  assert.deepEqual(await readdir(folder.path), ["imported"]);
});

Deno.test("ExportModel sends the files in pieces, and refuses what contradicts itself", async () => {
  const { scene } = await withRoses();
  await using _scene = scene;
  const call = scene.models.exportModel({ name: "roses", whole: true });
  const messages: ExportModelResponse__Output[] = [];
  for await (const each of receive<ExportModelResponse__Output>(call)) messages.push(each);
  const [first, ...others] = messages;
  assert.deepEqual(first?.files.map(({ path }) => path), ["README.md", "model.onnx"]);
  assert.equal(first?.version, 1);
  assert.ok(others.every(({ files, version }) => files.length === 0 && version === 0));
  assert.ok(messages.every(({ data }) => data.length <= 1024 * 1024));
  const sent = messages.reduce((sum, { data }) => sum + data.length, 0);
  assert.equal(sent, first?.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const refused = await ending((back) => {
    const odd = scene.models.exportModel({
      ...{ name: "roses", version: -1, whole: true, licence: "x".repeat(201) },
      format: "EXPORT_FORMAT_SAFETENSORS",
    });
    odd.on("error", (error) => back(error as Parameters<typeof back>[0], undefined));
    odd.resume();
  });
  assert.ok("error" in refused);
  assert.deepEqual(refused.error.fields, ["version", "licence", "whole"]);
});

Deno.test("a model that was damaged is not exported, and nothing is left of what was begun", async () => {
  const { scene } = await withRoses();
  await using _scene = scene;
  await using folder = await TemporaryFolder.create();
  const file = scene.join("models", "roses", "job-drawn-6", "generator.safetensors");
  const bytes = await readFile(file);
  bytes[bytes.length - 7]! ^= 1;
  await writeFile(file, bytes);
  const call = scene.models.exportModel({ name: "roses" });
  const ended = await ending((back) => {
    call.on("error", (error) => back(error as Parameters<typeof back>[0], undefined));
    call.resume();
  });
  assert.ok("error" in ended);
  assert.equal(ended.error.code, "DATA_LOSS", ended.error.message);
  const server = ["--server", scene.server.address];
  const out = ["--out", folder.path];
  const done = await runKeptTinct(["export", ...server, "--model", "roses", ...out]);
  assert.equal(done.code, 1);
  assert.match(done.stderr, /The model roses does not match its checksum/);
  assert.deepEqual(await readdir(folder.path), []);
});

Deno.test("a DDColor is exported with the names and the values that it came with", async () => {
  await using folder = await TemporaryFolder.create();
  const { code, stderr } = await runKeptTinct([
    ...["export", "--model", fileURLToPath(ddcolor), "--format", "safetensors"],
    ...["--out", folder.path, "--name", "colours"],
  ]);
  assert.equal(code, 0, stderr);
  assert.match(
    await readFile(folder.join("colours", "README.md"), "utf8"),
    /DDColor with ConvNeXt-T, ngf 2 of 64[^]*DDColor's published weights/,
  );
  const triton = await runKeptTinct([
    ...["export", "--model", fileURLToPath(ddcolor), "--format", "triton", "--size", "64"],
    ...["--out", folder.path, "--name", "served"],
  ]);
  assert.equal(triton.code, 0, triton.stderr);
  assert.deepEqual(await filesIn(folder.join("served")), [
    ...["README.md", "config.pbtxt", "model.onnx"],
  ]);
  const config = await readFile(folder.join("served", "config.pbtxt"), "utf8");
  assert.match(config, /name: "ab"\n +data_type: TYPE_FP32\n +dims: \[ 2, 64, 64 \]/);
  await using exported = await openTensors(folder.join("colours", "model.safetensors"));
  await using given = await openTensors(fileURLToPath(ddcolor));
  for (const name of ["decoder.layers.1.conv.0.weight_orig", "encoder.arch.stages.1.0.gamma"]) {
    assert.deepEqual(
      await readAnyFloats(exported, name),
      await readAnyFloats(given, `params.${name}`),
      name,
    );
  }
});
