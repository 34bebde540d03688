/** How many objects of each kind are alive; tests assert that nothing is left. */
const live = new Map<string, number>();

const abandoned = new FinalizationRegistry<() => void>((release) => release());

/**
 * The owner of one object of the C library. Its maker disposes of it (`using`); should it be
 * forgotten, the garbage collector gives it back as a last resort.
 */
export abstract class NativeObject implements Disposable {
  #pointer: Deno.PointerObject | null;
  readonly #kind: string;
  readonly #release: () => void;

  /**
   * @param kind the name of the C type, for messages and counts.
   * @param pointer the object, owned from now on.
   * @param release gives the object back to the library.
   */
  protected constructor(
    kind: string,
    pointer: Deno.PointerValue,
    release: (pointer: Deno.PointerObject) => void,
  ) {
    if (pointer === null) throw new Error(`TensorFlow returned no ${kind}.`);
    this.#kind = kind;
    this.#pointer = pointer;
    live.set(kind, (live.get(kind) ?? 0) + 1);
    // The closure must not hold `this`, or the finalizer would never run.
    this.#release = () => {
      live.set(kind, (live.get(kind) ?? 0) - 1);
      release(pointer);
    };
    abandoned.register(this, this.#release, this);
  }

  /** The C object. Throws TypeError once it has been disposed of. */
  get pointer(): Deno.PointerObject {
    if (this.#pointer === null) throw new TypeError(`This ${this.#kind} has been disposed of.`);
    return this.#pointer;
  }

  /** Gives the object back; a second call does nothing. */
  [Symbol.dispose](): void {
    if (this.#pointer === null) return;
    this.#pointer = null;
    abandoned.unregister(this);
    this.#release();
  }
}

/** The number of living objects by kind, such as `{ TFE_TensorHandle: 3 }`; zeros are left out. */
export function liveObjects(): Record<string, number> {
  return Object.fromEntries([...live].filter(([, count]) => count !== 0));
}
