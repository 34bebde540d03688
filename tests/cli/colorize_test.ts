import assert from "assert";
import sharp from "sharp";
import { copyFile, mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import type { Engine } from "../../src/engine/engine.ts";
import { tiffPages } from "../../src/images/containers/pages.ts";
import { decodePhoto } from "../../src/images/decode.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest } from "../engine/test_engine.ts";
import { jpegClaiming, photoFilePath, photoPath } from "../images/test_photos.ts";
import { smallGenerator, writeRun } from "../inference/small_model.ts";
import { runKeptTinct, runTinct } from "./run_tinct.ts";

/** A run with one checkpoint, in a folder of its own. */
async function makeRun(engine: Engine, folder: TemporaryFolder): Promise<string> {
  const run = folder.join("run");
  await mkdir(run);
  using generator = smallGenerator(engine);
  await writeRun(engine, run, [{ generator }]);
  return run;
}

/** The files below a folder, in order. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(folder.length + 1))
    .sort();
}

engineTest("colorize writes photos and folders of photos below DIR", async (engine) => {
  await using folder = await TemporaryFolder.create();
  const run = await makeRun(engine, folder);
  await mkdir(folder.join("album", "old"), { recursive: true });
  await copyFile(photoPath("cat.jpg"), folder.join("album", "old", "cat.JPEG"));
  await copyFile(photoPath("alpha.png"), folder.join("album", "cat.png"));
  await copyFile(photoPath("gray16.png"), folder.join("album", "deep.png"));
  const out = folder.join("album", "colored");
  const argv = [
    "colorize",
    photoPath("cat.jpg"),
    folder.join("album"),
    "--model",
    run,
    "--out",
    out,
  ];
  const { code, stdout, stderr } = await runKeptTinct(argv);
  assert.equal(code, 0, stderr);
  assert.deepEqual(await filesIn(out), ["cat.jpg", "cat.png", "deep.png", "old/cat.JPEG"]);
  assert.match(stdout, /^\[1\/4\] \S+cat\.jpg → \S+colored\/cat\.jpg \(451 x 300, [\d.]+ s\)$/m);
  assert.match(stderr, /Colorized 4 photos in/);
  const colored = await decodePhoto(`${out}/cat.jpg`);
  assert.equal(colored.isGray, false);
  const clear = await decodePhoto(`${out}/cat.png`);
  assert.deepEqual(clear.alpha, (await decodePhoto(photoPath("alpha.png"))).alpha);

  // 16 bits a channel stay.
  assert.equal((await sharp(await readFile(`${out}/deep.png`)).metadata()).depth, "ushort");

  // A second call takes no result for a photo, and replaces none.
  const again = await runKeptTinct(argv);
  assert.equal(again.code, 1, again.stderr);
  assert.match(again.stderr, /colored\/cat\.jpg exists already; --overwrite replaces it\./);
  assert.match(again.stderr, /Colorized 0 of 4 photos in .*; 4 failed\./);
  const replacing = await runKeptTinct([
    ...argv,
    "--overwrite",
    "--saturation",
    "0",
    "--max-side",
    "90",
  ]);
  assert.equal(replacing.code, 0, replacing.stderr);
  const replaced = await decodePhoto(`${out}/cat.jpg`);
  assert.deepEqual([replaced.width, replaced.height, replaced.isGray], [90, 60, true]);
});

engineTest("colorize takes the moving average of a run, or --weights", async (engine) => {
  await using folder = await TemporaryFolder.create();
  const run = folder.join("run");
  await mkdir(run);
  using generator = smallGenerator(engine);
  using ema = smallGenerator(engine, undefined, 2);
  await writeRun(engine, run, [{ generator, ema }]);
  const colorize = async (out: string, ...more: string[]) => {
    const argv = ["colorize", photoPath("cat.jpg"), "--model", run, "--out", folder.join(out)];
    const { code, stderr } = await runKeptTinct([...argv, "--max-side", "90", ...more]);
    assert.equal(code, 0, stderr);
    return { stderr, picture: await readFile(folder.join(out, "cat.jpg")) };
  };
  const unchosen = await colorize("unchosen");
  const average = await colorize("ema", "--weights", "ema");
  const raw = await colorize("raw", "--weights", "raw");
  assert.match(unchosen.stderr, /, step 1, moving average, which sees 32 x 32 pixels/);
  assert.match(raw.stderr, /, step 1, which sees 32 x 32 pixels/);
  assert.deepEqual(average.picture, unchosen.picture);
  assert.notDeepEqual(raw.picture, unchosen.picture);
});

engineTest("colorize names each photo that fails, and the others go on", async (engine) => {
  await using folder = await TemporaryFolder.create();
  const run = await makeRun(engine, folder);
  await mkdir(folder.join("photos"));
  await writeFile(folder.join("photos", "empty.jpg"), "");
  await writeFile(folder.join("photos", "IMG_0.HEIC"), "");
  await writeFile(folder.join("photos", "bomb.jpg"), await jpegClaiming(20_000, 20_000, 742));
  await copyFile(photoPath("cat.jpg"), folder.join("photos", "cut.jpg"));
  await truncate(folder.join("photos", "cut.jpg"), 20_000);
  await copyFile(photoPath("cat.jpg"), folder.join("photos", "whole.jpg"));
  const out = folder.join("out");
  const { code, stderr } = await runKeptTinct([
    ...["colorize", "--model", run, "--out", out, "--format", "webp"],
    ...["--max-photo-megapixels", "50"],
    ...[folder.join("photos"), folder.join("none.jpg")],
  ]);
  assert.equal(code, 1);
  assert.deepEqual(await filesIn(out), ["whole.webp"]);
  assert.match(stderr, /^1 picture is left out \(1 HEIC\): Tinct reads JPEG, PNG/m);
  assert.match(stderr, /^\[1\/5\] \S*photos\/bomb\.jpg claims 20000 x 20000 = 400,000,000 pixels/m);
  assert.match(stderr, /^\[2\/5\] \S*photos\/cut\.jpg is damaged or cut short/m);
  assert.match(stderr, /^\[3\/5\] \S*photos\/empty\.jpg is empty \(0 bytes\)/m);
  assert.match(stderr, /^\[5\/5\] \S*none\.jpg does not exist/m);
  assert.match(stderr, /Colorized 1 of 5 photos in .*; 4 failed\./);
});

engineTest("colorize never writes over a photo it was given", async (engine) => {
  await using folder = await TemporaryFolder.create();
  const run = await makeRun(engine, folder);
  const photo = folder.join("cat.jpg");
  await copyFile(photoPath("cat.jpg"), photo);
  const { code, stderr } = await runKeptTinct(
    ["colorize", "--model", run, "--out", folder.path, "--overwrite", photo],
  );
  assert.equal(code, 1);
  assert.match(
    stderr,
    /cat\.jpg: the result would replace the photo \S+cat\.jpg; give another --out/,
  );
  assert.deepEqual(await readFile(photo), await readFile(photoPath("cat.jpg")));
});

engineTest("colorize stops at an interrupt and leaves only whole results", async (engine) => {
  await using folder = await TemporaryFolder.create();
  const run = await makeRun(engine, folder);
  await mkdir(folder.join("photos"));
  for (let i = 0; i < 30; i++) {
    await copyFile(photoPath("coffee.png"), folder.join("photos", `${i}.png`));
  }
  const out = folder.join("out");
  const argv = ["colorize", "--model", run, "--out", out, folder.join("photos")];
  const { code, stderr } = await runTinct(argv, { interruptAt: /Model: .*\n/ });
  assert.equal(code, 130, stderr);
  const results = await filesIn(out);
  assert.ok(results.length < 30, "it went on to the end");
  for (const name of results) {
    assert.match(name, /^\d+\.png$/);
    assert.equal((await decodePhoto(`${out}/${name}`)).width, 600);
  }
});

Deno.test("colorize says what is wrong with its arguments before it loads anything", async (t) => {
  await using folder = await TemporaryFolder.create();
  const model = folder.path;
  const out = folder.join("out");
  const cat = photoPath("cat.jpg");
  await mkdir(folder.join("empty"));
  const cases: { argv: string[]; code: number; says: RegExp; lines?: number }[] = [
    { argv: ["--out", out, cat], code: 2, says: /^--model is missing/ },
    { argv: ["--model", model, cat], code: 2, says: /^--out is missing/ },
    { argv: ["--model", model, "--out", out], code: 2, says: /^PHOTO is missing/ },
    {
      argv: ["--model", folder.join("none"), "--out", out, cat],
      code: 1,
      says: /none does not exist\.$/,
    },
    {
      argv: ["--model", model, "--out", out, "--checkpoint", "newest", cat],
      code: 2,
      says: /^--checkpoint must be latest, best or the number of a step, not "newest"\.$/,
    },
    {
      argv: ["--model", model, "--out", out, "--saturation", "9", cat],
      code: 2,
      says: /^--saturation must be from 0 to 4, not 9\.$/,
    },
    {
      argv: ["--model", model, "--out", out, folder.join("empty")],
      code: 2,
      says: /There is no photo in .*empty/,
    },
    {
      argv: ["--model", model, "--out", out, folder.join("nix.png")],
      code: 1,
      says: /nix\.png does not exist; check its path\.\nColorized 0 of 1 photo/,
      lines: 2,
    },
  ];
  for (const { argv, code, says, lines = 1 } of cases) {
    await t.step(says.source, async () => {
      // No library: it is not looked for.
      const environment = { TINCT_TENSORFLOW: folder.join("nowhere") };
      const run = await runTinct(["colorize", ...argv], { environment });
      assert.equal(run.code, code, run.stderr);
      assert.match(run.stderr.trim(), says);
      assert.equal(run.stderr.trim().split("\n").length, lines, run.stderr);
      assert.equal(run.stdout, "");
    });
  }
});

engineTest(
  "colorize keeps what photos say of themselves, and tells of pages left out",
  async (engine) => {
    await using folder = await TemporaryFolder.create();
    const run = await makeRun(engine, folder);
    const photos = [
      photoFilePath("scans/rich.jpg"),
      photoFilePath("pages/three-pages.tiff"),
      photoFilePath("pages/anim.gif"),
    ];
    const colorize = (out: string, ...more: string[]) =>
      runKeptTinct(["colorize", "--model", run, "--out", folder.join(out), ...photos, ...more]);
    const kept = await colorize("kept");
    assert.equal(kept.code, 0, kept.stderr);
    const rich = await decodePhoto(folder.join("kept", "rich.jpg"));
    assert.equal(Math.round(rich.metadata.resolution!.x), 200);
    assert.ok(rich.metadata.exif!.place.length > 0 && rich.metadata.xmp);
    assert.match(
      kept.stderr,
      /three-pages\.tiff: only the first of 3 pages or frames was colorized/,
    );
    assert.match(kept.stderr, /anim\.gif: only the first of 3 pages or frames was colorized/);
    assert.doesNotMatch(kept.stderr, /rich\.jpg: only/);

    const all = await colorize("all", "--pages", "all", "--strip");
    assert.equal(all.code, 0, all.stderr);
    assert.match(all.stdout, /three-pages\.tiff \(120 x 80, 3 pages, /);
    assert.doesNotMatch(all.stderr, /three-pages\.tiff: only/);
    assert.match(all.stderr, /anim\.gif: only the first of 3/);
    assert.deepEqual(
      tiffPages(await readFile(folder.join("all", "three-pages.tiff")))?.length,
      3,
    );
    const stripped = await decodePhoto(folder.join("all", "rich.jpg"));
    assert.equal(Math.round(stripped.metadata.resolution!.x), 200);
    assert.equal(stripped.metadata.exif, undefined);

    const refused = await colorize("jpeg", "--pages", "all", "--format", "jpeg");
    assert.match(refused.stderr, /--pages all goes with --format same or tiff: jpeg holds one/);
    const remote = await colorize("remote", "--pages", "all", "--server", "localhost:1");
    assert.match(remote.stderr, /--pages does not go with --server/);
  },
);
