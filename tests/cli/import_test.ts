import assert from "assert";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { namedProfiles } from "../../src/profiles/color_profile.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { photoPath } from "../images/test_photos.ts";
import { paintScenes } from "../service/workshop.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { runKeptTinct } from "./run_tinct.ts";

/** What testdata/imported/make_imported.py wrote. */
const at = (name: string) =>
  fileURLToPath(new URL(`../testdata/imported/${name}`, import.meta.url));

async function tinct(...argv: string[]) {
  const environment = { TINCT_TENSORFLOW: dirname(libraryPath()) };
  return await runKeptTinct(argv, { environment });
}

Deno.test("tinct import makes a folder of a network, which colorizes and is evaluated as any model", async (t) => {
  await using folder = await TemporaryFolder.create();
  const ddcolor = folder.join("ddcolor");
  const deoldify = folder.join("deoldify");

  await t.step("with a guessed profile, and constants beside the network", async () => {
    const { code, stdout, stderr } = await tinct(
      "import",
      at("ddcolor.external.onnx"),
      "--out",
      ddcolor,
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /ddcolor: ddcolor, 64 x 64 pixels, [\d,]+ parameters\n$/);
    assert.deepEqual(
      (await readdir(ddcolor)).sort(),
      ["ddcolor.external.onnx", "ddcolor.external.onnx.data", "import.json"],
    );
  });

  await t.step("not with a profile that it cannot have", async () => {
    const { code, stderr } = await tinct(
      ...["import", at("ddcolor.onnx"), "--profile", "eccv16", "--out", folder.join("none")],
    );
    assert.equal(code, 2, stderr);
    assert.match(stderr, /its profile says 1: say by --profile which of ddcolor, .* it is/);
  });

  await t.step("with a profile in a file", async () => {
    const profile = folder.join("mine.json");
    await writeFile(profile, JSON.stringify({ ...namedProfiles.deoldify, size: 48 }));
    const { code, stdout, stderr } = await tinct(
      ...["import", at("deoldify.onnx"), "--profile", profile, "--out", deoldify, "--json"],
    );
    assert.equal(code, 0, stderr);
    const made = JSON.parse(stdout);
    assert.deepEqual([made.profile.size, made.sizeMultiple, made.opset], [48, 8, 17]);
  });

  await t.step("colorize takes the folder, and other sizes that the network takes", async () => {
    const out = folder.join("out");
    const photo = photoPath("cat.jpg");
    const { code, stderr } = await tinct(
      "colorize",
      "--model",
      deoldify,
      photo,
      "--out",
      out,
      "--size",
      "64",
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /which sees 64 x 64 pixels\./);
    assert.deepEqual(await readdir(out), ["cat.jpg"]);
    const refused = await tinct(
      "colorize",
      "--model",
      deoldify,
      photo,
      "--out",
      out,
      "--overwrite",
      "--size",
      "60",
    );
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /The size must be a multiple of 8 for .* not 60\./);
    const onnx = at("deoldify.onnx");
    const direct = await tinct("colorize", "--model", onnx, photo, "--out", out, "--overwrite");
    assert.match(direct.stderr, /is a network of another program: `tinct import /);
  });

  await t.step(
    "a network of a catalog is recognized, and has the profile that stands there",
    async () => {
      const path = at("deoldify.onnx");
      const bytes = await readFile(path);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const entry = { name: "A small DeOldify", sizeBytes: bytes.length, license: "MIT", sha256 };
      const catalog = folder.join("catalog.json");
      const profile = { ...namedProfiles.deoldify, size: 64, keep: "lightness" };
      await writeFile(catalog, JSON.stringify({ networks: [{ ...entry, profile }] }));
      const out = folder.join("known");
      const known = await tinct("import", path, "--catalog", catalog, "--out", out, "--json");
      assert.equal(known.code, 0, known.stderr);
      assert.match(known.stderr, /deoldify\.onnx is A small DeOldify; license: MIT\.$/m);
      assert.deepEqual(JSON.parse(known.stdout).profile, profile);
      const wrong = JSON.stringify({ networks: [{ ...entry, profile: "zhang" }] });
      await writeFile(catalog, wrong);
      const { stderr } = await tinct(
        "import",
        path,
        "--catalog",
        catalog,
        "--out",
        folder.join("y"),
      );
      assert.match(
        stderr,
        /is no catalog: networks\[0\]\.profile must be the name of a profile, or one\./,
      );
    },
  );

  await t.step("evaluate compares two of them", async () => {
    const data = folder.join("photos");
    await paintScenes(data, 2);
    const { code, stdout, stderr } = await tinct(
      ...[
        "evaluate",
        "--model",
        ddcolor,
        "--model",
        deoldify,
        "--data",
        data,
      ],
      ...["--size", "32", "--json"],
    );
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).models.length, 2);
  });

  await t.step("what is wrong is told before anything is written", async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["--out", ddcolor], /ddcolor exists already; name another folder\./],
      [
        ["--out", folder.join("x"), "--profile", "zhang"],
        /--profile must be ddcolor, .* or a \.json file, not zhang/,
      ],
      [
        ["--out", folder.join("x"), "--profile", "eccv16"],
        /takes 3 channels, and its profile says 1: /,
      ],
      [["--out", folder.join("x"), "--name", "y"], /--name/],
      [[], /--name is missing: the model's name, or --out DIR\./],
    ];
    for (const [argv, sentence] of cases) {
      const { code, stderr } = await tinct("import", at("ddcolor.fixed.onnx"), ...argv);
      assert.match(stderr, sentence);
      assert.notEqual(code, 0);
    }
    const unread = await tinct("import", folder.join("gone.onnx"));
    assert.match(unread.stderr, /--name is missing/, "before the network is read");
    assert.deepEqual((await readdir(folder.path)).filter((name) => name === "x"), []);
  });
});
