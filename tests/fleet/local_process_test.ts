import assert from "assert";
import { cpuDevice } from "../../src/fleet/find_devices.ts";
import type { WorkerLogLine } from "../../src/fleet/fleet_options.ts";
import { localProcesses } from "../../src/fleet/local_process.ts";
import type { WorkerLaunch } from "../../src/fleet/worker_place.ts";
import { WorkerProcess } from "../../src/fleet/worker_process.ts";
import { unixEndpoint } from "../../src/protocol/worker_endpoint.ts";

/** A worker that looks at datasets, whose server is not there. */
function launch(log: WorkerLogLine[], lines: string[]): WorkerLaunch {
  return {
    access: {
      program: "inspect",
      endpoint: unixEndpoint("/nowhere/workers.sock"),
      read: [],
      write: [],
      libraryPath: undefined,
      environment: {},
    },
    token: "a token",
    log: (line) => void log.push(line),
    onLine: (line) => void lines.push(line),
  };
}

Deno.test("a local process has a name, which its log line tells as a pid, and ends by itself", async () => {
  const [log, lines]: [WorkerLogLine[], string[]] = [[], []];
  const worker = localProcesses().start(launch(log, lines));
  assert.deepEqual(await worker.exited, { code: 1, signal: undefined });
  assert.match(lines.join("\n"), /^The server is gone: /m);
  const [line, ...others] = log;
  assert.deepEqual(others, []);
  const pid = Number(line?.fields?.["pid"]);
  assert.ok(pid > 1);
  assert.deepEqual([line?.level, line?.message], ["debug", "A worker to inspect starts."]);
  assert.equal(worker.name, `process ${pid}`);
  worker.kill(); // it is gone: nothing happens
});

Deno.test("this machine tells the devices that its environment leaves, and their memory", async () => {
  const place = localProcesses({ visibleGpus: "" });
  const devices = await place.devices();
  assert.deepEqual(devices, [cpuDevice()]);
  const [[device, bytes] = [undefined, NaN], ...others] = await place.memoryInUse(devices);
  assert.deepEqual([device, others], [devices[0], []]);
  assert.ok(bytes > 0 && bytes <= (devices[0]?.memoryBytes ?? 0));
});

Deno.test("a local process is killed at once", async () => {
  const worker = localProcesses().start(launch([], []));
  worker.kill();
  assert.deepEqual(await worker.exited, { code: undefined, signal: "SIGKILL" });
});

Deno.test("of output without a line's end, a process's line is kept alone", async () => {
  const lines: string[] = [];
  const script = "head -c 67108864 /dev/zero | tr '\\0' x; echo; echo 'the next'";
  const command = { command: "sh", args: ["-c", script], niceness: 0, environment: {} };
  const worker = new WorkerProcess(command, "", (line) => void lines.push(line));
  assert.deepEqual(await worker.exited, { code: 0, signal: undefined });
  assert.deepEqual(lines, [`${"x".repeat(4095)}…`, "the next"]);
});

Deno.test("a process that cannot be started exits with the reason", async () => {
  const command = { command: "/nowhere/deno", args: [], niceness: 0, environment: {} };
  const worker = new WorkerProcess(command, "", () => {});
  assert.equal(worker.pid, undefined);
  assert.match((await worker.exited).startError ?? "", /nowhere/);
});
