import type { Store } from "../../src/jobs/store.ts";
import type { Supervisor } from "../../src/supervision/supervisor.ts";

/** A supervisor without workers: moves jobs in the store. */
export class StoreSupervisor implements Supervisor {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  wake(): void {}

  cancel(jobId: string) {
    return this.#store.jobs.trigger(jobId, "cancel_requested");
  }

  pause(jobId: string) {
    return this.#store.jobs.trigger(jobId, "pause_requested");
  }

  resume(jobId: string, options: { maxQueued?: number } = {}) {
    return this.#store.jobs.trigger(jobId, "resume_requested", options);
  }

  devices() {
    return [{
      name: "cpu",
      kind: "cpu" as const,
      description: "",
      memoryBytes: 0,
      jobId: undefined,
    }];
  }

  async drain(): Promise<void> {
    await this.#store.jobs.recover();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
