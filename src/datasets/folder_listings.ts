import { join } from "node:path";
import { Turnstile } from "../fleet/turnstile.ts";
import { type FolderListing, folderStamp, listFolder } from "./list_folder.ts";
import { SharedWork } from "./shared_work.ts";

/** How much is kept, and for how long. */
interface FolderListingsOptions {
  /** Most memory that listings take which are kept for later calls, in bytes. */
  readonly maxKeptBytes?: number;
  /**
   * After which time a listing is made anew, though no folder has changed: a file whose content alone
   * was changed has another size.
   */
  readonly maxAgeMs?: number;
}

/** A listing, and when it was begun. */
interface Kept {
  readonly listing: FolderListing;
  readonly sinceMs: number;
}

/** What a folder comes to; see `FolderListing`. */
export interface FolderSummary {
  readonly files: number;
  readonly sizeBytes: number;
}

/** A summary, and what it holds for. */
interface KeptSummary extends FolderSummary {
  readonly folders: FolderListing["folders"];
  readonly sinceMs: number;
}

/** One look at a folder. */
interface Look {
  /** Which of all looks and calls, counted up. */
  readonly number: number;
  readonly work: SharedWork<FolderListing>;
}

/** Folders read at a time. */
const WALKS = 2;

/** Summaries that are kept, and the most folders that one may have below it. */
const MAX_SUMMARIES = 1000, MAX_SUMMARY_FOLDERS = 1000;

/**
 * Lists folders for all calls: a folder is read once for those that ask at the time, kept until it
 * changes, and read no further when nobody waits. A call never gets what was read before it began,
 * unless nothing has changed since.
 */
export class FolderListings {
  readonly #maxKeptBytes: number;
  readonly #maxAgeMs: number;
  /** The one that was asked for last is at the end. */
  readonly #kept = new Map<string, Kept>();
  readonly #summaries = new Map<string, KeptSummary>();
  readonly #looks = new Map<string, Look>();
  readonly #turns = new Turnstile(WALKS, { what: "folders that are listed", most: 1000 });
  #count = 0;

  constructor({ maxKeptBytes = 64 * 2 ** 20, maxAgeMs = 30_000 }: FolderListingsOptions = {}) {
    this.#maxKeptBytes = maxKeptBytes;
    this.#maxAgeMs = maxAgeMs;
  }

  /**
   * The files of a folder.
   *
   * @param folder absolute; one that is not there has no files.
   * @throws the signal's reason, at once; {TinctError} resource_exhausted where too many calls wait.
   */
  async list(folder: string, signal: AbortSignal): Promise<FolderListing> {
    const number = ++this.#count;
    for (;;) {
      const found = this.#looks.get(folder);
      const look = found && !found.work.hasFailed ? found : this.#begin(folder);
      try {
        const listing = await look.work.join(signal);
        if (look.number > number) return listing;
      } catch (error) {
        if (look.number > number || signal.aborted) throw error;
      }
      // It began before this call did, and may have missed what was there by then: once more.
    }
  }

  /** What a folder comes to; kept for more folders than there is memory for whole listings. */
  async summary(folder: string, signal: AbortSignal): Promise<FolderSummary> {
    const kept = this.#summaries.get(folder);
    if (kept && await this.#holds(folder, kept)) return kept;
    const { names, sizeBytes } = await this.list(folder, signal);
    return { files: names.length, sizeBytes };
  }

  #begin(folder: string): Look {
    const look = {
      number: ++this.#count,
      work: new SharedWork((signal) => this.#look(folder, signal)),
    };
    this.#looks.set(folder, look);
    void look.work.ended.then(() => {
      if (this.#looks.get(folder) === look) this.#looks.delete(folder);
    });
    return look;
  }

  async #look(folder: string, signal: AbortSignal): Promise<FolderListing> {
    const kept = this.#kept.get(folder);
    this.#kept.delete(folder);
    if (kept && await this.#holds(folder, { ...kept.listing, sinceMs: kept.sinceMs })) {
      this.#kept.set(folder, kept);
      return kept.listing;
    }
    using _turn = await this.#turns.enter(signal);
    const sinceMs = performance.now();
    const listing = await listFolder(folder, signal);
    if (listing.isSettled) this.#keep(folder, { listing, sinceMs });
    return listing;
  }

  /** Whether what was read is what is there. */
  async #holds(
    folder: string,
    { folders, sinceMs }: Pick<KeptSummary, "folders" | "sinceMs">,
  ): Promise<boolean> {
    if (performance.now() - sinceMs >= this.#maxAgeMs) return false;
    for (const [name, stamp] of folders) {
      if (await folderStamp(join(folder, name)) !== stamp) return false;
    }
    return true;
  }

  #keep(folder: string, kept: Kept): void {
    const { names, sizeBytes, folders } = kept.listing;
    this.#summaries.delete(folder);
    if (folders.size <= MAX_SUMMARY_FOLDERS) {
      this.#summaries.set(folder, {
        files: names.length,
        sizeBytes,
        folders,
        sinceMs: kept.sinceMs,
      });
    }
    for (const oldest of this.#summaries.keys()) {
      if (this.#summaries.size <= MAX_SUMMARIES) break;
      this.#summaries.delete(oldest);
    }
    this.#kept.set(folder, kept);
    let bytes = 0;
    for (const { listing } of this.#kept.values()) bytes += sizeOf(listing);
    for (const [oldest, { listing }] of this.#kept) {
      if (bytes <= this.#maxKeptBytes) return;
      this.#kept.delete(oldest);
      bytes -= sizeOf(listing);
    }
  }
}

/** About how much memory a listing takes, in bytes: a string takes 16 and its characters. */
function sizeOf({ names, folders }: FolderListing): number {
  let bytes = 1000;
  for (const name of names) bytes += 32 + 2 * name.length;
  for (const name of folders.keys()) bytes += 150 + 2 * name.length;
  return bytes;
}
