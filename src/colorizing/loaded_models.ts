import { weightsMessage, weightsOf } from "../protocol/weights_choice.ts";
import { errorOf } from "../protocol/faults.ts";
import type { LoadedModel__Output } from "../protocol/generated/tinct/worker/v1/loaded_model.ts";
import type { GeneratorWeights } from "./model_reference.ts";
import type { WorkResponse } from "../protocol/generated/tinct/worker/v1/work_response.ts";

/** A loaded model, kept until it is disposed of. */
export interface ModelInUse extends Disposable {
  readonly modelId: number;
  readonly weights: GeneratorWeights | undefined;
}

/** A model that the worker has, or is loading. */
interface Entry {
  readonly modelId: number;
  /** Of the folder and the weights that were asked for. */
  readonly key: string;
  readonly folder: string;
  readonly loaded: PromiseWithResolvers<void>;
  isLoaded: boolean;
  /** Which weights it has, once it is loaded. */
  weights: GeneratorWeights | undefined;
  users: number;
  /** Is to go with its last user; nobody else gets it. */
  isLeaving: boolean;
}

/**
 * Which models a worker has loaded: the ones used last, up to a limit. One goes when another has been
 * loaded, not before: so there may be one more than the limit while it loads.
 */
export class LoadedModels {
  readonly #send: (message: WorkResponse) => void;
  readonly #maxLoadedModels: number;
  /** By folder and weights, in the order of their last use. */
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

  /** Whether the model in a folder can be used at once. */
  isLoaded(folder: string): boolean {
    return [...this.#entries.values()].some((each) => each.folder === folder && each.isLoaded);
  }

  /** Those that are there, by folder and weights, in the order of their last use. */
  loaded(): readonly Pick<Entry, "folder" | "weights">[] {
    return [...this.#entries.values()].filter(({ isLoaded }) => isLoaded);
  }

  /**
   * Loads a model unless it is, and keeps it until disposed of.
   *
   * @param folder of its checkpoint.
   * @param weights which of them; the moving average where there is one, when left out.
   * @returns `weights`: which it has.
   * @throws what loading failed with.
   */
  async use(folder: string, weights?: GeneratorWeights): Promise<ModelInUse> {
    if (this.#failure) throw this.#failure.error;
    const key = `${weights ?? ""}:${folder}`;
    const unchosen = this.#entries.get(`:${folder}`);
    const entry = this.#entries.get(key) ??
      (unchosen?.weights === weights ? unchosen : undefined) ??
      this.#load(key, folder, weights);
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry); // the last of them now
    entry.users++;
    try {
      await entry.loaded.promise;
    } catch (error) {
      entry.users--;
      throw error;
    }
    return {
      modelId: entry.modelId,
      weights: entry.weights,
      [Symbol.dispose]: () => {
        entry.users--;
        if (entry.isLeaving) this.#letGo(entry);
        else this.#evict();
      },
    };
  }

  /** Lets the model in a folder go, with whichever weights, once nobody uses it. */
  unload(folder: string): void {
    for (const entry of this.#entries.values()) {
      if (entry.folder !== folder || !entry.isLoaded) continue; // whoever has it loaded needs it
      this.#entries.delete(entry.key);
      entry.isLeaving = true;
      this.#letGo(entry);
    }
  }

  /** The worker has loaded a model, or could not. */
  noteLoaded({ modelId, weights, fault }: LoadedModel__Output): void {
    const entry = [...this.#entries.values()].find((each) => each.modelId === modelId);
    if (!entry) return;
    if (fault) {
      this.#entries.delete(entry.key);
      entry.loaded.reject(errorOf(fault));
    } else {
      entry.isLoaded = true;
      entry.weights = weightsOf(weights);
      entry.loaded.resolve();
      this.#evict();
    }
  }

  /** The worker is gone. */
  fail(error: unknown): void {
    this.#failure = { error };
    for (const { loaded } of this.#entries.values()) loaded.reject(error);
    this.#entries.clear();
  }

  #load(key: string, folder: string, weights: GeneratorWeights | undefined): Entry {
    const modelId = ++this.#lastId;
    const entry: Entry = {
      modelId,
      key,
      folder,
      loaded: Promise.withResolvers(),
      isLoaded: false,
      weights: undefined,
      users: 0,
      isLeaving: false,
    };
    entry.loaded.promise.catch(() => {}); // those who use it hear of it
    this.#entries.set(key, entry);
    this.#send({ load: { modelId, folder, weights: weightsMessage(weights) } });
    return entry;
  }

  #letGo({ modelId, users }: Entry): void {
    if (users === 0 && this.#failure === undefined) this.#send({ unload: { modelId } });
  }

  /** Lets the ones used longest ago go, never the last one; those that load count only once they are there. */
  #evict(): void {
    let count = [...this.#entries.values()].filter(({ isLoaded }) => isLoaded).length;
    const newest = [...this.#entries.values()].at(-1);
    for (const entry of this.#entries.values()) {
      if (count <= this.#maxLoadedModels) return;
      if (entry === newest || entry.users > 0 || !entry.isLoaded) continue;
      count--;
      this.#entries.delete(entry.key);
      this.#send({ unload: { modelId: entry.modelId } });
    }
  }
}
