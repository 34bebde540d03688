import assert from "assert";
import { chmod, cp, lstat, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { credentials } from "@grpc/grpc-js";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import type { HealthCheckResponse__Output } from "../../src/protocol/generated/grpc/health/v1/health_check_response.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runTinct } from "../cli/run_tinct.ts";
import { ending } from "../service/scene.ts";
import { ServedProcess } from "../service/served_process.ts";
import { smallConfig } from "../service/workshop.ts";

const photos = fileURLToPath(new URL("../testdata/photos", import.meta.url));
const contract = loadPublicContract();
const plain = credentials.createInsecure();

/** Sends the photos as the dataset "small". */
async function uploadPhotos({ address }: ServedProcess): Promise<void> {
  const argv = ["--server", address, "--retries", "0", "--dataset", "small", photos];
  const { code, stdout, stderr } = await runTinct(["upload", ...argv]);
  assert.equal(code, 0, stderr + stdout);
}

Deno.test("a data folder with commas in its path takes uploads and trains", async () => {
  await using folder = await TemporaryFolder.create();
  const data = folder.join("Photos, old, ,", "data,");
  await using served = await ServedProcess.start(data);
  await uploadPhotos(served);
  const server = ["--server", served.address];
  const small = ["--size", "32", "--n-down", "5", "--ngf", "4", "--ndf", "4", "--max-steps", "1"];
  const submit = await runTinct(["submit", ...server, "--dataset", "small", ...small]);
  const watch = await runTinct(["watch", ...server, submit.stdout.trim()]);
  assert.equal(watch.code, 0, watch.stdout + watch.stderr);
  assert.equal(await served.end("SIGTERM"), 0);
});

Deno.test("where neither the data folder nor the temporary folder suits a socket, the start says so", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("t,mp"));
  const environment = { TMPDIR: folder.join("t,mp") };
  const argv = ["serve", "--data-dir", folder.join("da,ta"), "--listen", "127.0.0.1:0"];
  const { code, stderr } = await runTinct(argv, { environment });
  assert.equal(code, 1, stderr);
  assert.match(stderr, /No socket for workers can be made \(a socket's path has .* no comma/);
  assert.deepEqual(await readdir(folder.join("t,mp")), []);
});

/** What others than the owner may do with anything below a folder, by path; links left out. */
async function openToOthers(folder: string): Promise<string[]> {
  const open: string[] = [];
  for (const name of ["", ...await readdir(folder, { recursive: true })]) {
    const found = await lstat(join(folder, name));
    if (found.isSymbolicLink() || (found.mode & 0o077) === 0) continue;
    open.push(`${name} ${(found.mode & 0o777).toString(8)}`);
  }
  return open;
}

Deno.test("what the server writes is for its user alone, whatever the shell's umask says", async () => {
  await using folder = await TemporaryFolder.create();
  const before = process.umask(0);
  try {
    await using served = await ServedProcess.start(folder.join("data"), [
      ...["--listen", `unix:${folder.join("server.sock")}`],
      ...["--photos", folder.path, "--min-free-mib", "0"],
    ]);
    await uploadPhotos(served);
    assert.deepEqual(await openToOthers(folder.join("data")), []);
    assert.equal((await stat(folder.join("server.sock"))).mode & 0o077, 0);
    assert.equal(await served.end("SIGTERM"), 0);
  } finally {
    process.umask(before);
  }
});

Deno.test("what a server before had left open to others is closed; a folder that was there is left as it is", async () => {
  await using folder = await TemporaryFolder.create();
  const data = folder.join("data");
  await ServedProcess.start(data).then((served) => served.end("SIGTERM"));
  for (const name of ["jobs", "models", "datasets", "prepared"]) {
    await chmod(join(data, name), 0o755);
  }
  await chmod(join(data, "tinct.db"), 0o644);
  await mkdir(join(data, "photos"), { mode: 0o755 });
  await chmod(data, 0o755);
  await ServedProcess.start(data).then((served) => served.end("SIGTERM"));
  assert.deepEqual(await openToOthers(data), [" 755", "photos 755"]);
});

Deno.test("what a killed server left in the temporary folder goes at the next start", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("tmp"));
  await mkdir(folder.join("tmp", "tinct-of-somebody-else"));
  const data = folder.join("d".repeat(100), "data"); // too long for a socket
  const left = () => readdir(folder.join("tmp"));
  const start = () => ServedProcess.start(data, [], { TMPDIR: folder.join("tmp") });
  for (let round = 0; round < 2; round++) {
    await using served = await start();
    assert.notEqual(served.address, "", JSON.stringify(served.lines));
    assert.equal((await left()).length, 2);
    await served.end("SIGKILL");
    assert.equal((await left()).length, 2);
  }
  await using last = await start();
  assert.equal(await last.end("SIGTERM"), 0);
  assert.deepEqual(await left(), ["tinct-of-somebody-else"]);
});

Deno.test("health is NOT_SERVING while the data folder is gone or another one, and the log says so", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("photos"));
  await cp(photos, folder.join("photos", "small"), { recursive: true });
  const data = folder.join("data");
  await using served = await ServedProcess.start(data, ["--photos", folder.join("photos")]);
  const health = contract.connect("grpc.health.v1.Health", served.address, plain);
  const colorization = contract.connect("tinct.v1.ColorizationService", served.address, plain);
  try {
    const watch = health.watch({ service: "tinct.v1.ColorizationService" });
    watch.on("error", () => {}); // it is cancelled below
    const statuses = receive(watch);
    const next = async () => {
      const { value } = await statuses.next();
      return (value as HealthCheckResponse__Output | undefined)?.status;
    };
    assert.equal(await next(), "SERVING");
    await rename(data, folder.join("away"));
    assert.equal(await next(), "NOT_SERVING");
    const refused = await ending<TrainResponse__Output>((back) =>
      colorization.train({ dataset: "small", config: smallConfig }, back)
    );
    assert.ok("error" in refused);
    assert.equal(refused.error.code, "UNAVAILABLE", refused.error.message);
    assert.ok(!refused.error.message.includes(folder.path), refused.error.message);
    await mkdir(data); // another one in its place is none
    await rm(data, { recursive: true });
    await rename(folder.join("away"), data);
    assert.equal(await next(), "SERVING");
    await rm(data, { recursive: true });
    assert.equal(await next(), "NOT_SERVING");
    watch.cancel();
  } finally {
    health.close();
    colorization.close();
  }
  await served.end("SIGTERM"); // then all of its log is here
  const told = served.lines.filter(({ message }) => /^The data folder is/.test(String(message)));
  assert.deepEqual(told.map(({ level }) => level), ["error", "info", "error"]);
});

Deno.test("a data folder that cannot be made is refused with what stands in the way", async () => {
  await using folder = await TemporaryFolder.create();
  await writeFile(folder.join("file"), "");
  for (const path of [folder.join("file"), folder.join("file", "data")]) {
    const { code, stderr } = await runTinct(["serve", "--data-dir", path]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^The data folder .* cannot be made or used: a file is in its place/m);
    assert.ok(!/unforeseen/i.test(stderr), stderr);
  }
  const denied = await runTinct(["serve", "--data-dir", "/proc/tinct"]);
  assert.equal(denied.code, 1);
  assert.match(denied.stderr, /^The data folder \/proc\/tinct cannot be made or used: /m);
});

Deno.test("a --photos that is no folder is refused, and folders whose names are none are told", async () => {
  await using folder = await TemporaryFolder.create();
  await writeFile(folder.join("file"), "");
  const data = ["--data-dir", folder.join("data")];
  const none = await runTinct(["serve", ...data, "--photos", folder.join("none")]);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /^--photos .*none does not exist: create it/m);
  const file = await runTinct(["serve", ...data, "--photos", folder.join("file")]);
  assert.match(file.stderr, /^--photos .*file is not a folder/m);
  for (const name of ["roses", "my roses", "Blüten", ".hidden"]) {
    await mkdir(folder.join("photos", name), { recursive: true });
  }
  const photosFolder = ["--photos", folder.join("photos")];
  await using served = await ServedProcess.start(folder.join("data"), photosFolder);
  const told = served.lines.filter(({ level }) => level === "warning").map(({ message }) =>
    message
  );
  assert.equal(told.length, 1, JSON.stringify(told));
  assert.match(
    String(told[0]),
    /^2 folders of the photos' folder are not datasets: "Blüten", "my roses"/,
  );
  assert.equal(await served.end("SIGTERM"), 0);
});
