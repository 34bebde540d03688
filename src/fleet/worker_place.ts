import type { SlotDevice } from "./device_slots.ts";
import type { WorkerLog } from "./fleet_options.ts";
import type { WorkerAccess } from "./worker_command.ts";

/** What a place is to start. */
export interface WorkerLaunch {
  readonly access: WorkerAccess;
  /** Proves to the server, once, that the worker is the one that was started. */
  readonly token: string;
  /** Takes what the place has to tell of the worker; names its job by itself. */
  readonly log: WorkerLog;
  /** Takes each line that the worker writes. */
  readonly onLine: (line: string) => void;
}

/** How a worker ended; by a signal or with a code. */
export interface WorkerExit {
  readonly code: number | undefined;
  /** Such as "SIGKILL". */
  readonly signal: string | undefined;
  /** Why it could not even be started. */
  readonly startError?: string;
}

/** A worker that was started, as its place knows it. */
export interface PlacedWorker {
  /** What its place calls it; for logs alone. */
  readonly name: string;
  /** Settles when it is gone and all that it wrote has been taken; never rejects. */
  readonly exited: Promise<WorkerExit>;
  /** Ends it at once. */
  kill(): void;
}

/** Where workers run. */
export interface WorkerPlace {
  /** What workers may compute on there. */
  devices(): Promise<readonly SlotDevice[]>;
  /**
   * Memory in use on devices of the place, in bytes, by any program; those that it does not
   * know are left out.
   */
  memoryInUse(devices: readonly SlotDevice[]): Promise<[device: SlotDevice, bytes: number][]>;
  /** Starts a worker; one that cannot be started exits with `startError`. */
  start(launch: WorkerLaunch): PlacedWorker;
}
