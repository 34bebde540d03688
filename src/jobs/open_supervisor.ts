import type { Supervisor } from "./supervisor.ts";
import type { SupervisorOptions } from "./supervisor_options.ts";

export { defaultSupervisorLimits } from "./supervisor_options.ts";

/**
 * Recovers what a dead server left in the store, and begins to run its jobs.
 *
 * @returns the supervisor, which the caller drains and disposes of before the store.
 * @throws {TinctError} what the store throws; failed_precondition where no socket can be made.
 */
export function openSupervisor(_options: SupervisorOptions): Promise<Supervisor> {
  return Promise.reject(new TypeError("The supervisor is being written."));
}
