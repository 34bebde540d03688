import type { CheckpointStore } from "../checkpoints/checkpoint_store.ts";
import { type GanSnapshot, snapshotGan } from "./checkpointing.ts";
import type { TrainingListener } from "./events.ts";
import type { Gan } from "./gan.ts";
import { encodeRunState, type RunState } from "../runs/run_state.ts";

/** Writes checkpoints beside the training: one at a time, while the steps go on. */
export class CheckpointWriter implements AsyncDisposable {
  readonly #gan: Gan;
  readonly #store: CheckpointStore;
  readonly #onEvent: TrainingListener;
  #writing: Promise<void> = Promise.resolve();

  constructor(gan: Gan, store: CheckpointStore, onEvent: TrainingListener) {
    this.#gan = gan;
    this.#store = store;
    this.#onEvent = onEvent;
  }

  /**
   * Takes the state as it is now and begins to write it. Waits for the one before, and throws what
   * that one failed with.
   *
   * @param metric of `bestMetricOf`, where a validation was made of this state.
   * @returns false when a weight is not finite: nothing is written then.
   */
  async start(state: RunState, metric: number | undefined): Promise<boolean> {
    await this.#writing;
    const snapshot = await snapshotGan(this.#gan);
    if (snapshot === undefined) return false;
    this.#writing = this.#write(snapshot, state, metric);
    this.#writing.catch(() => {}); // it is awaited by the next call, or by `settled`
    return true;
  }

  /** Waits until all is on the disk; throws what the last write failed with. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing.catch(() => {}); // after an error elsewhere, which is the one to be told
  }

  async #write(
    snapshot: GanSnapshot,
    state: RunState,
    metric: number | undefined,
  ): Promise<void> {
    using owned = snapshot;
    const info = await this.#store.save({
      step: state.step,
      tensors: owned.tensors,
      state: encodeRunState(state),
      metric,
    });
    const sizeBytes = info.files.reduce((sum, file) => sum + file.sizeBytes, 0);
    this.#onEvent({ kind: "checkpoint", step: state.step, path: info.path, sizeBytes });
  }
}
