import type { WorkerStart } from "../protocol/worker_start.ts";
import { type DeviceEnvironment, findDevices, memoryInUse } from "./find_devices.ts";
import { workerCommand } from "./worker_command.ts";
import type { PlacedWorker, WorkerLaunch, WorkerPlace } from "./worker_place.ts";
import { WorkerProcess } from "./worker_process.ts";

/**
 * This machine, where each worker is a process below this one.
 *
 * @param environment decides which of its devices workers may use.
 */
export function localProcesses(environment: DeviceEnvironment = {}): WorkerPlace {
  return {
    devices: () => findDevices(environment),
    memoryInUse,
    start: startLocalProcess,
  };
}

function startLocalProcess({ access, token, log, onLine }: WorkerLaunch): PlacedWorker {
  const { endpoint, libraryPath, program } = access;
  const start: WorkerStart = { endpoint, token, libraryPath };
  const worker = new WorkerProcess(workerCommand(access), JSON.stringify(start), onLine);
  const { pid, exited } = worker;
  log({ level: "debug", message: `A worker to ${program} starts.`, fields: { pid } });
  return {
    name: pid === undefined ? "no process" : `process ${pid}`,
    exited,
    kill: () => worker.kill(),
  };
}
