import assert from "assert";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ServiceClient } from "../../src/client/service_client.ts";
import { uploadImport } from "../../src/client/upload_import.ts";
import { Engine } from "../../src/engine/engine.ts";
import { decodePhoto } from "../../src/images/decode.ts";
import { colorizePhoto } from "../../src/inference/colorize.ts";
import { readImported } from "../../src/imported/imported_files.ts";
import { loadModel } from "../../src/imported/load_model.ts";
import { namedProfiles } from "../../src/profiles/color_profile.ts";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import type { DeleteModelResponse__Output } from "../../src/protocol/generated/tinct/v1/delete_model_response.ts";
import type { ListModelsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_models_response.ts";
import { settleImports } from "../../src/importing/settle_imports.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { CutConnection } from "../cut_connection.ts";
import { graphFile } from "../onnx/graph_file.ts";
import { answer, ending } from "../service/scene.ts";
import { announce, sendImport } from "../service/send_import.ts";
import { openWorkingScene } from "../service/working_scene.ts";
import { readPhoto } from "../service/workshop.ts";
import { libraryPath } from "../tensorflow/test_library.ts";

/** What testdata/imported/make_imported.py wrote. */
async function file(name: string) {
  const path = fileURLToPath(new URL(`../testdata/imported/${name}`, import.meta.url));
  return { name, bytes: await readFile(path) };
}

Deno.test("a network of another program becomes a version of a model that colorizes", async (t) => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const deoldify = await file("deoldify.onnx");
  const profile = JSON.stringify({ ...namedProfiles.deoldify, size: 64 });
  let folder = "";

  await t.step("by a call in pieces; a worker has looked at it before", async () => {
    const sent = await sendImport(scene, "old", {
      files: [deoldify],
      profile,
      description: "mine",
    });
    assert.ok("ok" in sent, JSON.stringify(sent));
    const { model } = sent.ok;
    assert.deepEqual([model?.name, model?.version, model?.jobId, model?.step], ["old", 1, "", 0]);
    assert.deepEqual([model?.loaded, model?.description, model?.config], [true, "mine", null]);
    const { imported } = model!;
    assert.deepEqual(
      [imported?.fileName, imported?.profileName, imported?.size, imported?.opset],
      ["deoldify.onnx", "", 64, 17],
    );
    assert.equal(imported?.sha256.toString("hex"), announce(deoldify).sha256.toString("hex"));
    assert.deepEqual(JSON.parse(imported!.profile), JSON.parse(profile));
    const names = await readdir(scene.join("models", "old"));
    assert.match(names.join(), /^import-[0-9a-f]{24}$/);
    folder = scene.join("models", "old", names[0]!);
    assert.deepEqual((await readdir(folder)).sort(), ["deoldify.onnx", "import.json"]);
    assert.deepEqual(await readdir(scene.join("imports")), []);
    const { models } = await answer<ListModelsResponse__Output>((back) =>
      scene.models.listModels({}, back)
    );
    assert.deepEqual(models.map((each) => each.imported?.fileName), ["deoldify.onnx"]);
  });

  await t.step("as a command colorizes with its folder, to the bit", async () => {
    const image = await readPhoto("cat.jpg");
    const made = await answer<ColorizeResponse__Output>((back) =>
      scene.colorization.colorize({
        image,
        model: { name: "old" },
        format: "IMAGE_FORMAT_PNG",
      }, back)
    );
    assert.deepEqual([made.model?.name, made.model?.version], ["old", 1]);
    using engine = await Engine.start({ libraryPath: libraryPath(), device: "cpu", threads: 1 });
    using colorizer = await loadModel(engine, folder);
    const expected = await colorizePhoto(image, colorizer);
    const decoded = await decodePhoto(made.image);
    assert.deepEqual(decoded.rgb, expected.rgb);
    const isColoured = expected.rgb.some((value, at) =>
      at % 3 > 0 && value !== expected.rgb[at - 1]
    );
    assert.ok(isColoured);
  });

  await t.step("importing it again mends a version whose files were damaged", async () => {
    const network = join(folder, "deoldify.onnx");
    const bytes = await readFile(network);
    for (
      const damage of [
        () => writeFile(network, Buffer.from(bytes).fill(0, 900, 910)),
        () => rm(folder, { recursive: true }),
      ]
    ) {
      await damage();
      const again = await sendImport(scene, "old", { files: [deoldify], profile });
      assert.ok("ok" in again, JSON.stringify(again));
      assert.equal(again.ok.model?.version, 1);
      assert.deepEqual((await readdir(folder)).sort(), ["deoldify.onnx", "import.json"]);
      assert.ok(bytes.equals(await readFile(network)));
      assert.equal((await readImported(folder)).profile.size, 64);
    }
    assert.equal((await readdir(scene.join("models", "old"))).length, 1);
  });

  await t.step(
    "the same file and profile are the same version, another profile the next",
    async () => {
      const again = await sendImport(scene, "old", { files: [deoldify], profile });
      assert.ok("ok" in again);
      assert.equal(again.ok.model?.version, 1);
      const other = JSON.stringify({ ...namedProfiles.deoldify, size: 64, keep: "lightness" });
      const next = await sendImport(scene, "old", { files: [deoldify], profile: other });
      assert.ok("ok" in next, JSON.stringify(next));
      assert.equal(next.ok.model?.version, 2);
      assert.equal((await readdir(scene.join("models", "old"))).length, 2);
    },
  );

  await t.step("a command whose connection is cut says what to do", async () => {
    await using connection = await CutConnection.open(
      Number(scene.server.address.split(":")[1]),
    );
    const server = `127.0.0.1:${connection.port}`;
    using client = new ServiceClient({ server }, { token: undefined });
    const path = fileURLToPath(new URL("../testdata/imported/ddcolor.fixed.onnx", import.meta.url));
    const { signal } = new AbortController();
    connection.cutAfter(20_000);
    await assert.rejects(
      uploadImport(client, {
        ...{ name: "cut", description: "", profile: "", paths: [path] },
        ...{ signal, onProgress: () => {} },
      }),
      failsWith(
        "unavailable",
        /^The connection to .* was cut.*\. Nothing of the import is kept; .* import the network again\.$/,
      ),
    );
  });

  await t.step("constants may lie in a file beside it, and the profile is guessed", async () => {
    const files = [await file("ddcolor.external.onnx"), await file("ddcolor.external.onnx.data")];
    const sent = await sendImport(scene, "dd", { files });
    assert.ok("ok" in sent, JSON.stringify(sent));
    assert.equal(sent.ok.model?.imported?.profileName, "ddcolor");
    const image = await readPhoto("cat.jpg");
    const hints = [{ x: 5, y: 5, radius: 3, rgb: 0xff0000 }];
    const settings = { image, model: { name: "dd" }, hints, removeCast: true, saturation: 0.5 };
    await answer<ColorizeResponse__Output>((back) => scene.colorization.colorize(settings, back));
  });

  await t.step(
    "a choice of weights is refused, and damage is found when it is loaded",
    async () => {
      const image = await readPhoto("cat.jpg");
      const chosen = await ending((back) =>
        scene.colorization.colorize({
          image,
          model: { name: "dd", weights: "GENERATOR_WEIGHTS_EMA" },
        }, back)
      );
      assert.ok("error" in chosen);
      assert.equal(chosen.error.code, "FAILED_PRECONDITION");
    },
  );

  await t.step("deleting the model removes its files", async () => {
    const gone = await answer<DeleteModelResponse__Output>((back) =>
      scene.models.deleteModel({ name: "old" }, back)
    );
    assert.equal(gone.versions, 2);
    assert.deepEqual(await readdir(scene.join("models")), ["dd"]);
  });

  await t.step("what a dead server left is tidied away, and what it had made stays", async () => {
    const [kept] = await readdir(scene.join("models", "dd"));
    await writeFile(scene.join("models", "dd", kept!, "unclaimed"), "");
    const lost = scene.join("models", "dd", "import-0123456789abcdef01234567");
    await writeFile(scene.join("imports", "half"), "of a network");
    await Deno.mkdir(lost);
    await writeFile(`${lost}/unclaimed`, "");
    await settleImports(scene.store, scene.folder.path);
    assert.deepEqual(await readdir(scene.join("models", "dd")), [kept]);
    assert.ok(!(await readdir(scene.join("models", "dd", kept!))).includes("unclaimed"));
    assert.deepEqual(await readdir(scene.join("imports")), []);
  });
});

Deno.test("a network that cannot be used is refused with a sentence, and nothing is left of it", async (t) => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const fixed = await file("ddcolor.fixed.onnx");
  const external = await file("ddcolor.external.onnx");
  const data = await file("ddcolor.external.onnx.data");
  const graph = (more: Parameters<typeof graphFile>[0]) => ({
    files: [{
      name: "x.onnx",
      bytes: Buffer.from(graphFile({ shapes: { x: [1, 3, 32, 32] }, ...more })),
    }],
  });
  const withConstant = (tensor: object) =>
    graph({
      nodes: [{ operation: "Add", inputs: ["x", "c"], outputs: ["y"] }],
      tensors: [{ name: "c", shape: [3, 1, 1], ...tensor }],
    });
  const cases: readonly (readonly [
    what: string,
    sent: Parameters<typeof sendImport>[2],
    field: string,
    sentence: RegExp,
  ])[] = [
    [
      "cut in half",
      { files: [{ name: "x.onnx", bytes: fixed.bytes.subarray(0, 30_000) }] },
      "start.files",
      /^x\.onnx is cut short, or of another format than ONNX\.$/,
    ],
    [
      "an operation that there is not",
      graph({ nodes: [{ operation: "Det", inputs: ["x"], outputs: ["y"], name: "/head" }] }),
      "start.files",
      /^x\.onnx needs the ONNX operation Det \("\/head"\), which Tinct does not support: /,
    ],
    [
      "a cycle",
      graph({
        nodes: [
          { operation: "Add", inputs: ["x", "y"], outputs: ["a"] },
          { operation: "Relu", inputs: ["a"], outputs: ["y"] },
        ],
      }),
      "start.files",
      /its nodes go in a circle/,
    ],
    [
      "2 GB that are declared",
      withConstant({ shape: [500_000_000], values: [1, 2] }),
      "start.files",
      /does not have the 500000000 values that \[500000000\] needs\.$/,
    ],
    [
      "constants out of the folder",
      withConstant({ external: { location: "../../server.lock", offset: "0" } }),
      "start.files",
      /lies in "\.\.\/\.\.\/server\.lock", which leads out of the model's folder/,
    ],
    [
      "constants in a file that did not come",
      { files: [external] },
      "start.files",
      /^ddcolor\.external\.onnx\.data (does not exist|is not there|.*not)/,
    ],
    [
      "constants in a file that is cut",
      { files: [external, { ...data, bytes: data.bytes.subarray(0, 1000) }] },
      "start.files",
      /the file is cut short, or another model's\.$/,
    ],
    [
      "weights that are no numbers",
      withConstant({ values: [1, NaN, 2] }),
      "start.files",
      /^The constant c of x\.onnx holds values that are no numbers \(NaN\)/,
    ],
    [
      "an output of another shape",
      { files: [fixed], profile: JSON.stringify({ ...namedProfiles.deoldify, size: 64 }) },
      "start.profile",
      /gives out of the shape \[1,2,64,64\] .* its profile says \[1, 3, 64, 64\]\.$/,
    ],
    [
      "a profile that is none",
      { files: [fixed], profile: '{"size": 64}' },
      "start.profile",
      /^The profile is wrong: input is missing; /,
    ],
    [
      "another file than was announced",
      { files: [fixed], announced: [{ ...announce(fixed), sha256: Buffer.alloc(32) }] },
      "start.files[0].sha256",
      /^The SHA-256 of ddcolor\.fixed\.onnx is not what has arrived, /,
    ],
    [
      "less than was announced",
      { files: [fixed], announced: [{ ...announce(fixed), sizeBytes: 1_000_000 }] },
      "data",
      /^ddcolor\.fixed\.onnx ends \d+ bytes before the 1000000 that were announced\.$/,
    ],
    [
      "more than was announced",
      {
        files: [fixed, data],
        announced: [announce(fixed)],
      },
      "data",
      /^More arrived than was announced\.$/,
    ],
    [
      "names that lead elsewhere",
      { files: [fixed], announced: [{ ...announce(fixed), name: "../x.onnx" }] },
      "start.files[0].name",
      /must be the name of a file, without a folder, not "\.\.\/x\.onnx"/,
    ],
    [
      "no file at all",
      { files: [] },
      "start.files",
      /start\.files must name the network's file/,
    ],
  ];
  for (const [what, sent, field, sentence] of cases) {
    await t.step(what, async () => {
      const ended = await sendImport(scene, "bad", sent);
      assert.ok("error" in ended, what);
      const { code, message, fields } = ended.error;
      assert.equal(code, "INVALID_ARGUMENT", message);
      assert.match(message, sentence);
      assert.ok(!message.includes(scene.folder.path), message);
      assert.ok(fields.includes(field), `${fields}`);
    });
  }
  await t.step("more files than there may be, of which no more are looked at", async () => {
    const announced = Array.from({ length: 65 }, (_, index) => ({
      ...announce(fixed),
      name: index < 64 ? `x${index}.onnx` : "../x.onnx",
    }));
    const ended = await sendImport(scene, "bad", { files: [fixed], announced });
    assert.ok("error" in ended);
    assert.match(ended.error.message, /start\.files must have at most 64 entries, not 65/);
    assert.deepEqual(ended.error.fields, ["start.files"]);
  });
  const { models } = await scene.store.models.list();
  assert.deepEqual(models, []);
  assert.deepEqual(await readdir(scene.join("imports")), []);
  assert.deepEqual(await readdir(scene.join("models")), []);
});
