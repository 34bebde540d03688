import assert from "assert";
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import type { Engine } from "../../src/engine/engine.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest } from "../engine/test_engine.ts";
import { photoPath } from "../images/test_photos.ts";
import { smallGenerator, writeRun } from "../inference/small_model.ts";
import { runKeptTinct, runTinct } from "./run_tinct.ts";

const forged = "Colorized 9 photos in 0.1 s.";
const names = {
  "esc\x1b[2J\x1b]0;title\x07.jpg": "cat.jpg",
  [`copy\n${forged}\x9b2J.jpg`]: "cat.jpg", // a near-duplicate
  [`small\n${forged}.png`]: "rgb16_icc.png",
  [`gray\n${forged}\u202e.jpg`]: "gray.jpg",
  "rocket\r\n.jpg": "rocket.jpg",
  "coffee\u2028.png": "coffee.png",
};

/** A folder of photos of odd names, one of them unreadable. */
async function makePhotos(folder: TemporaryFolder): Promise<string> {
  const photos = folder.join(`photos\x1b[1m\n${forged}`);
  await mkdir(photos);
  for (const [name, source] of Object.entries(names)) {
    await copyFile(photoPath(source), `${photos}/${name}`);
  }
  await writeFile(`${photos}/bad\n${forged}\x1b[2J.jpg`, "no photo");
  return photos;
}

async function makeRun(engine: Engine, folder: TemporaryFolder): Promise<string> {
  const run = folder.join("run");
  await mkdir(run);
  using generator = smallGenerator(engine);
  await writeRun(engine, run, [{ generator }]);
  return run;
}

const small = [
  ...["--size", "32", "--n-down", "5", "--ngf", "4", "--ndf", "4", "--n-layers", "1"],
  ...["--batch-size", "2", "--validation-photos", "2"],
];

engineTest("no command lets a name drive the terminal or forge a line", async (engine, t) => {
  await using folder = await TemporaryFolder.create();
  const photos = await makePhotos(folder);
  const run = await makeRun(engine, folder);
  const out = folder.join("out");
  const environment = { TINCT_CACHE: undefined, XDG_CACHE_HOME: undefined };
  const commands: Record<string, string[]> = {
    colorize: ["--model", run, "--out", out, photos],
    "colorize again": ["--model", run, "--out", out, photos],
    check: ["--data", photos, ...small, "--no-measure"],
    "check for programs": ["--data", photos, ...small, "--no-measure", "--json"],
    augment: ["--out", folder.join("sheet.png"), "--size", "32", "--draws", "1", photos],
    evaluate: ["--model", run, "--data", photos, "--json", "-"],
    "evaluate to read": ["--model", run, "--data", photos],
    train: ["--data", photos, "--out", folder.join("trained"), ...small, "--max-steps", "1"],
    upload: ["--server", `unix:${folder.join("none")}`, "--dataset", "odd", photos],
    "train nothing": ["--data", `${photos}/none\x1b[2J`, "--out", folder.join("x"), ...small],
  };
  for (const [what, argv] of Object.entries(commands)) {
    for (
      const debug of what === "train nothing" || what === "colorize again" ? [false, true] : [false]
    ) {
      await t.step(debug ? `${what} --debug` : what, async () => {
        const words = [what.split(" ")[0]!, ...argv, ...(debug ? ["--debug"] : [])];
        // With --debug the library tells what it loads, which it does once in a process.
        const run = debug ? runTinct : runKeptTinct;
        const { stdout, stderr } = await run(words, { environment });
        const said = stdout + stderr;
        assert.ok(said.length > 0);
        const odd = /[^\n\P{Cc}]|[\p{Bidi_Control}\u2028\u2029]/u.exec(said);
        assert.equal(odd, null, JSON.stringify(said));
        const lines = said.split("\n").filter((line) => line.startsWith(forged));
        assert.deepEqual(lines, [], said);
      });
    }
  }
  assert.deepEqual((await readdir(out)).length, Object.keys(names).length);
});
