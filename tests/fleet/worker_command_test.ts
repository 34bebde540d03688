import assert from "assert";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { workerCommand } from "../../src/fleet/worker_command.ts";
import { unixEndpoint } from "../../src/protocol/worker_endpoint.ts";

for (const controlPath of [undefined, "/run/own/1.sock"]) {
  const what = controlPath === undefined ? "its socket" : "its socket, its replicas'";
  Deno.test(`a worker has ${what}, its folders, and nothing else`, async () => {
    const { command, args, environment } = workerCommand({
      program: "train",
      endpoint: unixEndpoint("/run/own/workers.sock"),
      ...(controlPath !== undefined && { controlPath }),
      read: ["/data/photos"],
      write: ["/data/run"],
      libraryPath: "/lib/tensorflow/libtensorflow_cc.so.2",
      environment: { NO_COLOR: "1" },
    });
    const script = fileURLToPath(new URL("./tell_permissions.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(command, [...args.slice(0, -1), script], {
      env: environment,
    });
    assert.deepEqual(JSON.parse(stdout), {
      "net": "denied",
      "net of loopback": "denied",
      "write its socket": "granted",
      "write the replicas' socket": controlPath === undefined ? "denied" : "granted",
      "write another socket": "denied",
      "run": "denied",
      "read the photos": "granted",
      "read other files": "denied",
      "write the run": "granted",
      "write the photos": "denied",
      "write other files": "denied",
    });
  });
}
