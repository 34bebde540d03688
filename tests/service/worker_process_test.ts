import assert from "assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { WorkerHub } from "../../src/jobs/worker_hub.ts";
import { dialServer } from "../../src/protocol/worker_socket.ts";

Deno.test("a worker does not outlive a server that is killed", async () => {
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
  await rm(folder, { recursive: true });
});

Deno.test("the workers' socket is private, and a wrong token or version is refused", async () => {
  await using hub = await WorkerHub.open("1.2.3");
  assert.equal(statSync(hub.socketPath).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(hub.socketPath)).mode & 0o777, 0o700);
  using expected = hub.expect();
  const { token } = expected;
  const cases = [
    { token: "guess", version: "1.2.3", code: 16 },
    { token: token.slice(0, -1), version: "1.2.3", code: 16 },
    { token, version: "1.2.4", code: 9 },
    { token, version: "1.2.3", code: 16 }, // it was used
  ];
  for (const { code, ...hello } of cases) {
    using server = dialServer(hub.socketPath);
    const failed = once(server.call, "error");
    server.call.resume();
    server.call.write({ hello });
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
