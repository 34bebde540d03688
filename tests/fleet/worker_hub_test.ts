import assert from "assert";
import { once } from "node:events";
import { statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { WorkerHub } from "../../src/fleet/worker_hub.ts";
import { socketPathOf } from "../../src/protocol/worker_endpoint.ts";
import { dialServer } from "../../src/protocol/worker_socket.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

Deno.test("the workers' socket is private, and a wrong token or version is refused", async () => {
  await using folder = await TemporaryFolder.create();
  await using hub = await WorkerHub.open("1.2.3", folder.path);
  const socketPath = socketPathOf(hub.endpoint.address) ?? "";
  assert.equal(socketPath, folder.join("workers", "workers.sock"));
  assert.equal(statSync(socketPath).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(socketPath)).mode & 0o777, 0o700);
  using expected = hub.expect();
  const { token } = expected;
  const cases = [
    { token: "guess", version: "1.2.3", code: 16 },
    { token: token.slice(0, -1), version: "1.2.3", code: 16 },
    { token, version: "1.2.4", code: 9 },
    { token, version: "1.2.3", code: 16 }, // it was used
  ];
  for (const { code, ...hello } of cases) {
    using server = dialServer(hub.endpoint);
    const failed = once(server.call, "error");
    server.call.resume();
    server.send({ hello });
    const [error] = await failed;
    assert.equal(error.code, code);
  }
});

Deno.test("the workers' socket lies elsewhere where the data folder's path is too long for it", async () => {
  await using folder = await TemporaryFolder.create();
  const far = folder.join("x".repeat(100));
  await mkdir(far);
  await using hub = await WorkerHub.open("1.2.3", far);
  const socketPath = socketPathOf(hub.endpoint.address) ?? "";
  assert.ok(!socketPath.startsWith(folder.path));
  assert.equal(statSync(dirname(socketPath)).mode & 0o777, 0o700);
});
