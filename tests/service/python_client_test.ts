import assert from "assert";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { CuttingProxy } from "./cutting_proxy.ts";
import { grpcPython } from "./grpc_tools.ts";
import { type Guards, makeGuards } from "./guards.ts";
import { ServedProcess } from "./served_process.ts";

const run = promisify(execFile);
const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** A Python with grpcio and the modules made of the protos, or why there is none. */
async function preparePython(folder: string): Promise<{ python: string } | { missing: string }> {
  try {
    const python = await grpcPython();
    const protos = (await readdir(path("protos/tinct/v1"))).map((name) => `tinct/v1/${name}`);
    await mkdir(join(folder, "made"));
    const out = [
      `--python_out=${join(folder, "made")}`,
      `--grpc_python_out=${join(folder, "made")}`,
    ];
    await run(python, ["-m", "grpc_tools.protoc", "-I", path("protos"), ...out, ...protos]);
    return { python };
  } catch (error) {
    return { missing: String(error).split("\n")[0] ?? "" };
  }
}

Deno.test("Python's gRPC: health, reflection, and the client that is made from the protos alone", async (t) => {
  await using folder = await TemporaryFolder.create();
  const found = await preparePython(folder.path);
  if ("missing" in found) {
    await t.step({ name: `no Python with grpcio: ${found.missing}`, ignore: true, fn: () => {} });
    return;
  }
  const { python } = found;

  await t.step("health and reflection are what Python's own clients of them expect", async () => {
    await using served = await ServedProcess.start(folder.join("asked"));
    const said = await ask(python, served);
    const services = [
      ...["ColorizationService", "DatasetService", "ModelService", "TrainingJobService"],
    ].map((name) => `tinct.v1.${name}`);
    for (const name of [...services, "grpc.health.v1.Health"]) {
      assert.ok(said.services?.includes(name), `${name} is not among ${said.services}`);
    }
    assert.deepEqual(said, {
      statuses: {
        "": "SERVING",
        "tinct.v1.ColorizationService": "SERVING",
        "tinct.v1.ModelService": "SERVING",
      },
      unknown: "NOT_FOUND",
      services: said.services,
      devices: ["cpu"],
      watched: ["SERVING", "NOT_SERVING"],
      ended: "UNAVAILABLE",
    });
  });

  await t.step("reflection can be left out", async () => {
    await using served = await ServedProcess.start(folder.join("closed"), ["--no-reflection"]);
    const { reflection, services, statuses } = await ask(python, served);
    assert.deepEqual([reflection, services], ["UNIMPLEMENTED", undefined]);
    assert.equal(statuses[""], "SERVING");
  });

  await t.step("a full queue says when to try again", async () => {
    const photos = folder.join("full", "photos", "meadow");
    await mkdir(photos, { recursive: true });
    await cp(path("tests/testdata/photos/cat.jpg"), join(photos, "cat.jpg"));
    await using served = await ServedProcess.start(folder.join("full"), ["--max-queued-jobs", "2"]);
    const { stdout } = await run(
      python,
      [path("tests/service/full_queue.py"), served.address, "meadow"],
      { env: { PYTHONPATH: folder.join("made") } },
    );
    const { submitted, code, message, retrySeconds } = JSON.parse(stdout);
    // One may have left the queue for the device.
    assert.ok(submitted === 2 || submitted === 3, `${submitted}`);
    assert.deepEqual([code, retrySeconds], ["RESOURCE_EXHAUSTED", 5]);
    assert.match(message, /2 jobs are waiting, and the limit is 2/);
  });

  await t.step("the example uploads, trains, watches, promotes and colorizes", async () => {
    await useExample(python, folder);
  });

  await t.step("the example does so over TLS with a token, and not without it", async () => {
    await useExample(python, folder, await makeGuards(folder));
  });
});

/** What health_and_reflection.py says. */
interface Said {
  readonly statuses: Readonly<Record<string, string>>;
  readonly unknown?: string;
  readonly services?: readonly string[];
  readonly devices?: readonly string[];
  readonly reflection?: string;
  readonly watched: readonly string[];
  readonly ended?: string;
}

/** Asks a server, and stops it when its health is watched. */
async function ask(python: string, served: ServedProcess): Promise<Said> {
  const script = path("tests/service/health_and_reflection.py");
  const child = spawn(python, [script, served.address], { stdio: ["ignore", "pipe", "inherit"] });
  let stdout = "";
  let stopped: Promise<number | undefined> | undefined;
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    stdout += part;
    if (stdout.startsWith("watching\n")) stopped ??= served.end("SIGTERM");
  });
  const [code] = await once(child, "close");
  assert.equal(code, 0);
  assert.equal(await stopped, 0);
  return JSON.parse(stdout.split("\n")[1] ?? "");
}

async function useExample(
  python: string,
  folder: TemporaryFolder,
  guards: Guards = { server: [], client: [] },
): Promise<void> {
  const data = folder.join(`data-${guards.client.length}`);
  await using served = await ServedProcess.start(data, guards.server);
  const cuts = ["internal", "cancel", "no status", "connection"] as const;
  await using proxy = await CuttingProxy.open(served.address, cuts);
  await cp(path("tests/testdata/photos"), folder.join("photos"), { recursive: true });
  await rm(folder.join("photos", "README.md"), { force: true });
  const options = {
    size: 32,
    n_down: 5,
    ngf: 4,
    ndf: 4,
    n_layers: 2,
    batch_size: 2,
    max_steps: 6,
    epochs: 10,
    validation_photos: 2,
    sample_every: 0,
    checkpoint_every: 0,
  };
  const set = Object.entries(options).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  const use = (client: readonly string[]) =>
    run(python, [
      path("examples/python/client.py"),
      ...[
        "--server",
        guards.client.length > 0 ? served.address : proxy.address,
        "--photos",
        folder.join("photos"),
        ...set,
        ...client,
      ],
      ...["--photo", folder.join("photos", "gray.jpg"), "--out", folder.join("colour.jpg")],
    ], {
      // A proxy that is not there: it is not asked on loopback.
      env: { PYTHONPATH: folder.join("made"), http_proxy: "http://127.0.0.1:9" },
    });
  if (guards.client.length > 0) {
    await assert.rejects(use(guards.client.slice(0, 2)), /StatusCode\.UNAUTHENTICATED/);
    await assert.rejects(use(guards.client.slice(2)), /A token is sent over TLS alone: give --ca/);
  }
  const { stdout, stderr } = await use(guards.client);
  if (guards.client.length === 0) {
    assert.equal(stderr.match(/^connection lost, going on from event \d+$/gm)?.length, cuts.length);
  }
  assert.equal(stdout.match(/^JOB_STATE_QUEUED/gm)?.length, 1, stdout);
  assert.match(stdout, /^uploaded \d+ photos, \d+ usable\njob job-\w+\nJOB_STATE_QUEUED\n/);
  assert.match(stdout, /step 6: loss_G_L1 \d/);
  assert.match(stdout, /JOB_STATE_SUCCEEDED\nmodel example version 1, step 6\n/);
  assert.match(stdout, /colour\.jpg: \d+x\d+\n$/);
  const jpeg = await readFile(folder.join("colour.jpg"));
  assert.deepEqual([...jpeg.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  assert.equal(await served.end("SIGTERM"), 0);
}
