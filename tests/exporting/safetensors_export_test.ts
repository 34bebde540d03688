import assert from "assert";
import { mkdir, readFile } from "node:fs/promises";
import { openSafetensors, writeSafetensors } from "../../src/checkpoints/safetensors.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { loadColorizer } from "../../src/inference/load_colorizer.ts";
import { openGenerator } from "../../src/inference/open_generator.ts";
import { readOrigin } from "../../src/local_training/start_origin.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runKeptTinct } from "../cli/run_tinct.ts";
import { engineTest } from "../engine/test_engine.ts";
import { smallGenerator, tensorSources, writeRun } from "../inference/small_model.ts";

engineTest("an exported safetensors is enough to colorize as its model does", async (engine) => {
  await using folder = await TemporaryFolder.create();
  const config = parseTrainingConfig({
    ...{ size: 64, nDown: 5, ngf: 8, hints: true },
    ...{ leakySlope: 0.05, batchNormEpsilon: 1e-2 },
  });
  using generator = smallGenerator(engine, config);
  await mkdir(folder.join("run"));
  await writeRun(engine, folder.join("run"), [{ generator, psnr: 24.123456789012345 }], config);
  const argv = ["--model", folder.join("run"), "--out", folder.path, "--name", "out"];
  const done = await runKeptTinct(["export", ...argv, "--format", "safetensors"]);
  assert.equal(done.code, 0, done.stderr);
  const file = folder.join("out", "model.safetensors");
  const card = await readFile(folder.join("out", "README.md"), "utf8");
  assert.match(card, /## Measures\n\n- psnr 24\.12 \(higher is better\)\n/);
  await using opened = await openGenerator(folder.join("run"));
  await using again = await openGenerator(file);
  assert.deepEqual(again.config, opened.config);
  const shape = { generator: "unet", ngf: 8, hints: true, nDown: 5 };
  const untold = { leakySlope: 0.05, batchNormEpsilon: 1e-2 };
  const origin = await readOrigin({ startFrom: file, resume: false });
  assert.deepEqual(origin?.network, { ...shape, ...untold }, "for who trains it on");

  const bytes = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 29) % 256);
  const colors = async (path: string) => {
    using colorizer = await loadColorizer(engine, path);
    const [ab] = await colorizer.predict([bytes]);
    const values = await ab!.data<"float32">();
    ab!.dispose();
    return values;
  };
  assert.deepEqual(await colors(file), await colors(folder.join("run")), "to the bit");
});

engineTest("notes of a generator that cannot be true are named", async (engine) => {
  await using folder = await TemporaryFolder.create();
  using generator = smallGenerator(engine);
  const sources = await tensorSources(engine, generator);
  const path = folder.join("odd.safetensors");
  for (
    const [note, value, says] of [
      [
        "size",
        "64.5",
        /notes tinct\.size as "64\.5", which must be a whole number from 16 to 2048/,
      ],
      ["size", "", /notes tinct\.size as ""/],
      ["leakySlope", "NaN", /notes tinct\.leakySlope as "NaN", which must be a number from 0 to 1/],
    ] as const
  ) {
    await writeSafetensors(path, sources, { metadata: { [`tinct.${note}`]: value } });
    await assert.rejects(openGenerator(path), failsWith("data_loss", says));
  }
  // Those of other programs say nothing.
  await writeSafetensors(path, sources, { metadata: { format: "pt", size: "x" } });
  await using file = await openSafetensors(path);
  assert.equal(file.metadata.get("size"), "x");
  await using opened = await openGenerator(path);
  assert.equal(opened.config.size, 256);
});
