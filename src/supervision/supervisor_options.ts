import type { FleetOptions } from "../fleet/fleet_options.ts";
import type { Store } from "../jobs/store.ts";

/**
 * How a supervisor is opened. In the data folder runs lie in `jobs/ID`, prepared photo sets in
 * `prepared`; paths in the store are relative to it.
 */
export interface SupervisorOptions extends FleetOptions {
  /** Is used, not owned; must outlive the supervisor. */
  readonly store: Store;
  /** For a store that is shared: whether no other server worked with it at the start. */
  readonly isAlone?: boolean;
  /** Whether it runs jobs; true by default. Without, other servers do where the store is shared. */
  readonly runsJobs?: boolean;
  /** Where a dataset's photos lie, absolute. @throws {TinctError} not_found. */
  readonly datasetFolder: (name: string) => Promise<string>;
}
