import assert from "assert";
import { mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { readEnvironment } from "../../src/config.ts";
import { locateLibrary, platformOf } from "../../src/tensorflow/library.ts";
import { fakePython, temporaryFolder } from "../tensorflow/tiny_wheel.ts";
import { runTinct } from "./run_tinct.ts";

const platform = platformOf(process.platform, process.arch);

/** The system's own programs, without any Python that the user has put before them. */
const bare = (folder: string) => `${folder}:/bin`;

Deno.test("tinct setup loads the library that is there, in silence, and ends well", async () => {
  const { code, stdout, stderr } = await runTinct(["setup"]);
  // Nothing of TensorFlow's log, and no crash when its exit handlers run.
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.match(stdout, /TensorFlow 2\.21\.\d+/);
});

Deno.test("tinct setup looks at the library that TINCT_TENSORFLOW names, and fetches nothing", async () => {
  const { tensorflowFolder, cacheFolder } = readEnvironment();
  const library = locateLibrary({ explicit: tensorflowFolder, cacheFolder, platform });
  await using folder = await temporaryFolder();
  const { code, stdout, stderr } = await runTinct(["setup"], {
    environment: {
      TINCT_TENSORFLOW: dirname(library.folder),
      TINCT_CACHE: join(folder.path, "cache"),
    },
  });
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.ok(
    stdout.startsWith(`TINCT_TENSORFLOW names ${library.folder}, which holds TensorFlow 2.21`),
  );
  assert.deepEqual(await readdir(folder.path), []);
});

Deno.test("tinct setup --list prints the pip commands for the build asked for", async () => {
  const cpu = await runTinct(["setup", "--list"]);
  assert.match(cpu.stdout, /^python3 -m pip download .* tensorflow(-cpu)?==2\.21\.0\n$/);
  if (platform !== "linux-x64") return;
  const gpu = await runTinct(["setup", "--gpu", "--list"]);
  assert.equal(gpu.stdout.split("\n").length, 13);
  assert.match(gpu.stdout, /nvidia-cudnn-cu12==9\./);
});

Deno.test("tinct setup exits with 1 and the way out when there is no Python", async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, "bin"));
  const { code, stdout, stderr } = await runTinct(["setup"], {
    environment: {
      TINCT_TENSORFLOW: undefined,
      TINCT_CACHE: join(folder.path, "cache"),
      PATH: join(folder.path, "bin"),
    },
  });
  assert.match(
    stderr,
    /\nFetching TensorFlow needs Python 3 with pip.*not on the PATH.*--list.*\n$/,
  );
  assert.equal(stdout, "");
  assert.equal(code, 1);
});

Deno.test("tinct setup exits with 130 when it is interrupted, and leaves nothing behind", async () => {
  await using folder = await temporaryFolder();
  await fakePython(folder.path, "echo begun > $DEST/begun; exec sleep 3600");
  const cacheFolder = join(folder.path, "cache");
  const startedMs = performance.now();
  const { code, stderr } = await runTinct(["setup"], {
    environment: {
      TINCT_TENSORFLOW: undefined,
      TINCT_CACHE: cacheFolder,
      PATH: bare(folder.path),
    },
    interruptAt: /Fetching TensorFlow/,
  });
  assert.match(stderr, /\nInterrupted\.\n$/);
  assert.equal(code, 130);
  assert.ok(performance.now() - startedMs < 1_800_000, "it waited for pip to end by itself");
  assert.deepEqual(await readdir(cacheFolder).catch(() => []), []);
});

Deno.test("tinct setup refuses a wheel that is not the one it is built for", async () => {
  await using folder = await temporaryFolder();
  const { code, stderr } = await runTinct(["setup", "--from", new URL(import.meta.url).pathname], {
    environment: { TINCT_TENSORFLOW: undefined, TINCT_CACHE: folder.path },
  });
  assert.match(stderr, /setup_test\.ts is not the tensorflow.* Nothing was unpacked/);
  assert.equal(code, 1);
  assert.deepEqual(await readdir(folder.path), []);
});
