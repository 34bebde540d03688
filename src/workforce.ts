import { ApartColorizing } from "./colorizing/apart_colorizing.ts";
import type { Colorizing } from "./colorizing/colorizing.ts";
import { messageOf, TinctError } from "./errors.ts";
import { defaultSupervisorLimits } from "./fleet/fleet_options.ts";
import { localProcesses } from "./fleet/local_process.ts";
import { openWorkbench, type Workbench } from "./fleet/workbench.ts";
import type { WorkerPlace } from "./fleet/worker_place.ts";
import { WorkerHub } from "./fleet/worker_hub.ts";
import { findModel } from "./colorizing/model_finder.ts";
import { openSupervisor } from "./supervision/open_supervisor.ts";
import type { Supervisor } from "./supervision/supervisor.ts";
import type { SupervisorOptions } from "./supervision/supervisor_options.ts";
import type { AttemptSetting } from "./supervision/training_attempt.ts";

/**
 * All that has worker processes at work, each trade with an interface of its own.
 *
 * Disposing of it kills what still runs; `drain` first to keep what has been trained.
 */
export interface Workforce extends AsyncDisposable {
  readonly supervisor: Supervisor;
  readonly colorizing: Colorizing;
  readonly workbench: Workbench;
  /**
   * Ends all work: running jobs write a checkpoint and are QUEUED again, photos that were taken in
   * are finished, other work ends at once. Takes in nothing more. What is not over in time is killed,
   * and jobs go on from their last checkpoint at the next start.
   */
  drain(options: { readonly timeoutMs: number }): Promise<void>;
}

/**
 * Opens the socket that workers call, recovers what a dead server left in the store, and begins to
 * run its jobs.
 *
 * @param place where workers run; the devices of the options are of it.
 * @returns the workforce, which the caller drains and disposes of before the store.
 * @throws {TinctError} what the store throws; failed_precondition where no socket can be made.
 */
export async function openWorkforce(
  options: SupervisorOptions,
  place: WorkerPlace = localProcesses(),
): Promise<Workforce> {
  const { store, dataFolder, log } = options;
  await using owner = new AsyncDisposableStack();
  const limits = { ...defaultSupervisorLimits, ...options.limits };
  // Before the jobs that it covers, and before the socket, which would be taken for a dead server's.
  if (store.isShared) await store.leases.renewOwn(limits.leaseMs);
  const hub = owner.use(await openHub(options));
  const setting: AttemptSetting = { hub, place, limits, log, options };
  const queue = new ApartColorizing(setting, (model) => findModel(store, dataFolder, model));
  const supervisor = await openSupervisor(setting);
  const workbench = openWorkbench(setting, () => supervisor.devices());
  const owned = owner.move(); // the hub goes last, when no worker calls any more
  return {
    supervisor,
    colorizing: queue,
    workbench,
    async drain({ timeoutMs }) {
      await Promise.all([
        workbench[Symbol.asyncDispose](),
        supervisor.drain({ timeoutMs }),
        queue.drain(timeoutMs),
      ]);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([
        workbench[Symbol.asyncDispose](),
        supervisor[Symbol.asyncDispose](),
        queue.close(),
      ]);
      await owned[Symbol.asyncDispose]();
    },
  };
}

async function openHub(
  { programVersion, dataFolder, store }: SupervisorOptions,
): Promise<WorkerHub> {
  try {
    return await WorkerHub.open(programVersion, dataFolder, store.isShared ? store.owner : "");
  } catch (cause) {
    throw new TinctError(
      "failed_precondition",
      `No socket for workers can be made (${messageOf(cause)}): give a data folder with a ` +
        "shorter path, or set TMPDIR to one that can be written to.",
      { cause },
    );
  }
}
