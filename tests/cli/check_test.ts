import assert from "assert";
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { photoPath } from "../images/test_photos.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { MemoryGroup } from "../machine/memory_group.ts";
import { shell, tinct } from "../terminal/output/shell.ts";
import { runTinct } from "./run_tinct.ts";

const small = "--size 32 --n-down 5 --ngf 4 --ndf 4 --n-layers 1 --batch-size 2".split(" ");

async function photos(names: readonly string[]): Promise<TemporaryFolder> {
  const folder = await TemporaryFolder.create();
  await mkdir(folder.join("photos"));
  for (const name of names) await copyFile(photoPath(name), folder.join("photos", name));
  return folder;
}

const environmentOf = (folder: TemporaryFolder) => ({
  TINCT_CACHE: folder.join("cache"),
  TINCT_TENSORFLOW: dirname(libraryPath()),
});

Deno.test("tinct check reports on awkward photos and on a measured step, and writes nothing", async () => {
  const names = [
    "cat.jpg",
    "cmyk.jpg",
    "scan.tiff",
    "pixel.webp",
    "coffee.png",
    "rocket.jpg",
    "gray.jpg",
  ];
  await using folder = await photos(names);
  await writeFile(folder.join("photos", "text.jpg"), "no photo");
  await writeFile(folder.join("photos", "IMG_0.HEIC"), "");
  const check = ["check", "--data", folder.join("photos"), ...small];
  const { code, stdout, stderr } = await runTinct(check, { environment: environmentOf(folder) });
  assert.equal(code, 0, stderr);
  const text = stdout.replaceAll(/\s+/g, " ");
  assert.match(text, /photos 8 files, [\d.]+ kB; 6 can be used: \d to train on, \d for validation/);
  assert.match(
    text,
    /unreadable 1, such as text\.jpg, which is no photo|unreadable 1, such as text\.jpg/,
  );
  assert.match(text, /other formats 1 HEIC, left out/);
  assert.match(text, /gray 1, left out: gray\.jpg/);
  assert.match(
    text,
    /near-duplicates 3 in 1 group: cat\.jpg = cmyk\.jpg = pixel\.webp = scan\.tiff/,
  );
  assert.match(text, /across the split \d validation photos? ha(s|ve)/);
  assert.match(text, /shorter sides from 64: \d/);
  assert.match(
    text,
    /a step [\d.]+ m?s for 2 photos of 32 x 32 \(mean of \d+\); the first [\d.]+ s/,
  );
  assert.match(text, /memory \d+ MB at most, [\d.]+ [GT]B free/);
  assert.match(text, /disk 18\.4 kB of prepared photos and up to 5 checkpoints of [\d.]+ .B/);
  assert.match(text, /Training can begin\. $/);
  await assert.rejects(readdir(folder.join("cache")), "a cache was made");

  const { stdout: json } = await runTinct([...check, "--no-measure", "--json", "--size", "96"], {
    environment: environmentOf(folder),
  });
  const report = JSON.parse(json);
  assert.equal(report.ok, true);
  assert.equal(report.needs, null);
  assert.deepEqual(report.photos.gray, ["gray.jpg"]);
  assert.deepEqual(report.photos.others, [{ format: "HEIC", count: 1 }]);
  assert.equal(report.photos.usable, 6);
  assert.deepEqual(report.findings.duplicates, [[
    "cat.jpg",
    "cmyk.jpg",
    "pixel.webp",
    "scan.tiff",
  ]]);
});

Deno.test("tinct check fails where training would not begin, and says why", async () => {
  await using folder = await photos(["cat.jpg", "coffee.png"]);
  const check = ["check", "--no-measure", "--data", folder.join("photos"), ...small];
  const few = await runTinct([...check, "--batch-size", "7"]);
  assert.equal(few.code, 1);
  assert.match(
    few.stdout,
    /There (is 1 photo|are [2-6] photos) to train on, fewer than one step takes \(7\)/,
  );
  const none = await runTinct(["check", "--data", folder.join("nowhere")]);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /nowhere does not exist/);
});

Deno.test("tinct train tells of near-duplicates and small photos before its first step", async () => {
  await using folder = await photos(["cat.jpg", "cmyk.jpg", "coffee.png", "rocket.jpg"]);
  const paths = ["--data", folder.join("photos"), "--out", folder.join("run")];
  const large = [...small, "--size", "128", "--max-steps", "1"];
  const { code, stderr } = await runTinct(["train", ...paths, ...large], {
    environment: environmentOf(folder),
  });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /1 photo is a near-duplicate of another, cmyk\.jpg of cat\.jpg\./);
  assert.match(stderr, /1 photo is smaller than 128 pixels and is enlarged, /);
});

Deno.test("tinct check says that a step does not fit into the container's memory, before it is ended for it", async (t) => {
  await using folder = await photos(["cat.jpg", "coffee.png"]);
  await using group = await MemoryGroup.create(1_000_000_000);
  await t.step({
    name: "in a control group of its own (making one takes root and version 1 or 2 of them)",
    ignore: group === undefined,
    fn: async () => {
      const check = tinct("check", "--data", folder.join("photos"), "--batch-size", "4");
      const script = `echo $$ >${group?.joinFile}; exec ${check}`;
      const { code, stdout, stderr } = await shell(script, { cacheFolder: folder.join("cache") });
      assert.equal(code, 1, stderr);
      assert.match(
        stdout,
        /^There is too little memory for a training step with --batch-size 4, --size 256 and --ngf 64: [\d.]+ .B of the container's limit of 1\.00 GB are free\. Not even one photo per step would fit: /m,
      );
      const smaller = `${check} --no-measure --ngf 8 --ndf 8`;
      const fits = await shell(`echo $$ >${group?.joinFile}; exec ${smaller}`, {
        cacheFolder: folder.join("cache"),
      });
      assert.doesNotMatch(fits.stdout, /memory/);
    },
  });
});

Deno.test("copies of one photo: check and train say that there is no validation, and what does nothing", async () => {
  await using folder = await photos(["cat.jpg"]);
  for (const name of ["a.jpg", "b.jpg", "c.jpg"]) {
    await copyFile(photoPath("cat.jpg"), folder.join("photos", name));
  }
  const environment = environmentOf(folder);
  const said =
    /^No photo can be kept out for validation, as all 4 photos are copies of one: nothing is measured, no checkpoint is the best one, and --early-stop does nothing\.$/m;
  const options = ["--data", folder.join("photos"), ...small, "--early-stop", "2"];
  const checked = await runTinct(["check", "--no-measure", ...options], { environment });
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(checked.stdout, said);
  const json = await runTinct(["check", "--no-measure", "--json", ...options], { environment });
  assert.match(JSON.parse(json.stdout).remarks[0], said);
  const train = ["train", "--out", folder.join("run"), "--max-steps", "1", ...options];
  const trained = await runTinct(train, { environment });
  assert.equal(trained.code, 0, trained.stderr);
  assert.match(trained.stderr, said);
  const unasked = await runTinct([
    "check",
    "--no-measure",
    ...options,
    "--validation-fraction",
    "0",
  ]);
  assert.doesNotMatch(unasked.stdout, said, "none was wanted");
});
