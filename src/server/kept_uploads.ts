import { onAbort } from "../abort.ts";

/** For so long an upload is kept that no call goes on with, in ms. */
const KEPT_MS = 5 * 60_000;

/** Things of uploads that one call leaves for the next one of its dataset. */
export class KeptUploads<T extends AsyncDisposable> {
  readonly #all = new Map<string, { readonly kept: T; readonly waiting: DisposableStack }>();

  /** Keeps it for the next call, or until nobody has called for a while, or the server stops. */
  keep(dataset: string, kept: T, stopping: AbortSignal): void {
    const waiting = new DisposableStack();
    this.#all.set(dataset, { kept, waiting });
    const drop = () => void this.drop(dataset);
    const timer = setTimeout(drop, KEPT_MS);
    timer.unref();
    waiting.defer(() => clearTimeout(timer));
    if (stopping.aborted) drop();
    else waiting.use(onAbort(stopping, drop));
  }

  /** What was kept, now the caller's; undefined: nothing. */
  take(dataset: string): T | undefined {
    const found = this.#all.get(dataset);
    this.#all.delete(dataset);
    found?.waiting[Symbol.dispose]();
    return found?.kept;
  }

  /** Disposes of what was kept, if anything. */
  async drop(dataset: string): Promise<void> {
    await this.take(dataset)?.[Symbol.asyncDispose]();
  }
}
