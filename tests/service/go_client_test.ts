import assert from "assert";
import { execFile } from "node:child_process";
import { cp, rm } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { CuttingProxy } from "./cutting_proxy.ts";
import { goProgramsOf } from "../kept_tools.ts";
import { grpcPython } from "./grpc_tools.ts";
import { makeGuards } from "./guards.ts";
import { ServedProcess } from "./served_process.ts";

const run = promisify(execFile);
const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** Builds the client, or says what is missing. */
async function build(folder: TemporaryFolder): Promise<{ client: string } | { missing: string }> {
  try {
    const bin = await goProgramsOf([
      "google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.11",
      "google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.5.1",
    ]);
    // generate.sh finds the protos two folders up.
    const source = folder.join("tree", "examples", "go");
    await cp(path("examples/go"), source, { recursive: true });
    await cp(path("protos"), folder.join("tree", "protos"), { recursive: true });
    await run("bash", [`${source}/generate.sh`], {
      env: {
        ...process.env,
        PATH: `${bin}:${process.env["PATH"]}`,
        PROTOC: `${await grpcPython()} -m grpc_tools.protoc`,
      },
    });
    const client = folder.join("client");
    await run("go", ["build", "-o", client, "."], {
      cwd: source,
      env: { ...process.env, GOFLAGS: "-modcacherw" },
    });
    return { client };
  } catch (error) {
    return { missing: String(error).split("\n")[0] ?? "" };
  }
}

Deno.test("the Go client, made from the protos alone, uploads, trains, watches and colorizes", async (t) => {
  await using folder = await TemporaryFolder.create();
  const found = await build(folder);
  if ("missing" in found) {
    await t.step({ name: `no Go with protoc: ${found.missing}`, ignore: true, fn: () => {} });
    return;
  }
  await cp(path("tests/testdata/photos"), folder.join("photos"), { recursive: true });
  await rm(folder.join("photos", "README.md"), { force: true });
  const config = {
    ...{ size: 32, nDown: 5, ngf: 4, ndf: 4, nLayers: 2, batchSize: 2, maxSteps: 6 },
    validationPhotos: 2,
    sampleEvery: 0,
  };
  const { client } = found;
  const use = (served: { readonly address: string }, flags: readonly string[]) =>
    run(client, [
      ...["-server", served.address, "-photos", folder.join("photos"), ...flags],
      ...["-config", JSON.stringify(config), "-photo", folder.join("photos", "gray.jpg")],
      ...["-out", folder.join("colour.jpg")],
    ]);
  const assertDone = (stdout: string) => {
    assert.match(stdout, /^uploaded \d+ photos, \d+ usable\njob job-\w+\nJOB_STATE_QUEUED\n/);
    assert.match(stdout, /step 6: loss_G_L1 \d[^]*JOB_STATE_SUCCEEDED\n.*colour\.jpg: \d+x\d+\n$/);
  };

  await t.step("on this machine", async () => {
    await using served = await ServedProcess.start(folder.join("data"));
    const cuts = ["internal", "cancel", "no status", "connection"] as const;
    await using proxy = await CuttingProxy.open(served.address, cuts);
    const { stdout, stderr } = await use(proxy, []);
    assertDone(stdout);
    assert.equal(stderr.match(/connection lost, going on from event \d+$/gm)?.length, cuts.length);
    assert.equal(stdout.match(/^JOB_STATE_QUEUED/gm)?.length, 1, stdout);
    assert.equal(await served.end("SIGTERM"), 0);
  });

  await t.step("over TLS with a token, and not without it", async () => {
    const guards = await makeGuards(folder);
    await using served = await ServedProcess.start(folder.join("guarded"), guards.server);
    await assert.rejects(use(served, guards.client.slice(0, 2)), /code = Unauthenticated/);
    await assert.rejects(use(served, guards.client.slice(2)), /require transport level security/);
    assertDone((await use(served, guards.client)).stdout);
    assert.equal(await served.end("SIGTERM"), 0);
  });
});
