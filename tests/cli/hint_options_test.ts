import assert from "assert";
import sharp from "sharp";
import { parseHints } from "../../src/cli/hint_options.ts";
import { chromaAt } from "../../src/hints/byte_colors.ts";
import { colorsOf } from "../../src/hints/picture_colors.ts";
import { decodePhoto } from "../../src/images/decode.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest } from "../engine/test_engine.ts";
import { photoFilePath, photoPath } from "../images/test_photos.ts";
import { smallGenerator, writeRun } from "../inference/small_model.ts";
import { runKeptTinct } from "./run_tinct.ts";

Deno.test("parseHints() reads points, and says how others are to be written", () => {
  assert.deepEqual(parseHints(["12,7.5,#ff8000", "0,3,A0b0C0,20"]), [
    { x: 12, y: 7.5, radius: 0, rgb: 0xff8000 },
    { x: 0, y: 3, radius: 20, rgb: 0xa0b0c0 },
  ]);
  for (const wrong of ["", "1,2", "1,2,red", "-1,2,#ff8000", "1,2,#ff80", "1,2,#ff8000,x"]) {
    assert.throws(() => parseHints([wrong]), /^TinctError: --hint must be X,Y,#RRGGBB or /);
  }
  assert.throws(() => parseHints(["1,2,#ff8000,101"]), /a radius of at most 100 pixels, not 101/);
  const many = Array.from({ length: 1001 }, () => "1,2,#ff8000");
  assert.throws(
    () => parseHints(many),
    /is given 1001 times, and 1000 are the most: use --strokes/,
  );
});

engineTest("colorize gives one photo the colours of its hints and strokes", async (engine) => {
  await using folder = await TemporaryFolder.create();
  using generator = smallGenerator(engine);
  await writeRun(engine, folder.path, [{ generator }]);
  const blue = { r: 0x60, g: 0x60, b: 0x90, alpha: 1 };
  const square = { create: { width: 9, height: 9, channels: 4, background: blue } } as const;
  await sharp({ create: { ...square.create, width: 451, height: 300, background: "#0000" } })
    .composite([{ input: await sharp(square).png().toBuffer(), left: 300, top: 100 }])
    .png().toFile(folder.join("strokes.png"));
  const colorize = (photos: readonly string[], ...options: readonly string[]) =>
    runKeptTinct([
      ...["colorize", ...photos, "--model", folder.path, "--out", folder.join("out")],
      ...["--format", "png", "--overwrite", ...options],
    ]);
  const hints = ["--hint", "100,50,#907060,4", "--strokes", folder.join("strokes.png")];
  const { code, stderr } = await colorize([photoPath("cat.jpg")], ...hints);
  assert.equal(code, 0, stderr);
  const { rgb, width } = await decodePhoto(folder.join("out", "cat.png"));
  for (
    const [x, y, color] of [[100, 50, [0x90, 0x70, 0x60]], [304, 104, [0x60, 0x60, 0x90]]] as const
  ) {
    const made = chromaAt(rgb, 3 * (y * width + x));
    const given = chromaAt(Uint8Array.from(color), 0);
    assert.ok(Math.hypot(made.a - given.a, made.b - given.b) < 2, `${made.a}, ${made.b}`);
  }
  for (
    const [photos, options, message] of [
      [
        ["cat.jpg"],
        ["--hint", "451,3,#000000"],
        /cat\.jpg: The hint at \(451, 3\) lies outside of the photo, which is 451 x 300 pixels/,
      ],
      [
        ["coffee.png"],
        ["--strokes", folder.join("strokes.png")],
        /The stroke picture is 451 x 300 pixels, and the photo as it is shown is 600 x 400/,
      ],
      [
        ["cat.jpg", "coffee.png"],
        ["--hint", "4,3,#000000"],
        /--hint says where things are in one picture, and there are 2: colorize that one alone\./,
      ],
      [["cat.jpg"], ["--strokes", folder.join("none.png")], /none\.png/],
    ] as const
  ) {
    const made = await colorize(photos.map(photoPath), ...options);
    assert.notEqual(made.code, 0);
    assert.match(made.stderr, message);
  }
  const both = await colorize(
    [photoPath("cat.jpg")],
    ...["--reference", photoPath("coffee.png"), "--remove-cast"],
  );
  assert.equal(both.code, 2);
  assert.match(both.stderr, /--remove-cast does not go with --reference, which says which cast/);
  const gray = await colorize([photoPath("cat.jpg")], "--reference", photoPath("gray.jpg"));
  assert.match(gray.stderr, /cat\.jpg: The reference picture is gray; give one in the colours/);
  const like = await colorize(
    [photoPath("cat.jpg"), photoPath("rocket.jpg")],
    ...["--reference", photoPath("coffee.png"), "--json"],
  );
  assert.equal(like.code, 0, like.stderr);
  for (const line of like.stdout.trim().split("\n")) {
    const { result, colorfulness, castA, nearlyGray } = JSON.parse(line);
    const seen = colorsOf((await decodePhoto(result)).rgb);
    assert.ok(Math.abs(seen.colorfulness - colorfulness) < 0.01);
    assert.ok(castA > 3 && nearlyGray === false, line);
  }
  const calm = await colorize([photoPath("cat.jpg")], "--saturation", "0");
  assert.match(calm.stderr, /cat\.jpg: the result is nearly gray \(colourfulness 0\.0\)/);
  const pages = photoFilePath("pages/three-pages.tiff");
  const all = await runKeptTinct([
    ...["colorize", pages, "--model", folder.path, "--out", folder.join("out")],
    ...["--pages", "all", "--hint", "1,1,#808080"],
  ]);
  assert.match(
    all.stderr,
    /--hint says where things are in one picture, so leave out --pages all\./,
  );
});
