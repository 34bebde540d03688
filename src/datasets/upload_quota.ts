import { TinctError } from "../errors.ts";

/**
 * The room that all uploaded datasets share. Bytes are reserved before they are written, so that
 * uploads at the same time cannot take more together than there is; nothing here waits between looking
 * and taking. What other servers take in is counted as it is when an upload begins here.
 */
export class UploadQuota {
  readonly #limitGib: number;
  readonly #measure: () => Promise<ReadonlyMap<string, number>>;
  readonly #isShared: boolean;
  /** The datasets that uploads are open for; what they take is known here best. */
  readonly #arriving = new Set<string>();
  /** Bytes of each dataset, those that are arriving among them. */
  readonly #used = new Map<string, number>();
  #measured: Promise<void> | undefined;

  /**
   * @param limitGib what all uploads may take together.
   * @param measure the bytes that each dataset has on the disk; called before the first upload.
   * @param options `isShared`: other servers upload and delete, too, so it is called before every upload.
   */
  constructor(
    limitGib: number,
    measure: () => Promise<ReadonlyMap<string, number>>,
    { isShared = false }: { readonly isShared?: boolean } = {},
  ) {
    this.#limitGib = limitGib;
    this.#measure = measure;
    this.#isShared = isShared;
  }

  /**
   * Begins to count for an upload; `close` ends that.
   *
   * @param name of its dataset, to which no other call uploads meanwhile.
   * @param sizeBytes what it has already.
   */
  async open(name: string, sizeBytes: number): Promise<void> {
    if (this.#isShared) this.#measured = undefined;
    const measured = this.#measured ??= this.#load();
    try {
      await measured;
    } catch (error) {
      if (this.#measured === measured) this.#measured = undefined; // the next upload tries again
      throw error;
    }
    this.#arriving.add(name);
    this.#used.set(name, sizeBytes);
  }

  /** Ends an upload. @param sizeBytes what its dataset takes now. */
  close(name: string, sizeBytes: number): void {
    this.#arriving.delete(name);
    this.#used.set(name, sizeBytes);
  }

  /**
   * Sets how much a dataset takes, or is about to.
   *
   * @throws {TinctError} resource_exhausted where it grows past what all may take; then nothing has
   *   changed.
   */
  reserve(name: string, sizeBytes: number): void {
    const before = this.#used.get(name) ?? 0;
    let totalBytes = sizeBytes - before;
    for (const bytes of this.#used.values()) totalBytes += bytes;
    if (sizeBytes > before && totalBytes > this.#limitGib * 2 ** 30) {
      throw new TinctError(
        "resource_exhausted",
        `All uploaded datasets together may take ${this.#limitGib} GiB; delete some.`,
        { kind: "UPLOADS_FULL", retryDelayMs: Infinity },
      );
    }
    this.#used.set(name, sizeBytes);
  }

  /** Forgets a dataset that was deleted. */
  async delete(name: string): Promise<void> {
    await this.#measured?.catch(() => {}); // told to its starter
    this.#arriving.delete(name);
    this.#used.delete(name);
  }

  async #load(): Promise<void> {
    const measured = await this.#measure();
    const others = [...this.#used.keys(), ...measured.keys()].filter((name) =>
      !this.#arriving.has(name)
    );
    for (const name of others) {
      const sizeBytes = measured.get(name);
      if (sizeBytes === undefined) this.#used.delete(name);
      else this.#used.set(name, sizeBytes);
    }
  }
}
