import { TinctError } from "../../src/errors.ts";
import type { Store } from "../../src/jobs/store.ts";
import type { Workforce } from "../../src/workforce.ts";
import { BareWorkbench } from "./bare_workbench.ts";
import { StoreColorizing } from "./store_colorizing.ts";
import { StoreSupervisor } from "./store_supervisor.ts";

/** A workforce without workers: the store is all that it has. */
export class StoreWorkforce implements Workforce {
  readonly supervisor: StoreSupervisor;
  readonly colorizing: StoreColorizing;
  readonly workbench = new BareWorkbench();

  constructor(store: Store) {
    this.supervisor = new StoreSupervisor(store);
    this.colorizing = new StoreColorizing(store);
  }

  drain(): Promise<void> {
    return this.supervisor.drain();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** An error that nobody foresaw. */
export function unforeseen(): Error {
  return new Error("a secret of the server", { cause: new TinctError("internal", "deeper") });
}
