import assert from "assert";
import { copyFile, cp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { readMetrics } from "../../src/runs/metrics_log.ts";
import { openTensors } from "../../src/checkpoints/open_tensors.ts";
import { readAnyFloats } from "../../src/checkpoints/tensor_values.ts";
import { pthPath } from "../pytorch_files/torch_archive.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { photoPath } from "../images/test_photos.ts";
import { paintScenes } from "../service/workshop.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { runTinct } from "./run_tinct.ts";

const network = "--size 32 --n-down 5 --ngf 4 --ndf 4 --n-layers 1".split(" ");
const small = [
  ...network,
  ..."--batch-size 2 --log-every 1 --validate-every 2 --sample-every 0".split(" "),
];

/** A folder with eight photos, and `tinct train` on them. */
async function open() {
  const folder = await TemporaryFolder.create();
  await paintScenes(folder.join("photos"), 8);
  const environment = {
    TINCT_CACHE: folder.join("cache"),
    TINCT_TENSORFLOW: dirname(libraryPath()),
  };
  const train = (run: string, ...words: readonly string[]) =>
    runTinct(
      ["train", "--data", folder.join("photos"), "--out", folder.join(run), ...words],
      { environment },
    );
  return {
    folder,
    train,
    photo: (name: string) => folder.join("photos", name),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** A run's numbers, but for how fast it went. */
async function numbers(folder: string) {
  return (await readMetrics(folder)).map(({ imagesPerSecond: _, ...entry }) => entry);
}

Deno.test("a run goes on to the same bits when photos were renamed, and others came that it cannot or does not train on", async () => {
  await using scene = await open();
  const { folder, photo } = scene;
  const whole = await scene.train("whole", ...small, "--max-steps", "8");
  assert.equal(whole.code, 0, whole.stderr);
  await writeFile(photo("late.jpg"), "no photo yet");
  const half = await scene.train("half", ...small, "--max-steps", "4");
  assert.equal(half.code, 0, half.stderr);
  await copyFile(photoPath("cat.jpg"), photo("late.jpg"));
  await writeFile(photo("broken.jpg"), "no photo");
  await copyFile(photoPath("gray.jpg"), photo("a-gray.jpg"));
  await rename(photo("scene-0.png"), photo("z-was-the-first.png"));
  const resumed = await scene.train("half", "--resume", "--max-steps", "6");
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(
    resumed.stderr,
    /^When this run began, 1 photo could not be read \(late\.jpg\)\. It goes on without it; a new run \(--start-from\) trains on it, too\.$/m,
  );
  await rm(photo("broken.jpg"));
  const again = await scene.train("half", "--resume", "--max-steps", "8");
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(await numbers(folder.join("half")), await numbers(folder.join("whole")));
  const weights = "checkpoints/step-00000008/generator.safetensors";
  assert.deepEqual(
    await readFile(folder.join("half", weights)),
    await readFile(folder.join("whole", weights)),
  );
});

Deno.test("a run of other photos is refused with their names, and --start-from goes on with its weights", async () => {
  await using scene = await open();
  const { folder, photo } = scene;
  const first = await scene.train("run", ...small, "--max-steps", "4");
  assert.equal(first.code, 0, first.stderr);
  await copyFile(photoPath("cat.jpg"), photo("new.jpg"));
  await rm(photo("scene-3.png"));
  await cp(photo("scene-1.png"), photo("scene-2.png"));
  await writeFile(photo("scene-5.png"), (await readFile(photo("scene-5.png"))).subarray(0, 100));
  const refused = await scene.train("run", "--resume", "--max-steps", "8");
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /^The photos differ from those this run was trained on: 1 photo was added \(new\.jpg\); 1 photo is missing \(scene-3\.png\); 1 photo can no longer be read \(scene-5\.png\); 1 photo has changed \(scene-2\.png\)\. Put them back, or start a new run with this one's weights \(--start-from\)\.$/m,
  );
  const both = await scene.train("run", "--resume", "--start-from", folder.join("run"));
  assert.equal(both.code, 2);
  assert.match(both.stderr, /^Give --start-from or --resume, not both/);
  const nowhere = await scene.train("on", "--start-from", folder.join("cache"));
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /cache is neither a run with a checkpoint nor a checkpoint/);
  // The network's options come from the run; with rates of 0 the weights stay what they were.
  const still = ["--batch-size", "2", "--max-steps", "2", "--lr-g", "0", "--lr-d", "0"];
  const on = await scene.train("on", "--start-from", folder.join("run"), ...still);
  assert.equal(on.code, 0, on.stderr);
  assert.match(on.stdout, /^Trained 2 steps on 7 photos\./m);
  const config = JSON.parse(await readFile(folder.join("on", "config.json"), "utf8"));
  assert.deepEqual([config.size, config.nDown, config.ngf, config.nLayers], [32, 5, 4, 1]);
  const begun = folder.join("on", "checkpoints", "step-00000000", "generator.safetensors");
  const origin = folder.join("run", "checkpoints", "step-00000004", "generator.safetensors");
  assert.deepEqual(await readFile(begun), await readFile(origin));
  const resumed = await scene.train("on", "--resume", "--max-steps", "3");
  assert.equal(resumed.code, 0, resumed.stderr);
});

Deno.test("train --start-from FILE begins with a generator of another program and its shape", async () => {
  await using scene = await open();
  const { folder } = scene;
  const file = pthPath("tutorial.pt");
  const still = ["--batch-size", "2", "--max-steps", "1", "--lr-g", "0", "--lr-d", "0"];
  const sizes = ["--size", "32", "--ndf", "4", "--n-layers", "1"];
  const on = await scene.train("tuned", "--start-from", file, ...sizes, ...still);
  assert.equal(on.code, 0, on.stderr);
  const config = JSON.parse(await readFile(folder.join("tuned", "config.json"), "utf8"));
  assert.deepEqual([config.nDown, config.ngf, config.size], [5, 2, 32]);
  for (const step of ["00000000", "00000001"]) {
    const checkpoint = folder.join("tuned", "checkpoints", `step-${step}`);
    await using trained = await openTensors(`${checkpoint}/generator.safetensors`);
    await using given = await openTensors(file);
    for (const { name, dtype } of trained.tensors) {
      if (name.includes(".running_") && step !== "00000000") continue; // move with each pass
      assert.equal(dtype, "F32");
      assert.deepEqual(
        await readAnyFloats(trained, name),
        await readAnyFloats(given, `net_G.${name}`),
        `${name} of step ${step}`,
      );
    }
  }
  const other = await scene.train("other", "--start-from", file, ...sizes, "--ngf", "4");
  assert.equal(other.code, 1);
  assert.match(
    other.stderr,
    /tutorial\.pt does not fit the generator that is configured: of another shape: net_G\./,
  );
});
