/** A place in a line. Disposing of it lets the next one have its turn. */
interface Turn extends Disposable {
  /** Settles when all before it are done; never rejects. */
  readonly begins: Promise<void>;
}

/** Has things done one after the other, in the order in which they came. */
export class FrameTurns {
  #last: Promise<void> = Promise.resolve();

  /** Takes the next place. */
  take(): Turn {
    const begins = this.#last;
    const done = Promise.withResolvers<void>();
    this.#last = begins.then(() => done.promise);
    return { begins, [Symbol.dispose]: done.resolve };
  }
}
