import assert from "assert";
import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { openTensors } from "../../src/checkpoints/open_tensors.ts";
import { writeSafetensors } from "../../src/checkpoints/safetensors.ts";
import { readEnvironment } from "../../src/config.ts";
import { locateLibrary, platformOf } from "../../src/tensorflow/library.ts";
import { SmallDisk } from "../checkpoints/small_disk.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { pthPath } from "../pytorch_files/torch_archive.ts";
import { paintScenes } from "../service/workshop.ts";
import { runTinct } from "./run_tinct.ts";

const small = [
  ...["--size", "32", "--n-down", "5", "--ngf", "4", "--ndf", "4", "--n-layers", "1"],
  ...["--batch-size", "2", "--validate-every", "0", "--sample-every", "0", "--threads", "1"],
];

/** The library that the tests use, with a cache that holds nothing else. */
function environmentIn(folder: TemporaryFolder): Record<string, string | undefined> {
  const { tensorflowFolder, cacheFolder } = readEnvironment();
  const platform = platformOf(process.platform, process.arch);
  const library = locateLibrary({ explicit: tensorflowFolder, cacheFolder, platform });
  return { TINCT_TENSORFLOW: dirname(library.folder), TINCT_CACHE: folder.join("cache") };
}

Deno.test("train on a disk that fills up says so, leaves the checkpoint before good, and can go on", async (t) => {
  await using folder = await TemporaryFolder.create();
  await using disk = await SmallDisk.mount(folder.join("disk"), 24_000_000);
  if (!disk) {
    const name = "mounting a small disk takes root on Linux";
    await t.step({ name, ignore: true, fn: () => {} });
    return;
  }
  await paintScenes(folder.join("photos"), 8);
  const environment = environmentIn(folder);
  const out = `${disk.path}/run`;
  const train = (...args: string[]) =>
    runTinct(["train", "--data", folder.join("photos"), "--out", out, ...small, ...args], {
      environment,
    });
  const first = await train("--max-steps", "2");
  assert.equal(first.code, 0, first.stderr);
  const saved = `${out}/checkpoints/step-00000002`;
  const filesOf = async () => {
    const names = (await readdir(saved)).sort();
    return await Promise.all(names.map(async (name) => [name, await readFile(`${saved}/${name}`)]));
  };
  const before = await filesOf();

  await fill(`${disk.path}/filler`);
  const full = await train("--resume", "--max-steps", "4");
  assert.equal(full.code, 1, full.stdout);
  assert.match(
    full.stderr.split("\n").at(-2) ?? "",
    /^The disk is full: .*\/run\/checkpoints\/step-00000004 could not be written \(.* free.*\); free some space or choose another disk\.$/,
  );
  assert.deepEqual(await filesOf(), before, "what was there is as it was");

  await rm(`${disk.path}/filler`);
  const resumed = await train("--resume", "--max-steps", "4");
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stdout, /Checkpoint: .*step-00000004/);
});

Deno.test("train without the library and without pip says what is missing, and works once it is there", async () => {
  await using folder = await TemporaryFolder.create();
  await paintScenes(folder.join("photos"), 8);
  await mkdir(folder.join("bin"));
  const argv = ["train", "--data", folder.join("photos"), "--out", folder.join("run"), ...small];
  const refused = await runTinct([...argv, "--max-steps", "1"], {
    environment: {
      TINCT_TENSORFLOW: undefined,
      TINCT_CACHE: folder.join("cache"),
      PATH: folder.join("bin"),
    },
  });
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr.split("\n").at(-2) ?? "",
    /^Fetching TensorFlow needs Python 3 with pip.*not on the PATH.*--list/,
  );
  const { code, stderr } = await runTinct([...argv, "--max-steps", "1"], {
    environment: environmentIn(folder),
  });
  assert.equal(code, 0, stderr);
});

/** Takes what a disk has left, but for what settings and metrics need. */
async function fill(path: string): Promise<void> {
  const part = new Uint8Array(64 * 1024);
  const isFull = (error: unknown) =>
    error instanceof Error && "code" in error && error.code === "ENOSPC";
  try {
    for (;;) await writeFile(path, part, { flag: "a" });
  } catch (error) {
    if (!isFull(error)) throw error;
  }
  await truncate(path, (await stat(path)).size - 256 * 1024);
}

Deno.test("train --resume of a run that has stopped early says what takes it further", async () => {
  await using folder = await TemporaryFolder.create();
  await paintScenes(folder.join("photos"), 8);
  const train = (...args: string[]) =>
    runTinct([
      ...["train", "--data", folder.join("photos"), "--out", folder.join("run"), ...args],
    ], { environment: environmentIn(folder) });
  // With nothing learned, the second validation is no better than the first.
  const still = ["--lr-g", "0", "--batch-norm-momentum", "0", "--early-stop", "1"];
  const often = ["--validation-fraction", "0.4", "--validate-every", "1"];
  const first = await train(...small, ...still, ...often);
  assert.match(first.stdout, /Stopped early after step 2/, first.stderr);
  const again = await train("--resume");
  assert.match(
    again.stdout,
    /^The run had already ended, at step 2: a larger --early-stop, or 0, takes it further\./,
  );
  const on = await train("--resume", "--early-stop", "0", "--max-steps", "3");
  assert.match(on.stdout, /^Trained 3 steps/, on.stderr);
});

Deno.test("train refuses a perceptual loss without weights, and weights that are not a network's", async () => {
  await using folder = await TemporaryFolder.create();
  await paintScenes(folder.join("photos"), 2);
  const environment = environmentIn(folder);
  const file = folder.join("weights.safetensors");
  await writeFile(file, "no safetensors");
  const train = (...args: string[]) =>
    runTinct(
      ["train", "--data", folder.join("photos"), "--out", folder.join("run"), ...small, ...args],
      { environment },
    );
  const cases: [args: string[], says: RegExp][] = [
    [["--lambda-perceptual", "5"], /^--lambda-perceptual 5 needs --perceptual-weights FILE: /m],
    [["--perceptual-weights", file], /would not be used: --lambda-perceptual is 0\./],
    [["--lambda-perceptual", "5", "--perceptual-weights", file], /weights\.safetensors/],
    [
      ["--lambda-perceptual", "5", "--perceptual-weights", `${file}.not`],
      /weights\.safetensors\.not/,
    ],
  ];
  for (const [args, says] of cases) {
    const { code, stderr } = await train(...args);
    assert.notEqual(code, 0, stderr);
    assert.match(stderr, says);
  }
  // Refused before anything was made.
  assert.deepEqual((await readdir(folder.join("."))).sort(), ["photos", "weights.safetensors"]);
});

Deno.test("train looks for the photos before it reads the generator that it starts from", async () => {
  await using folder = await TemporaryFolder.create();
  await using whole = await openTensors(pthPath("ddcolor_tiny.pth"));
  const lacking = folder.join("lacking.safetensors");
  await writeSafetensors(
    lacking,
    whole.tensors.filter(({ name }) => !name.endsWith("stages.1.0.gamma"))
      .map((info) => ({ ...info, data: () => whole.read(info.name) })),
  );
  const train = (data: string) =>
    runTinct([
      ...["train", "--data", folder.join(data), "--out", folder.join("run"), "--size", "32"],
      ...["--generator", "ddcolor-tiny", "--start-from", lacking],
    ]);
  const unread = await train("gone");
  assert.match(unread.stderr, /^The folder \S+gone does not exist; check its path\./);
  await paintScenes(folder.join("photos"), 1);
  const read = await train("photos");
  assert.match(read.stderr, /missing: \S+\.stages\.1\.0\.gamma/);
});
