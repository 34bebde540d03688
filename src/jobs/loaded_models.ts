import { errorOf } from "../protocol/faults.ts";
import type { LoadedModel__Output } from "../protocol/generated/tinct/worker/v1/loaded_model.ts";
import type { WorkResponse } from "../protocol/generated/tinct/worker/v1/work_response.ts";

/** A model that the worker has, or is loading. */
interface Entry {
  readonly modelId: number;
  readonly folder: string;
  readonly loaded: PromiseWithResolvers<void>;
  isLoaded: boolean;
  users: number;
}

/** Which models a worker has loaded: the ones used last, up to a limit. */
export class LoadedModels {
  readonly #send: (message: WorkResponse) => void;
  readonly #maxLoadedModels: number;
  /** By folder, in the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  #lastId = 0;
  #failure: { readonly error: unknown } | undefined;

  /** @param options `maxLoadedModels`: may be passed while more than so many are in use. */
  constructor(
    send: (message: WorkResponse) => void,
    { maxLoadedModels }: { readonly maxLoadedModels: number },
  ) {
    this.#send = send;
    this.#maxLoadedModels = maxLoadedModels;
  }

  /**
   * Loads a model unless it is, and keeps it until disposed of.
   *
   * @param folder of its checkpoint.
   * @throws what loading failed with.
   */
  async use(folder: string): Promise<{ readonly modelId: number } & Disposable> {
    if (this.#failure) throw this.#failure.error;
    const entry = this.#entries.get(folder) ?? this.#load(folder);
    this.#entries.delete(folder);
    this.#entries.set(folder, entry); // the last of them now
    entry.users++;
    try {
      await entry.loaded.promise;
    } catch (error) {
      entry.users--;
      throw error;
    }
    return {
      modelId: entry.modelId,
      [Symbol.dispose]: () => {
        entry.users--;
        this.#evict();
      },
    };
  }

  /** The worker has loaded a model, or could not. */
  noteLoaded({ modelId, fault }: LoadedModel__Output): void {
    const entry = [...this.#entries.values()].find((each) => each.modelId === modelId);
    if (!entry) return;
    if (fault) {
      this.#entries.delete(entry.folder);
      entry.loaded.reject(errorOf(fault));
    } else {
      entry.isLoaded = true;
      entry.loaded.resolve();
    }
  }

  /** The worker is gone. */
  fail(error: unknown): void {
    this.#failure = { error };
    for (const { loaded } of this.#entries.values()) loaded.reject(error);
    this.#entries.clear();
  }

  #load(folder: string): Entry {
    const modelId = ++this.#lastId;
    const entry: Entry = {
      modelId,
      folder,
      loaded: Promise.withResolvers(),
      isLoaded: false,
      users: 0,
    };
    entry.loaded.promise.catch(() => {}); // those who use it hear of it
    this.#entries.set(folder, entry);
    this.#evict(entry);
    this.#send({ load: { modelId, folder } });
    return entry;
  }

  #evict(kept?: Entry): void {
    for (const entry of this.#entries.values()) {
      if (this.#entries.size <= this.#maxLoadedModels) return;
      if (entry === kept || entry.users > 0 || !entry.isLoaded) continue;
      this.#entries.delete(entry.folder);
      this.#send({ unload: { modelId: entry.modelId } });
    }
  }
}
