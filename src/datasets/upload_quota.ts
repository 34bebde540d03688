import { TinctError } from "../errors.ts";

/**
 * The room that all uploaded datasets share. Bytes are reserved before they are written, so that
 * uploads at the same time cannot take more together than there is; one process writes to a data
 * folder, and nothing here waits between looking and taking.
 */
export class UploadQuota {
  readonly #limitGib: number;
  readonly #measure: () => Promise<ReadonlyMap<string, number>>;
  /** Bytes of each dataset, those that are arriving among them. */
  readonly #used = new Map<string, number>();
  #measured: Promise<void> | undefined;

  /**
   * @param limitGib what all uploads may take together.
   * @param measure the bytes that each dataset has on the disk; called once, before the first upload.
   */
  constructor(limitGib: number, measure: () => Promise<ReadonlyMap<string, number>>) {
    this.#limitGib = limitGib;
    this.#measure = measure;
  }

  /**
   * Begins to count for an upload.
   *
   * @param name of its dataset, to which no other call uploads meanwhile.
   * @param sizeBytes what it has already.
   */
  async open(name: string, sizeBytes: number): Promise<void> {
    this.#measured ??= this.#load().catch((error) => {
      this.#measured = undefined; // the next upload tries again
      throw error;
    });
    await this.#measured;
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
    this.#used.delete(name);
  }

  async #load(): Promise<void> {
    for (const [name, sizeBytes] of await this.#measure()) this.#used.set(name, sizeBytes);
  }
}
