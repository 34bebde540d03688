import assert from "assert";
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { version } from "../../src/version.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { photoPath } from "../images/test_photos.ts";
import { runKeptTinct, runTinct } from "./run_tinct.ts";

const printing: readonly { argv: string[]; says: RegExp }[] = [
  {
    argv: ["--help"],
    says:
      /^Usage: deno task tinct COMMAND [^]*\n {2}setup {2,}Download [^]*Exit codes: 0 done, 1 failed, 2 wrong usage, 75 a replica was lost, 130 interrupted,\n141 the reader of the output is gone\.\n$/,
  },
  { argv: ["-h"], says: /^Usage: deno task tinct COMMAND/ },
  { argv: ["help"], says: /^Usage: deno task tinct COMMAND/ },
  { argv: ["--version"], says: new RegExp(`^tinct ${version.replaceAll(".", "\\.")}\n$`) },
  { argv: ["setup", "--help"], says: /^Usage: deno task tinct setup \[OPTIONS\]\n[^]*--from PATH/ },
  { argv: ["setup", "--gpu", "-h"], says: /^Usage: deno task tinct setup/ },
  {
    argv: ["train", "--recipe", "nogan", "--help"],
    says:
      /--recipe pix2pix\|tutorial\|nogan .*\n?.*\(default nogan\)[^]*--critic-steps N +[^]*default\s+2000\)/,
  },
  { argv: ["submit", "--help"], says: /--recipe [^]*\(default\s+pix2pix\)/ },
  { argv: ["help", "doctor"], says: /^Usage: deno task tinct doctor/ },
  { argv: ["--debug", "doctor", "--help"], says: /^Usage: deno task tinct doctor/ },
];

for (const { argv, says } of printing) {
  Deno.test(`tinct ${argv.join(" ")} prints on stdout and succeeds`, async () => {
    const { code, stdout, stderr } = await runTinct(argv);
    assert.match(stdout, says);
    assert.equal(stderr, "");
    assert.equal(code, 0);
  });
}

const refused: readonly { argv: string[]; says: RegExp }[] = [
  { argv: [], says: /^A command is missing: one of .*setup.*\. `deno task tinct --help` .*\.\n$/ },
  { argv: ["doctr"], says: /^There is no command doctr\. Did you mean doctor\?\n$/ },
  { argv: ["zebra"], says: /^There is no command zebra\. `deno task tinct --help` lists .*\.\n$/ },
  { argv: ["--gpu"], says: /^There is no option --gpu\. / },
  { argv: ["help", "doctr"], says: /^There is no command doctr\. Did you mean doctor\?\n$/ },
  { argv: ["setup", "--gup"], says: /^There is no option --gup\. Did you mean --gpu\?\n$/ },
  {
    argv: ["train", "--recipe", "deoldify", "--help"],
    says: /^--recipe must be one of pix2pix, tutorial, nogan, not "deoldify"\.\n$/,
  },
  { argv: ["setup", "stray"], says: /^"stray" is one argument too many; .*\n$/ },
];

for (const { argv, says } of refused) {
  Deno.test(`tinct ${argv.join(" ")} says one sentence and exits with 2`, async () => {
    const { code, stdout, stderr } = await runTinct(argv);
    assert.match(stderr, says);
    assert.equal(stdout, "");
    assert.equal(code, 2);
  });
}

Deno.test("tinct shows the stack of an error with --debug and with TINCT_DEBUG=1", async () => {
  const flag = await runTinct(["setup", "stray", "--debug"]);
  const variable = await runTinct(["setup", "stray"], { environment: { TINCT_DEBUG: "1" } });
  for (const { code, stderr } of [flag, variable]) {
    assert.match(stderr, /^TinctError: "stray" is one argument too many.*\n\s+at .*arguments\.ts/);
    assert.equal(code, 2);
  }
});

Deno.test("a folder where a file belongs, and a file that is missing, are told without the system's words", async () => {
  await using folder = await TemporaryFolder.create();
  const server = ["--server", "localhost:1"];
  const told: [string[], RegExp][] = [
    [["sweep", folder.path, ...server], /^.* is a folder; give a file\.\n$/],
    [["sweep", folder.join("none"), ...server], /^.*none does not exist\.\n$/],
    [["jobs", ...server, "--token-file", folder.path], /^.* is a folder; give a file\.\n$/],
    [["jobs", ...server, "--ca", folder.join("none")], /^.*none does not exist\.\n$/],
    [["token", "--list", "--access", folder.path], /^.* is a folder; give a file\.\n$/],
    [
      ["train", "--data", "DATA", "--out", "OUT", "--start-from", folder.join("none.pth")],
      /^.*none\.pth does not exist; check its path\.\n$/,
    ],
  ];
  for (const [argv, says] of told) {
    const { code, stderr } = await runTinct(argv);
    assert.equal(code, 1, stderr);
    assert.match(stderr, says);
  }
});

Deno.test("a folder that cannot be made is told as what it is, by every command that makes one", async () => {
  await using folder = await TemporaryFolder.create();
  await writeFile(folder.join("file"), "");
  const under = folder.join("file", "folder");
  await writeFile(folder.join("sweep.json"), "{}");
  await mkdir(folder.join("photos"));
  await writeFile(
    folder.join("sweep.json"),
    JSON.stringify({ trials: 1, metric: "psnr_db", parameters: { lrG: [0.001] } }),
  );
  const data = ["--data", folder.join("photos"), "--out", under];
  for (
    const argv of [
      ["train", ...data],
      ["sweep", folder.join("sweep.json"), ...data],
      ["watch", "job-1", "--samples", under, "--server", "127.0.0.1:1"],
    ]
  ) {
    const { code, stderr } = await runTinct(argv);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /^The folder .*file.folder cannot be created \(a file is in its place, or in that of a folder above it\): give another one\.\n$/,
    );
  }
});

Deno.test("a GPU that is not there is refused before photos, models and folders are looked at", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("photos"));
  await copyFile(photoPath("cat.jpg"), folder.join("photos", "cat.jpg"));
  const [photos, out, gone] = ["photos", "out", "gone"].map((name) => folder.join(name));
  assert.ok(photos && out && gone);
  for (
    const argv of [
      ["train", "--data", photos, "--out", out],
      ["check", "--data", photos],
      ["demo", "--data", photos, "--out", out],
      ["evaluate", "--data", photos, "--model", gone],
      ["colorize", "--model", gone, "--out", out, photos],
      ["video", "--model", gone, gone, `${out}.mp4`],
      ["augment", "--out", out, photos],
      ["import", gone, "--out", out],
      ["onnx", gone],
    ]
  ) {
    const { code, stderr } = await runKeptTinct([...argv, "--device", "gpu"], {
      environment: { CUDA_VISIBLE_DEVICES: "-1", TINCT_CACHE: folder.join("cache") },
    });
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^A GPU was requested, but none can be used: [^\n]*\n$/, `${argv[0]}`);
  }
  assert.deepEqual(await readdir(folder.path), ["photos"]);
});
