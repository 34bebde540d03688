import assert from "assert";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { getPriority } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { JobEvent } from "../../src/jobs/job_event.ts";
import { workerCommand } from "../../src/fleet/worker_command.ts";
import { WorkerHub } from "../../src/fleet/worker_hub.ts";
import { socketPathOf, unixEndpoint } from "../../src/protocol/worker_endpoint.ts";
import { dialServer } from "../../src/protocol/worker_socket.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { changes, endlessConfig, Workshop } from "./workshop.ts";

Deno.test("a worker does not outlive a server that is killed, and the next one goes on", async () => {
  const script = fileURLToPath(new URL("./lonely_server.ts", import.meta.url));
  const server = spawn(process.execPath, ["run", "-A", "--no-check", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(server, "exit");
  const [line] = await once(createInterface({ input: server.stdout }), "line");
  const { pid, folder }: { pid: number; folder: string } = JSON.parse(line);
  assert.ok(existsSync(`/proc/${pid}`));
  process.kill(server.pid ?? 0, "SIGKILL");
  await exited;
  const deadlineMs = Date.now() + 5000;
  while (isAlive(pid) && Date.now() < deadlineMs) await new Promise(setImmediate);
  assert.ok(!isAlive(pid), "the worker is gone within five seconds");

  const place = { path: folder, join: (...names: string[]) => join(folder, ...names) };
  await using workshop = await Workshop.open({}, place);
  const recovered = ({ payload }: JobEvent) => payload["trigger"] === "server_stopped";
  const seen = await workshop.eventsUntil("job", recovered);
  assert.equal(changes(seen).at(-1), "RUNNING→QUEUED by server_stopped");
  seen.forEach(({ sequence }, index) => assert.equal(sequence, index + 1));
  const checkpoint = (await workshop.store.events.checkpoints("job")).at(-1)?.step ?? 0;
  const isLosses = ({ kind }: JobEvent) => kind === "losses";
  const later = await workshop.eventsUntil("job", isLosses, seen.length + 1);
  const { payload, attempt } = later.at(-1) ?? {};
  assert.equal(attempt, 2);
  assert.equal(Number(payload?.["step"]) - Number(payload?.["steps"]), checkpoint);
});

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

/** Whether a process runs; one that has ended and that nobody has waited for yet does not. */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/\) [ZX]/.test(stat);
  } catch {
    return false;
  }
}

Deno.test("the workers' socket lies elsewhere where the data folder's path is too long for it", async () => {
  await using folder = await TemporaryFolder.create();
  const far = folder.join("x".repeat(100));
  await mkdir(far);
  await using hub = await WorkerHub.open("1.2.3", far);
  const socketPath = socketPathOf(hub.endpoint.address) ?? "";
  assert.ok(!socketPath.startsWith(folder.path));
  assert.equal(statSync(dirname(socketPath)).mode & 0o777, 0o700);
});

Deno.test("a training worker stands back behind the server where processors are scarce", async () => {
  await using workshop = await Workshop.open();
  const { id } = await workshop.submit("job-a", endlessConfig);
  await workshop.eventsUntil(id, ({ kind }) => kind === "losses");
  assert.equal(getPriority(workshop.workerPid(id)), Math.min(19, getPriority() + 5));
  await workshop.supervisor.cancel(id);
  await workshop.history(id);
});
