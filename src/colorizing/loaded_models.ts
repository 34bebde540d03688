import { weightsMessage, weightsOf } from "../protocol/weights_choice.ts";
import { errorOf } from "../protocol/faults.ts";
import type { LoadedModel__Output } from "../protocol/generated/tinct/worker/v1/loaded_model.ts";
import { type HeldModel, ModelBudget } from "./model_budget.ts";
import type { GeneratorWeights } from "./model_reference.ts";
import type { WorkResponse } from "../protocol/generated/tinct/worker/v1/work_response.ts";

/** A loaded model, kept until it is disposed of. */
export interface ModelInUse extends Disposable {
  readonly modelId: number;
  readonly weights: GeneratorWeights | undefined;
}

/** A model that the worker has, or is loading. */
interface Entry extends HeldModel {
  readonly modelId: number;
  /** Of the folder and the weights that were asked for. */
  readonly key: string;
  readonly folder: string;
  readonly loaded: PromiseWithResolvers<void>;
  isLoaded: boolean;
  /** Which weights it has, once it is loaded. */
  weights: GeneratorWeights | undefined;
  users: number;
  usedAt: number;
  /** Is to go with its last user; nobody else gets it. */
  isLeaving: boolean;
}

/** Which models a worker has loaded; how many it may have says a budget. */
export class LoadedModels {
  readonly #send: (message: WorkResponse) => void;
  /** By folder and weights, in the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  #budget: ModelBudget;
  #lastId = 0;
  #failure: { readonly error: unknown } | undefined;

  /** @param budget may be other workers', too. */
  constructor(send: (message: WorkResponse) => void, budget: ModelBudget) {
    this.#send = send;
    this.#budget = budget;
    budget.join(this);
  }

  /** How many there are, with those that load. */
  get count(): number {
    return this.#entries.size;
  }

  /** Whether a model is there or loads, with these weights. */
  has(folder: string, weights: GeneratorWeights | undefined): boolean {
    return this.#find(folder, weights) !== undefined;
  }

  /** See `ModelBudget`. */
  held(): Iterable<Entry> {
    return this.#entries.values();
  }

  /** Lets one of them go. */
  drop({ key, modelId }: Entry): void {
    this.#entries.delete(key);
    this.#send({ unload: { modelId } });
  }

  /** Counts by itself from now on: its worker goes, and what it has is to stay until then. */
  leaveBudget(): void {
    this.#budget.leave(this);
    this.#budget = new ModelBudget(Infinity);
    this.#budget.join(this);
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
    const entry = this.#find(folder, weights) ?? this.#load(folder, weights);
    entry.usedAt = this.#budget.nextUse();
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
        else this.#budget.evict();
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
      this.#budget.evict();
    }
  }

  /** The worker is gone. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.#budget.leave(this);
    for (const { loaded } of this.#entries.values()) loaded.reject(error);
    this.#entries.clear();
  }

  #find(folder: string, weights: GeneratorWeights | undefined): Entry | undefined {
    const unchosen = this.#entries.get(`:${folder}`);
    return this.#entries.get(keyOf(folder, weights)) ??
      (unchosen?.weights === weights ? unchosen : undefined);
  }

  #load(folder: string, weights: GeneratorWeights | undefined): Entry {
    const modelId = ++this.#lastId;
    const entry: Entry = {
      modelId,
      key: keyOf(folder, weights),
      folder,
      loaded: Promise.withResolvers(),
      isLoaded: false,
      weights: undefined,
      users: 0,
      usedAt: 0,
      isLeaving: false,
    };
    entry.loaded.promise.catch(() => {}); // those who use it hear of it
    this.#entries.set(entry.key, entry);
    this.#send({ load: { modelId, folder, weights: weightsMessage(weights) } });
    return entry;
  }

  #letGo({ modelId, users }: Entry): void {
    if (users === 0 && this.#failure === undefined) this.#send({ unload: { modelId } });
  }
}

/** Of the folder and the weights that were asked for. */
function keyOf(folder: string, weights: GeneratorWeights | undefined): string {
  return `${weights ?? ""}:${folder}`;
}
