import assert from "assert";
import { mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TinctError } from "../../src/errors.ts";
import type { InstallRecord, Platform, Variant } from "../../src/tensorflow/install_record.ts";
import {
  installFolder,
  locateLibrary,
  type LocateOptions,
  platformOf,
} from "../../src/tensorflow/library.ts";
import { temporaryFolder } from "./tiny_wheel.ts";

const names: Record<Platform, [string, string]> = {
  "linux-x64": ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
  "linux-arm64": ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
  "macos-arm64": ["libtensorflow_cc.2.dylib", "libtensorflow_framework.2.dylib"],
};

/** A folder `tensorflow` with the two libraries of a platform. */
async function writeLibraries(parent: string, platform: Platform = "linux-x64"): Promise<void> {
  await mkdir(join(parent, "tensorflow"), { recursive: true });
  for (const name of names[platform]) await writeFile(join(parent, "tensorflow", name), name);
}

/** An installation as `fetchLibrary` leaves it. */
async function install(cacheFolder: string, variant: Variant, platform: Platform = "linux-x64") {
  const folder = installFolder(cacheFolder, variant, platform);
  await writeLibraries(folder, platform);
  const files = names[platform].map((name) => ({
    path: `tensorflow/${name}`,
    sizeBytes: name.length,
    sha256: "00".repeat(32),
  }));
  const record: InstallRecord = {
    formatVersion: 1,
    version: "2.21.0",
    variant,
    platform,
    wheels: [],
    files,
  };
  await writeFile(join(folder, "install.json"), JSON.stringify(record));
  return folder;
}

for (const platform of Object.keys(names) as Platform[]) {
  Deno.test(`locateLibrary() finds what the cache holds for ${platform}`, async () => {
    await using folder = await temporaryFolder();
    const installed = await install(folder.path, "cpu", platform);
    const [cc, framework] = names[platform];
    assert.deepEqual(locateLibrary({ cacheFolder: folder.path, platform }), {
      folder: join(installed, "tensorflow"),
      ccPath: join(installed, "tensorflow", cc),
      frameworkPath: join(installed, "tensorflow", framework),
      version: "2.21.0",
      variant: "cpu",
      source: "cache",
    });
  });
}

Deno.test("locateLibrary() takes the CUDA build first, unless the CPU build is asked for", async () => {
  await using folder = await temporaryFolder();
  const options = { cacheFolder: folder.path, platform: "linux-x64" } as const;
  await install(folder.path, "cpu");
  await install(folder.path, "gpu");
  assert.equal(locateLibrary(options).variant, "gpu");
  assert.equal(locateLibrary({ ...options, variant: "cpu" }).variant, "cpu");
});

Deno.test("locateLibrary() takes a file, its folder and a site-packages folder", async () => {
  await using folder = await temporaryFolder();
  await writeLibraries(folder.path);
  const expected = join(folder.path, "tensorflow");
  for (const explicit of [expected, folder.path, join(expected, "libtensorflow_cc.so.2")]) {
    const library = locateLibrary({ explicit, cacheFolder: "/nowhere", platform: "linux-x64" });
    assert.equal(library.folder, expected);
    assert.equal(library.source, "explicit");
    assert.equal(library.version, undefined);
  }
});

Deno.test("locateLibrary() prefers the folder that the caller names to the cache", async () => {
  await using folder = await temporaryFolder();
  await install(join(folder.path, "cache"), "cpu");
  await writeLibraries(join(folder.path, "mine"));
  const library = locateLibrary({
    explicit: join(folder.path, "mine"),
    cacheFolder: join(folder.path, "cache"),
    platform: "linux-x64",
  });
  assert.equal(library.folder, join(folder.path, "mine", "tensorflow"));
});

const records: readonly { name: string; entry: string; version: string; variant?: Variant }[] = [
  { name: "pip's record", entry: "tensorflow-2.20.0.dist-info", version: "2.20.0" },
  {
    name: "pip's record",
    entry: "tensorflow_cpu-2.21.0.dist-info",
    version: "2.21.0",
    variant: "cpu",
  },
];

for (const { name, entry, version, variant } of records) {
  Deno.test(`locateLibrary() reads version and build from ${name} ${entry}`, async () => {
    await using folder = await temporaryFolder();
    await writeLibraries(folder.path);
    await mkdir(join(folder.path, entry));
    await mkdir(join(folder.path, "tensorflow_estimator-1.0.dist-info"));
    const library = locateLibrary({
      explicit: folder.path,
      cacheFolder: "/nowhere",
      platform: "linux-x64",
    });
    assert.equal(library.version, version);
    assert.equal(library.variant, variant);
  });
}

Deno.test("locateLibrary() knows its own installation when it is named", async () => {
  await using folder = await temporaryFolder();
  const explicit = await install(folder.path, "gpu");
  const library = locateLibrary({ explicit, cacheFolder: "/nowhere", platform: "linux-x64" });
  assert.deepEqual([library.version, library.variant], ["2.21.0", "gpu"]);
});

interface Refusal {
  readonly name: string;
  readonly change: (installed: string) => Promise<unknown>;
  readonly options?: Partial<LocateOptions>;
  readonly says: RegExp;
  readonly code?: string;
}

const library = (installed: string) => join(installed, "tensorflow", "libtensorflow_cc.so.2");

const refusals: readonly Refusal[] = [
  {
    name: "nothing is in the cache",
    change: (installed) => rm(installed, { recursive: true }),
    says: /no TensorFlow library in .*`deno task tinct setup`, or set TINCT_TENSORFLOW/,
  },
  {
    name: "the build asked for is not there",
    change: () => Promise.resolve(),
    options: { variant: "gpu" },
    says: /no CUDA build of the TensorFlow library .*`deno task tinct setup --gpu`/,
  },
  {
    name: "a file of the installation is missing",
    change: (installed) => rm(library(installed)),
    says: /incomplete: tensorflow\/libtensorflow_cc\.so\.2 is missing; .*setup`/,
  },
  {
    name: "a file of the installation has been cut",
    change: (installed) => truncate(library(installed), 3),
    says: /libtensorflow_cc\.so\.2 has 3 bytes instead of 21/,
  },
  {
    name: "a folder stands where a file was",
    change: async (installed) => {
      await rm(library(installed));
      await mkdir(library(installed));
    },
    says: /libtensorflow_cc\.so\.2 is missing/,
  },
  {
    name: "a link leads nowhere",
    change: async (installed) => {
      await rm(library(installed));
      await symlink("/nowhere", library(installed));
    },
    says: /libtensorflow_cc\.so\.2 is missing/,
  },
  {
    name: "the record is cut",
    change: (installed) => truncate(join(installed, "install.json"), 20),
    code: "data_loss",
    says: /install\.json cannot be read: .*JSON/,
  },
  {
    name: "the record is of another format",
    change: (installed) => writeFile(join(installed, "install.json"), `{"formatVersion":2}`),
    code: "data_loss",
    says: /install\.json cannot be read: it is not a record of format 1/,
  },
  {
    name: "the folder named holds no library",
    change: () => Promise.resolve(),
    options: { explicit: "/nowhere" },
    says: /no libtensorflow_cc\.so\.2 in \/nowhere; set TINCT_TENSORFLOW .*or unset it/,
  },
];

for (const { name, change, options, says, code = "failed_precondition" } of refusals) {
  Deno.test(`locateLibrary() says what to do when ${name}`, async () => {
    await using folder = await temporaryFolder();
    await change(await install(folder.path, "cpu"));
    const error = thrown(() =>
      locateLibrary({ cacheFolder: folder.path, platform: "linux-x64", ...options })
    );
    assert.equal(error.code, code);
    assert.match(error.message, says);
  });
}

Deno.test("locateLibrary() names the framework library when only that is missing", async () => {
  await using folder = await temporaryFolder();
  await writeLibraries(folder.path);
  await rm(join(folder.path, "tensorflow", "libtensorflow_framework.so.2"));
  const options = {
    explicit: folder.path,
    cacheFolder: "/nowhere",
    platform: "linux-x64",
  } as const;
  const error = thrown(() => locateLibrary(options));
  assert.match(error.message, /no libtensorflow_framework\.so\.2 beside libtensorflow_cc\.so\.2/);
});

Deno.test("platformOf() names the platforms that TensorFlow is published for, and no other", () => {
  assert.equal(platformOf("linux", "x64"), "linux-x64");
  assert.equal(platformOf("linux", "arm64"), "linux-arm64");
  assert.equal(platformOf("darwin", "arm64"), "macos-arm64");
  for (const [os, arch] of [["win32", "x64"], ["darwin", "x64"], ["linux", "ia32"]] as const) {
    const error = thrown(() => platformOf(os, arch));
    assert.equal(error.code, "unimplemented");
    assert.match(
      error.message,
      /no library for .*; it has one for linux-x64, linux-arm64, macos-arm64/,
    );
  }
});

/** The TinctError that a function throws. */
function thrown(run: () => unknown): TinctError {
  try {
    run();
  } catch (error) {
    assert(error instanceof TinctError, `not a TinctError: ${error}`);
    return error;
  }
  throw new assert.AssertionError({ message: "nothing was thrown" });
}
