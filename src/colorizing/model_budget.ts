import type { GeneratorWeights } from "./model_reference.ts";

/** A model that a worker has, or is loading. */
export interface HeldModel {
  readonly folder: string;
  readonly isLoaded: boolean;
  readonly weights: GeneratorWeights | undefined;
  readonly users: number;
  /** Counts uses of all models of a budget, from 1. */
  readonly usedAt: number;
}

/** What a worker holds of a budget. */
interface Holder {
  /** Its models. */
  held(): Iterable<HeldModel>;
  /** Lets one of them go. */
  drop(model: HeldModel): void;
}

/**
 * How many models are held on one device, by all workers there: the ones used last, up to a limit. One
 * goes when another has been loaded, not before: so there may be one more than the limit while it loads.
 */
export class ModelBudget {
  readonly #maxLoadedModels: number;
  readonly #holders = new Set<Holder>();
  #uses = 0;

  /** @param maxLoadedModels may be passed while more than so many are in use. */
  constructor(maxLoadedModels: number) {
    this.#maxLoadedModels = maxLoadedModels;
  }

  /** Whether one more can be loaded without another that goes for it. */
  get hasRoom(): boolean {
    return this.#all().length < this.#maxLoadedModels;
  }

  /** Counts what a worker holds until it leaves. */
  join(holder: Holder): void {
    this.#holders.add(holder);
  }

  leave(holder: Holder): void {
    this.#holders.delete(holder);
  }

  /** The number of a use that begins now. */
  nextUse(): number {
    return ++this.#uses;
  }

  /**
   * Lets models go that are too many, never the one used last: first those that another worker has, too,
   * then the ones used longest ago. Those that load count only once they are there.
   */
  evict(): void {
    const all = this.#all().toSorted((a, b) => a.model.usedAt - b.model.usedAt);
    const newest = all.at(-1);
    const loaded = all.filter(({ model }) => model.isLoaded);
    for (const onlyCopies of [true, false]) {
      for (const each of [...loaded]) {
        if (loaded.length <= this.#maxLoadedModels) return;
        if (each === newest || each.model.users > 0) continue;
        if (onlyCopies && !loaded.some((other) => other !== each && isSame(other, each))) continue;
        loaded.splice(loaded.indexOf(each), 1);
        each.holder.drop(each.model);
      }
    }
  }

  #all(): { readonly holder: Holder; readonly model: HeldModel }[] {
    return [...this.#holders].flatMap((holder) =>
      [...holder.held()].map((model) => ({ holder, model }))
    );
  }
}

function isSame(a: { readonly model: HeldModel }, b: { readonly model: HeldModel }): boolean {
  return a.model.folder === b.model.folder && a.model.weights === b.model.weights;
}
