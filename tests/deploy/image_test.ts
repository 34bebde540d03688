import assert from "assert";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, cp, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { RECORD_NAME } from "../../src/tensorflow/install_record.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runTinct } from "../cli/run_tinct.ts";
import { libraryPath } from "../tensorflow/test_library.ts";

const clone = fileURLToPath(new URL("../../", import.meta.url));
const script = (name: string) => join(clone, "deploy", "image", name);
const run = promisify(execFile);

/** Whoever the image runs as. */
const nobody = 65532;

/** Why what the image does cannot be done here; undefined where it can. */
function obstacle(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "the image is for Linux x64";
  return process.getuid?.() === 0 ? undefined : "mounting a read-only root takes root";
}

/** Size of a folder in MB. */
async function sizeMb(folder: string): Promise<number> {
  const { stdout } = await run("du", ["-sm", folder]);
  return Number(stdout.split("\t")[0]);
}

/**
 * A Deno whose `tinct setup` finds in its cache folder what this machine's has. Fetching, which is
 * hundreds of MB, has tests of its own in tests/tensorflow.
 *
 * @returns its path: `program`, or `deno` itself where the library here is none for the CPU that setup fetched.
 */
async function denoWithLibrary(program: string, deno: string): Promise<string> {
  const fetched = dirname(dirname(libraryPath()));
  if (!/-cpu-/.test(fetched) || !existsSync(join(fetched, RECORD_NAME))) return deno;
  const script = `#!/bin/sh
set -eu
for word; do before=\${last-} last=$word; [ "$before" != --cache ] || cache=$word; done
cp -a '${fetched}' "$cache/"
exec '${deno}' "$@"
`;
  await writeFile(program, script, { mode: 0o755 });
  return program;
}

/** The server as the image starts it: a read-only root, no network, nobody's rights, one folder to write. */
async function startInImage(root: string, data: string): Promise<ChildProcess> {
  // Of the image's own root the base is not here; this machine's stands for it, read-only.
  const steps = `
    set -e
    mount --make-rprivate /
    mkdir -p "${root}/root"
    mount --bind / "${root}/root"
    mount -t proc proc "${root}/root/proc"
    mount --rbind /dev "${root}/root/dev"
    mount --bind "${data}" "${root}/root${data}"
    mount -o remount,ro,bind "${root}/root"
    exec chroot "${root}/root" setpriv --reuid=${nobody} --regid=${nobody} --clear-groups env -i \
      HOME=/nonexistent DENO_DIR=/nonexistent TINCT_TENSORFLOW="${root}/tensorflow/tensorflow" \
      sh -c 'cd "${root}/app" && exec "${root}/bin/deno" run -A --cached-only --no-check \
        src/cli/main.ts serve --data-dir "${data}" --listen "unix:${data}/tinct.sock"'`;
  const argv = ["--mount", "--net", "sh", "-c", steps];
  const child = spawn("unshare", argv, { stdio: ["ignore", "inherit", "pipe"] });
  const said: string[] = [];
  const lines = createInterface({ input: child.stderr! });
  const ready = new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      said.push(line);
      if (line.includes("The server is ready.")) resolve();
    });
    child.once("close", () => reject(new Error(`The server ended:\n${said.join("\n")}`)));
  });
  await ready;
  return child;
}

Deno.test({
  name: `what the image's stages make trains and colorizes on a read-only root, as nobody, offline${
    obstacle() === undefined ? "" : ` (${obstacle()})`
  }`,
  ignore: obstacle() !== undefined,
  async fn() {
    await using folder = await TemporaryFolder.create();
    await chmod(folder.path, 0o755);
    const [bin, app, tensorflow, data] = ["bin", "app", "tensorflow", "data"].map((name) =>
      folder.join(name)
    ) as [string, string, string, string];
    await run(script("fetch_deno.sh"), [bin]);
    const cached = join(clone, "node_modules/.deno/tar@6.2.1/node_modules/tar/package.json");
    const asCached = [await readFile(cached, "utf8"), (await stat(cached)).mode];
    await run(script("install_app.sh"), [join(bin, "deno"), clone, app]);
    assert.deepEqual(
      [await readFile(cached, "utf8"), (await stat(cached)).mode],
      asCached,
      "what Deno links from its cache is changed in copies alone",
    );
    // What Deno notes of node_modules at its start is noted: it need not write, and cannot.
    const noted = () => readFile(join(app, "node_modules/.deno/.setup-cache.bin"));
    const before = await noted();
    const start = ["run", "-A", "--cached-only", "--no-check", "src/cli/main.ts"];
    await run(join(bin, "deno"), [...start, "serve", "--help"], { cwd: app });
    assert.deepEqual(await noted(), before);
    // What only builds the addon of TensorFlow.js, or only tests load, is not there to be found fault with.
    for (const name of ["tar@6.2.1", "adm-zip@0.5.18", "node-fetch@2.6.13", "rimraf@2.7.1"]) {
      const files = await readdir(join(app, "node_modules/.deno", name), { recursive: true });
      assert.deepEqual(files.filter((file) => /\.[cm]?js$/.test(file)), [], name);
    }
    const deno = await denoWithLibrary(folder.join("setup"), join(bin, "deno"));
    await run(script("fetch_library.sh"), [deno, app, tensorflow, "cpu"]);
    // What the stages hold, beside about 75 MB of Debian: 102, 54 and 606 MB when this was written.
    const sizes = await Promise.all([bin, app, tensorflow].map(sizeMb));
    const limits = [115, 80, 660];
    sizes.forEach((size, index) => assert.ok(size < limits[index]!, `${sizes} MB`));
    assert.deepEqual((await readdir(app)).toSorted(), [
      ...[
        "LICENSE",
        "deno.json",
        "deno.lock",
        "models",
        "node_modules",
        "protos",
        "src",
        "workers",
      ],
    ]);
    await mkdir(join(data, "photos"), { recursive: true });
    const photos = join(clone, "tests", "testdata", "photos");
    await cp(photos, join(data, "photos", "small"), { recursive: true });
    for (const path of [data, join(data, "photos")]) await chown(path, nobody, nobody);

    const child = await startInImage(folder.path, data);
    try {
      const server = ["--server", `unix:${join(data, "tinct.sock")}`];
      const health = await runTinct(["health", ...server]);
      assert.deepEqual([health.code, health.stdout], [0, "SERVING\n"]);
      const small =
        "--size 32 --n-down 5 --ngf 4 --ndf 4 --n-layers 1 --batch-size 2 --max-steps 4";
      const submitted = await runTinct(
        ["submit", ...server, "--dataset", "small", ...small.split(" ")],
      );
      const job = submitted.stdout.trim();
      const watched = await runTinct(["watch", ...server, job]);
      assert.equal(watched.code, 0, watched.stdout + watched.stderr);
      assert.match(watched.stdout, /SUCCEEDED\n$/);
      const cat = join(photos, "cat.jpg");
      const out = folder.join("out");
      const made = await runTinct(["colorize", ...server, "--model", job, "--out", out, cat]);
      assert.equal(made.code, 0, made.stderr);
      assert.ok((await stat(join(out, "cat.jpg"))).size > 1000);
      assert.equal((await stat(join(data, "tinct.db"))).uid, nobody);
    } finally {
      const ended = once(child, "exit");
      process.kill(child.pid!, "SIGTERM");
      const [code] = await ended;
      assert.equal(code, 0, "SIGTERM reaches the server, which stops in good order");
    }
  },
});

Deno.test("the image keeps every package that the program imports", async () => {
  const { imports } = JSON.parse(await readFile(join(clone, "deno.json"), "utf8"));
  const installed = await readFile(script("install_app.sh"), "utf8");
  const kept = /^kept="([^"]+)"/m.exec(installed)?.[1]?.split(/\s+/) ?? [];
  const developmentOnly = [
    "@connectrpc/connect-web",
    "axe-core",
    "fast-check",
    "playwright-core",
    "@viz-js/viz",
  ];
  const names = Object.values<string>(imports).flatMap((specifier) =>
    /^npm:\/?(@?[^@]+)@/.exec(specifier)?.[1] ?? []
  );
  assert.ok(names.length > 10);
  for (const name of names.filter((each) => !developmentOnly.includes(each))) {
    const isKept = name.startsWith("@tensorflow/") || kept.includes(name.replace("/", "+"));
    assert.ok(isKept, `deploy/image/install_app.sh leaves out ${name}`);
  }
});

Deno.test("the image's server asks for TLS or an explicit word, and its health check for the probe", async () => {
  const text = await readFile(join(clone, "Dockerfile"), "utf8");
  const [, command] = /^CMD (\[.+\])$/m.exec(text) ?? [];
  const args: string[] = JSON.parse(command ?? "[]");
  assert.equal(args[0], "serve");
  await using folder = await TemporaryFolder.create();
  const refused = await runTinct(args.map((arg) => arg === "/data" ? folder.join("data") : arg));
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /give --tls-cert and --tls-key, or --insecure/);
  assert.match(text, /TINCT_PROBE=127\.0\.0\.1:8081/);
  assert.match(text, /^ {2}CMD \[.*"health"\]$/m);
});

Deno.test("the Dockerfile calls the scripts that are tested, and copies what they are given", async () => {
  const text = await readFile(join(clone, "Dockerfile"), "utf8");
  for (const name of await readdir(join(clone, "deploy", "image"))) {
    assert.match(text, new RegExp(`RUN \\S*/${name} `), `${name} is not run`);
  }
  const ignored = await readFile(join(clone, ".dockerignore"), "utf8");
  const sent = ignored.split("\n").filter((line) => line.startsWith("!")).map((line) =>
    line.slice(1)
  );
  const installed = await readFile(script("install_app.sh"), "utf8");
  const needed = /for name in (.+); do/.exec(installed)?.[1]?.split(" ") ?? [];
  assert.ok(needed.length > 5);
  for (const name of needed) {
    assert.ok(sent.includes(name), `${name} is not sent to the builder`);
    assert.match(text, new RegExp(`COPY .*\\b${name.replace(".", "\\.")}\\b`));
  }
  // Process 1 is the server: no shell stands between it and the signal.
  assert.match(text, /^ENTRYPOINT \["deno", /m);
  assert.match(text, /^USER 65532/m);
});
