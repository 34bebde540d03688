import assert from "assert";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { jpegSize } from "../../src/images/jpeg_size.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest } from "../engine/test_engine.ts";
import { largePhoto } from "../images/large_photo.ts";
import { smallGenerator, writeRun } from "../inference/small_model.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { runTinct } from "./run_tinct.ts";

engineTest(
  "one's own photos of 61 million pixels are checked, trained on and colorized",
  async (engine) => {
    await using folder = await TemporaryFolder.create();
    const [photos, run, out] = ["photos", "run", "out"].map((name) => folder.join(name));
    await mkdir(photos!);
    await mkdir(run!);
    await writeFile(`${photos}/DSC0001.jpg`, await largePhoto());
    using generator = smallGenerator(engine);
    await writeRun(engine, run!, [{ generator }]);
    const environment = {
      TINCT_CACHE: folder.join("cache"),
      TINCT_TENSORFLOW: dirname(libraryPath()),
    };

    const check = [
      "check",
      "--data",
      photos!,
      "--no-measure",
      "--json",
      "--size",
      "32",
      "--n-down",
      "5",
    ];
    const usable = async (...more: string[]) => {
      const { stdout, stderr } = await runTinct([...check, ...more], { environment });
      assert.ok(stdout.startsWith("{"), stderr);
      return JSON.parse(stdout).photos;
    };
    assert.equal((await usable()).usable, 1);
    const limited = await usable("--max-photo-megapixels", "50");
    assert.equal(limited.usable, 0);
    assert.match(limited.unreadable[0].reason, /over the limit of 50,000,000 and 65,535 a side/);

    const colorize = ["colorize", photos!, "--model", run!, "--out", out!];
    const { code, stderr } = await runTinct(colorize);
    assert.equal(code, 0, stderr);
    assert.deepEqual(jpegSize(await readFile(`${out}/DSC0001.jpg`)), { width: 9504, height: 6336 });
    const refused = await runTinct([...colorize, "--overwrite", "--max-photo-side", "9000"]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /DSC0001\.jpg claims 9504 x 6336 .* and 9,000 a side/);

    // Augmenting reads photos as training does.
    const sheet = folder.join("sheet.png");
    const augment = [
      "augment",
      photos!,
      "--out",
      sheet,
      "--size",
      "32",
      "--photos",
      "1",
      "--draws",
      "1",
    ];
    const drawn = await runTinct([...augment, "--blur", "1"]);
    assert.equal(drawn.code, 0, drawn.stderr);
  },
);
