import assert from "assert";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { recognizeFormat } from "../../src/images/photo_format.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runKeptTinct } from "./run_tinct.ts";
import { photoPath } from "../images/test_photos.ts";
import { openWorkingScene, watchUntil, type WorkingScene } from "../service/working_scene.ts";
import { smallConfig } from "../service/workshop.ts";

/** A server with a job that has two checkpoints, and how the two ways of colorizing are called. */
async function trained(): Promise<WorkingScene & { readonly ways: Record<string, string[]> }> {
  const working = await openWorkingScene();
  const jobId = await working.train({ ...smallConfig, maxSteps: 4, checkpointEvery: 2 });
  await watchUntil(working.scene, { jobId }, () => false);
  const { scene } = working;
  return {
    ...working,
    ways: {
      local: ["--model", scene.join("jobs", jobId)],
      remote: ["--model", jobId, "--server", scene.server.address],
    },
  };
}

/** The files below a folder, in order. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(folder.length + 1)).sort();
}

Deno.test("a server's results are named, guarded and written as those of this machine", async (t) => {
  await using working = await trained();
  await using folder = await TemporaryFolder.create();
  const photos = folder.join("photos");
  await mkdir(join(photos, "sub"), { recursive: true });
  const cat = await sharp(await readFile(photoPath("cat.jpg"))).resize(40).jpeg().toBuffer();
  const gif = await sharp(cat).gif().toBuffer();
  const names = ["a.jpg", "a.jpeg", `sub/${"n".repeat(251)}.jpg`, `${"写".repeat(83)}.jpg`];
  for (const name of names) await writeFile(join(photos, name), cat);
  await writeFile(join(photos, "b.gif"), gif);
  await writeFile(join(photos, "b.png"), await sharp(cat).png().toBuffer());
  await writeFile(join(photos, "no.jpg"), "no photo");

  for (const [way, words] of Object.entries(working.ways)) {
    const colorize = (out: string, ...more: string[]) =>
      runKeptTinct(["colorize", ...words, "--out", out, ...more]);

    await t.step(
      `${way}: one result a photo, in the format that the help text promises`,
      async () => {
        const out = folder.join(`out-${way}`);
        const { code, stdout, stderr } = await colorize(out, photos);
        assert.equal(code, 1, stdout + stderr);
        assert.match(stderr, /no\.jpg is text; Tinct reads/);
        assert.match(stderr, /Colorized 6 of 7 photos in .*; 1 failed\.\n$/);
        assert.equal(stdout.match(/ → \S+ \(40 x 2\d, [\d.]+ s\)$/gm)?.length, 6, stdout);
        const made = await filesIn(out);
        assert.deepEqual(made, ["a.jpeg", "a.jpg", "b-2.png", "b.png", ...names.slice(2)].sort());
        for (const name of made) {
          const format = recognizeFormat(await readFile(join(out, name)), name);
          assert.equal(format, name.endsWith(".png") ? "png" : "jpeg", name);
        }
        // Again: nothing is replaced but where that is asked for.
        const again = await colorize(out, photos);
        assert.equal(
          again.stderr.match(/exists already; --overwrite replaces it\.$/gm)?.length,
          6,
        );
        const replacing = await colorize(out, "--overwrite", "--max-side", "20", photos);
        assert.match(replacing.stderr, /Colorized 6 of 7 photos/);
        assert.equal((await sharp(await readFile(join(out, "a.jpg"))).metadata()).width, 20);
      },
    );

    await t.step(`${way}: an original is never replaced, by no path to it`, async () => {
      const own = folder.join(`own-${way}`), link = folder.join(`link-${way}`);
      await mkdir(own);
      await copyFile(join(photos, "a.jpg"), join(own, "photo.jpg"));
      await Deno.symlink(own, link);
      for (const out of [own, link]) {
        const { code, stdout, stderr } = await colorize(out, "--overwrite", join(own, "photo.jpg"));
        assert.deepEqual([code, stdout], [1, ""]);
        assert.match(
          stderr,
          /the result would replace the photo \S+photo\.jpg; give another --out/,
        );
      }
      assert.deepEqual(await readFile(join(own, "photo.jpg")), cat);
    });
  }

  await t.step("remote: a job's checkpoint that was asked for, not the newest", async () => {
    const colorize = async (...more: string[]) => {
      const out = folder.join(`by${more.join("-")}`);
      const { code, stderr } = await runKeptTinct([
        ...["colorize", ...working.ways["remote"]!, "--out", out, "--saturation", "4", ...more],
        join(photos, "b.png"),
      ]);
      return { code, stderr, picture: code === 0 ? await readFile(join(out, "b.png")) : undefined };
    };
    const [newest, four, two] = [
      await colorize(),
      await colorize("--checkpoint", "4"),
      await colorize("--checkpoint", "2"),
    ];
    assert.deepEqual(four.picture, newest.picture);
    assert.ok(two.picture);
    assert.notDeepEqual(two.picture, newest.picture);
    const none = await colorize("--checkpoint", "3");
    assert.equal(none.code, 1);
    assert.match(none.stderr, /step 3/);
  });
});
