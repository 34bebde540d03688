import assert from "assert";
import { Buffer } from "node:buffer";
import { mkdir, readdir, readFile, readlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TinctError } from "../../src/errors.ts";
import {
  fetchLibrary,
  type FetchOptions,
  type FetchProgress,
} from "../../src/tensorflow/fetch_library.ts";
import { installFolder, locateLibrary } from "../../src/tensorflow/library.ts";
import { SmallDisk } from "../checkpoints/small_disk.ts";
import {
  fakePython,
  libraries,
  type Member,
  pinOf,
  temporaryFolder,
  wheelBytes,
} from "./tiny_wheel.ts";

const bytes = wheelBytes();
const pin = pinOf(bytes);
const target = { variant: "cpu", platform: "linux-x64", wheels: [pin] } as const;

/** A folder with a wheel to be fetched, a Python whose pip copies it, and an empty cache. */
async function scene(
  { download = `cp "$(dirname "$0")"/*.whl "$DEST"`, version = "pip 24.0 from x" } = {},
) {
  const folder = await temporaryFolder();
  await writeFile(join(folder.path, pin.file), bytes);
  const python = await fakePython(folder.path, download, { version });
  const cacheFolder = join(folder.path, "cache", "tinct");
  const options: FetchOptions = { ...target, python, cacheFolder };
  return {
    folder,
    cacheFolder,
    options,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test("fetchLibrary() puts the library into the cache, where locateLibrary() finds it", async () => {
  await using here = await scene();
  const result = await fetchLibrary(here.options);
  assert.equal(result.alreadyThere, false);
  assert.equal(result.folder, installFolder(here.cacheFolder, "cpu", "linux-x64"));
  const library = locateLibrary({ cacheFolder: here.cacheFolder, platform: "linux-x64" });
  assert.deepEqual(await readFile(library.ccPath), libraries[0]?.content);
  assert.equal(library.version, "2.21.0");
  assert.deepEqual(await readdir(here.cacheFolder), ["tensorflow-2.21.0-cpu-linux-x64"]);
});

Deno.test("fetchLibrary() fetches nothing when the library is there", async () => {
  await using here = await scene();
  await fetchLibrary(here.options);
  const python = await fakePython(here.folder.path, "exit 1", { name: "no_pip", version: "" });
  assert.equal((await fetchLibrary({ ...here.options, python })).alreadyThere, true);
});

Deno.test("fetchLibrary() goes through download, check and unpack, each to its end", async () => {
  await using here = await scene();
  const seen: FetchProgress[] = [];
  await fetchLibrary({ ...here.options, onProgress: (progress) => seen.push(progress) });
  const ends = seen.filter(({ doneBytes, totalBytes }) => doneBytes === totalBytes);
  assert.deepEqual(ends.map(({ step, totalBytes }) => [step, totalBytes]), [
    ["download", bytes.length],
    ["check", bytes.length],
    ["unpack", 5013],
  ]);
});

Deno.test("fetchLibrary() tells pip the wheel's name, version, Python and platform", async () => {
  await using here = await scene({ download: `echo "$@" >&2; exit 1` });
  const error = await rejection(fetchLibrary(here.options));
  for (
    const argument of [
      "--no-deps",
      "--only-binary=:all:",
      "--implementation=cp",
      "--python-version=3.11",
      "--platform=manylinux_2_27_x86_64",
      "tensorflow-cpu==2.21.0",
      "--no-input",
    ]
  ) assert.ok(error.message.includes(` ${argument}`), `${argument} is missing in ${error.message}`);
});

Deno.test("fetchLibrary() takes the wheel from a file, and from a folder, without pip", async () => {
  await using here = await scene();
  for (const from of [join(here.folder.path, pin.file), here.folder.path]) {
    const cacheFolder = join(here.folder.path, `cache of ${from.endsWith(".whl")}`);
    const python = "/nowhere/python3";
    assert.equal(
      (await fetchLibrary({ ...here.options, cacheFolder, python, from })).alreadyThere,
      false,
    );
  }
});

Deno.test("fetchLibrary() fetches anew what is damaged", async () => {
  await using here = await scene();
  const { folder } = await fetchLibrary(here.options);
  await truncate(join(folder, "tensorflow/libtensorflow_cc.so.2"), 10);
  assert.equal((await fetchLibrary(here.options)).alreadyThere, false);
  assert.equal(locateLibrary({ ...here.options }).folder, join(folder, "tensorflow"));
  assert.deepEqual(await readdir(here.cacheFolder), ["tensorflow-2.21.0-cpu-linux-x64"]);
});

Deno.test("fetchLibrary() may run several times at once: one installation stays", async () => {
  await using here = await scene();
  const results = await Promise.all([1, 2, 3].map(() => fetchLibrary(here.options)));
  assert.equal(results.filter((result) => !result.alreadyThere).length, 1);
  assert.deepEqual(await readdir(here.cacheFolder), ["tensorflow-2.21.0-cpu-linux-x64"]);
  locateLibrary(here.options);
});

Deno.test("fetchLibrary() removes what a dead process left an hour ago, and not what is fresh", async () => {
  await using here = await scene();
  const old = join(here.cacheFolder, ".tensorflow-2.21.0-cpu-linux-x64.partial-1-00000000");
  const fresh = join(here.cacheFolder, ".tensorflow-2.21.0-cpu-linux-x64.partial-2-00000000");
  const hourAgo = Date.now() / 1000 - 3601;
  for (const folder of [old, fresh]) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "part"), "");
    await utimes(folder, hourAgo, hourAgo);
  }
  await utimes(join(old, "part"), hourAgo, hourAgo); // the file in the other one still grows
  await fetchLibrary(here.options);
  const names = await readdir(here.cacheFolder);
  assert.equal(names.includes(".tensorflow-2.21.0-cpu-linux-x64.partial-1-00000000"), false);
  assert.equal(names.includes(".tensorflow-2.21.0-cpu-linux-x64.partial-2-00000000"), true);
});

Deno.test("fetchLibrary() lets cuDNN find nvrtc where its run path looks", async () => {
  await using folder = await temporaryFolder();
  const members: Member[] = [
    ...libraries,
    { name: "nvidia/cudnn/lib/libcudnn.so.9", content: Buffer.from("cudnn") },
    { name: "nvidia/cuda_nvrtc/lib/libnvrtc.so.12", content: Buffer.from("nvrtc") },
  ];
  const cuda = wheelBytes(members);
  const from = join(folder.path, "a.whl");
  await writeFile(from, cuda);
  const cacheFolder = join(folder.path, "cache");
  const wheels = [pinOf(cuda)];
  const result = await fetchLibrary({ ...target, variant: "gpu", wheels, from, cacheFolder });
  assert.equal(await readlink(join(result.folder, "nvidia/nvrtc")), "cuda_nvrtc");
  const seen = join(result.folder, "nvidia/cudnn/lib/../../nvrtc/lib/libnvrtc.so.12");
  assert.equal(await readFile(seen, "utf8"), "nvrtc");
});

const retrying = (cause: string) =>
  `echo "WARNING: Retrying (Retry(total=0)) after connection broken by '${cause}': /simple/x/" >&2
echo "ERROR: No matching distribution found for x" >&2; exit 1`;

const failures: readonly {
  name: string;
  download: string;
  code: string;
  says: RegExp;
  version?: string;
}[] = [
  {
    name: "cannot resolve the index's name",
    download: retrying(
      `NewConnectionError('<urllib3.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno -2] Name or service not known')`,
    ),
    code: "unavailable",
    says:
      /cannot reach the package index \(NewConnectionError: .*Name or service not known\)\. Check the network/,
  },
  {
    name: "cannot reach its proxy",
    download: retrying(
      `ProxyError('Cannot connect to proxy.', NewConnectionError('<x object at 0x7f>: [Errno 111] Connection refused'))`,
    ),
    code: "unavailable",
    says: /\(ProxyError: \[Errno 111\] Connection refused\)/,
  },
  {
    name: "does not trust the index",
    download:
      `echo "Could not fetch URL u: There was a problem confirming the ssl certificate: self-signed - skipping" >&2; exit 1`,
    code: "unavailable",
    says: /does not trust the package index: self-signed\./,
  },
  {
    name: "finds no such version",
    download:
      `echo "ERROR: No matching distribution found for x." >&2; echo "WARNING: new pip" >&2; exit 1`,
    code: "unavailable",
    says: /No matching distribution found for x\. Check/,
  },
  {
    name: "crashes",
    download: `echo "ERROR: Exception:" >&2; echo "OSError: it went wrong" >&2; exit 2`,
    code: "unavailable",
    says: /: OSError: it went wrong\./,
  },
  { name: "fails in silence", download: "exit 1", code: "unavailable", says: /it said nothing/ },
  {
    name: "is too old to know the option",
    download: `echo "no such option: --platform" >&2; exit 2`,
    version: "pip 9.0.1 from x",
    code: "unavailable",
    says: /pip 9\.0\.1 is old: try `.* install --upgrade pip`/,
  },
  {
    name: "fills the disk",
    download:
      `echo "ERROR: Could not install packages: [Errno 28] No space left on device" >&2; exit 1`,
    code: "resource_exhausted",
    says: /disk became full .* --cache/,
  },
  {
    name: "succeeds without a wheel",
    download: `echo "nothing to do" >&2`,
    code: "unavailable",
    says: /nothing to do/,
  },
  {
    name: "brings a wheel of another content",
    download: `printf other > "$DEST/x.whl"`,
    code: "data_loss",
    says: /x\.whl is not the tensorflow_cpu-2\.21\.0.* 5 bytes, not/,
  },
];

for (const { name, download, code, says, version } of failures) {
  Deno.test(`fetchLibrary() says what to do when pip ${name}, and leaves nothing behind`, async () => {
    await using here = await scene({ download, ...(version && { version }) });
    const error = await rejection(fetchLibrary(here.options));
    assert.equal(error.code, code);
    assert.match(error.message, says);
    assert.deepEqual(await readdir(here.cacheFolder), []);
  });
}

const refusals: readonly {
  name: string;
  change: Partial<FetchOptions>;
  code: string;
  says: RegExp;
}[] = [
  {
    name: "the Python is not there",
    change: { python: "/nowhere/python3" },
    code: "failed_precondition",
    says: /needs Python 3 with pip.*\/nowhere\/python3.*ensurepip.*--list/,
  },
  {
    name: "the disk is too small",
    change: { wheels: [{ ...pin, unpackedBytes: 1e18 }] },
    code: "resource_exhausted",
    says:
      /needs 1,000,000\.0\d TB .* are free; free some space, or choose another folder with --cache/,
  },
  {
    name: "the wheel given is not there",
    change: { from: "/nowhere/a.whl" },
    code: "not_found",
    says: /\/nowhere\/a\.whl cannot be read/,
  },
  {
    name: "one wheel is given where two are needed",
    change: { from: new URL(import.meta.url).pathname, wheels: [pin, { ...pin, file: "b.whl" }] },
    code: "invalid_argument",
    says: /this build needs 2: --from takes the folder/,
  },
  {
    name: "a folder lacks a wheel",
    change: { from: new URL(".", import.meta.url).pathname },
    code: "not_found",
    says: /lacks tensorflow_cpu-2\.21\.0.*`deno task tinct setup --list`/,
  },
  {
    name: "there is no CUDA build for the platform",
    change: { variant: "gpu", platform: "macos-arm64", wheels: undefined },
    code: "unimplemented",
    says: /CUDA build for linux-x64 only, not for macos-arm64/,
  },
];

for (const { name, change, code, says } of refusals) {
  Deno.test(`fetchLibrary() refuses before it writes anything when ${name}`, async () => {
    await using here = await scene();
    const error = await rejection(fetchLibrary({ ...here.options, ...change }));
    assert.equal(error.code, code);
    assert.match(error.message, says);
    assert.deepEqual(
      await readdir(here.folder.path).then((names) => names.includes("cache")),
      false,
    );
  });
}

Deno.test("fetchLibrary() says so when pip is missing from a Python", async () => {
  await using here = await scene();
  const python = await fakePython(here.folder.path, `echo "No module named pip" >&2; exit 1`, {
    name: "bare",
    version: `$(echo "bare: No module named pip" >&2)`,
  });
  const error = await rejection(fetchLibrary({ ...here.options, python }));
  assert.match(error.message, /bare -m pip: bare: No module named pip\)/);
});

Deno.test("fetchLibrary() stops pip when it is interrupted, and leaves nothing behind", async () => {
  await using here = await scene({ download: `echo started > "$DEST/started"; exec sleep 60` });
  const controller = new AbortController();
  const fetching = rejection(fetchLibrary({
    ...here.options,
    signal: controller.signal,
    // Progress is told while pip runs: by then it has begun.
    onProgress: () => controller.abort(new TinctError("cancelled", "Interrupted.")),
  }));
  const startedMs = performance.now();
  assert.equal((await fetching).code, "cancelled");
  assert.ok(performance.now() - startedMs < 30_000, "it waited for pip to end by itself");
  assert.deepEqual(await readdir(here.cacheFolder), []);
});

Deno.test("fetchLibrary() names the cache folder when it may not be written", async () => {
  await using here = await scene();
  await writeFile(join(here.folder.path, "cache"), "a file where the folder should be");
  const error = await rejection(fetchLibrary(here.options));
  assert.equal(error.code, "failed_precondition");
  assert.ok(error.message.includes(here.cacheFolder) && error.message.includes("--cache"));
});

await using trial = await temporaryFolder();
await using disk = await SmallDisk.mount(join(trial.path, "disk"), 1 << 20);
const isMountable = disk !== undefined;

Deno.test({
  name: `fetchLibrary() tells of a disk that becomes full${
    isMountable ? "" : " (skipped: no mount)"
  }`,
  ignore: !isMountable,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using small = await SmallDisk.mount(join(folder.path, "disk"), 1 << 20);
    assert(small);
    const large = wheelBytes([{ name: libraries[0]?.name ?? "", content: Buffer.alloc(4 << 20) }]);
    const from = join(folder.path, "a.whl");
    await writeFile(from, large);
    // A pin that claims little passes the look at the free space beforehand.
    const wheels = [pinOf(large, 1000)];
    const error = await rejection(
      fetchLibrary({ ...target, wheels, from, cacheFolder: small.path }),
    );
    assert.equal(error.code, "resource_exhausted");
    assert.match(error.message, /disk became full .* choose another folder with --cache/);
    assert.deepEqual(await readdir(small.path), []);
  },
});

/** The TinctError that a promise is rejected with. */
async function rejection(promise: Promise<unknown>): Promise<TinctError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  assert(error instanceof TinctError, `not a TinctError: ${error}`);
  return error;
}
