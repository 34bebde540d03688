import assert from "assert";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { augmentationRows, describeRows } from "../../src/augmentation/augmentation_sheet.ts";
import { decodePhoto, decodeResized } from "../../src/images/decode.ts";
import { plainAugmentation } from "../../src/augmentation/preview.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest } from "../engine/test_engine.ts";
import { photoPath } from "../images/test_photos.ts";
import { cutOut, locate } from "../training/pictures.ts";
import { runKeptTinct, runTinct } from "./run_tinct.ts";

const size = 160; // shown pixel for pixel

engineTest(
  "augment writes the pictures that training would see, a row an option",
  async (engine) => {
    await using folder = await TemporaryFolder.create();
    const out = folder.join("sheets", "augmented.png");
    const options = { crop: 0.5, grain: 10 };
    const argv = ["augment", "--preview", photoPath("cat.jpg"), "--out", out];
    const { code, stdout, stderr } = await runKeptTinct([
      ...argv,
      ...["--crop", "0.5", "--grain", "10", "--draws", "2", "--seed", "4", "--size", String(size)],
    ]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `Wrote ${out}: 1 photo.\n`);

    const photo = await decodeResized(photoPath("cat.jpg"), size);
    const described = describeRows(parseTrainingConfig(options));
    const rows = await augmentationRows(engine, photo, described, {
      size,
      draws: 2,
      seed: 4,
      step: 1,
    });
    assert.deepEqual(rows.map(({ heading }) => heading), [
      "flip",
      "crop 0.5",
      "grain 10",
      "all together",
      "all together",
    ]);
    const sheet = await decodePhoto(out);
    // The rows of crop and grain show what no other row does; they tell where the others are.
    const [crops, grains] = rows.slice(1, 3).map(({ pictures }) =>
      pictures.slice(1).map((picture) => locate(picture, { size, sheet })!)
    ) as [[number, number][], [number, number][]];
    const [[x, y], [next]] = crops as [[number, number], [number, number]];
    const [step, pitch] = [next - x, grains[0]![1] - y];
    for (const [row, { pictures }] of rows.entries()) {
      for (const [column, picture] of pictures.entries()) {
        const place = { x: x + (column - 1) * step, y: y + (row - 1) * pitch, size };
        assert.deepEqual(cutOut(sheet, place), picture, `row ${row}, column ${column}`);
      }
    }

    const again = await runKeptTinct([...argv, "--size", "32"]);
    assert.equal(again.code, 1);
    assert.equal(again.stderr, `${out} exists already: give another --out, or --overwrite.\n`);
  },
);

engineTest("augment shows usual values of each option where none is given", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("album"));
  for (const name of ["a.jpg", "b.jpg", "c.jpg"]) {
    await copyFile(photoPath("cat.jpg"), folder.join("album", name));
  }
  await writeFile(folder.join("album", "d.jpg"), "no picture");
  const out = folder.join("album", "sheet.png");
  const argv = ["augment", folder.join("album"), "--out", out, "--size", "32", "--photos", "4"];
  const { code, stdout, stderr } = await runKeptTinct(argv);
  assert.equal(code, 1); // one could not be read, and the others are shown
  assert.match(stderr, /album\/d\.jpg .*/);
  assert.equal(stdout, `Wrote ${out}: 3 photos.\n`);
  const { width, height } = await decodePhoto(out);
  assert.ok(width > 3 * 5 * 160 && height > 10 * 160, `${width} x ${height}`);

  // The sheet lies among the photos now, and is none of them.
  const again = await runKeptTinct([...argv, "--overwrite", "--draws", "1"]);
  assert.equal(again.stdout, `Wrote ${out}: 3 photos.\n`);
});

Deno.test("augment refuses what it cannot do, before it computes", async () => {
  await using folder = await TemporaryFolder.create();
  const photo = folder.join("cat.jpg");
  await copyFile(photoPath("cat.jpg"), photo);
  const cases: [argv: string[], message: RegExp][] = [
    [[photo, "--crop", "2"], /^--crop must be from 0\.05 to 1, not 2\.$/m],
    [[photo, "--crop", "0.9", "--rotate", "20"], /--crop of 0\.9 contradicts --rotate/],
    [[photo, "--no-flip"], /Every option is off/],
    [[photo, "--no-preview"], /nothing to do without --preview/],
    [[photo, "--out", photo, "--overwrite"], /--out .* is the photo .*: name another/],
    [[folder.join("no.jpg"), "--out", folder.join("x.png")], /None of the photos could be read/],
    [[], /PHOTO is missing/],
  ];
  for (const [argv, message] of cases) {
    const { code, stderr } = await runTinct(["augment", ...argv], {
      environment: { TINCT_TENSORFLOW: folder.join("none") }, // no library is needed to refuse
    });
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
  assert.deepEqual(await readFile(photo), await readFile(photoPath("cat.jpg")));
});

Deno.test("describeRows() has no row for what is off, and none together of one alone", () => {
  assert.deepEqual(describeRows(plainAugmentation), []);
  const [only, ...others] = describeRows({ ...plainAugmentation, whiteBalanceJitter: 8 });
  assert.deepEqual(others, []);
  assert.equal(only?.heading, "white balance jitter 8");
  assert.equal(only?.shows, "target");
});
