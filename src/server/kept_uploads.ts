import { onAbort } from "../abort.ts";
import type { HeldLease } from "../leases/held_lease.ts";

/** For so long an upload is kept that no call goes on with, in ms. */
const KEPT_MS = 5 * 60_000;

/** What was kept, under which epoch of its dataset's lease, and what waits for its time to be over. */
interface Kept<T> {
  readonly kept: T;
  readonly epoch: number;
  readonly waiting: DisposableStack;
}

/** Things of uploads that one call leaves for the next one of its dataset. */
export class KeptUploads<T extends AsyncDisposable> {
  readonly #all = new Map<string, Kept<T>>();

  /**
   * Keeps it for the next call, or until nobody has called for a while, or the server stops.
   *
   * @param lease under which it was made.
   */
  keep(
    dataset: string,
    kept: T,
    { lease: { epoch }, stopping }: {
      readonly lease: Pick<HeldLease, "epoch">;
      readonly stopping: AbortSignal;
    },
  ): void {
    const waiting = new DisposableStack();
    this.#all.set(dataset, { kept, epoch, waiting });
    const drop = () => void this.drop(dataset);
    const timer = setTimeout(drop, KEPT_MS);
    timer.unref();
    waiting.defer(() => clearTimeout(timer));
    if (stopping.aborted) drop();
    else waiting.use(onAbort(stopping, drop));
  }

  /**
   * What was kept, now the caller's; undefined: nothing. It is dropped where the lease has changed hands
   * since: another server may have gone on with it.
   */
  async take(dataset: string, { epoch }: Pick<HeldLease, "epoch">): Promise<T | undefined> {
    const found = this.#remove(dataset);
    if (found === undefined || found.epoch === epoch) return found?.kept;
    await found.kept[Symbol.asyncDispose]();
    return undefined;
  }

  /** Disposes of what was kept, if anything. */
  async drop(dataset: string): Promise<void> {
    await this.#remove(dataset)?.kept[Symbol.asyncDispose]();
  }

  #remove(dataset: string): Kept<T> | undefined {
    const found = this.#all.get(dataset);
    this.#all.delete(dataset);
    found?.waiting[Symbol.dispose]();
    return found;
  }
}
