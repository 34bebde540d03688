import type { StatusMapper } from "../calls/status.ts";
import type { Colorizing } from "../colorizing/colorizing.ts";
import type { ServiceSettings } from "../config/service.ts";
import type { Store } from "../jobs/store.ts";

/** What the handlers of calls that colorize work with; it belongs to the server's starter. */
export interface ColorizeContext {
  readonly store: Store;
  /** The one door of photos, counted where metrics are kept. */
  readonly colorizing: Colorizing;
  readonly settings: ServiceSettings;
  /** Absolute; paths in the store are relative to it. */
  readonly dataFolder: string;
  readonly status: StatusMapper;
}
