import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileStamp } from "../images/photo_file.ts";
import { replaceFile } from "./prepared_writer.ts";
import { systemErrorName } from "../files/file_errors.ts";

type Entries = Map<string, readonly [FileStamp, string]>;

const FORMAT = "tinct photo hashes 1";

/**
 * A file changed within this time before it was read might change again without its times showing
 * it: the coarsest clock of a file system in use (FAT) ticks every two seconds.
 */
const CLOCK_TICK_MS = 2000;

/**
 * The SHA-256 of a folder's photos as of when they were last read, so that a later run can tell that
 * nothing has changed from the files' sizes and times alone. It lies in the cache folder as JSON;
 * when it is missing or damaged, everything is read again.
 */
export class PhotoHashes {
  readonly #path: string;
  readonly #entries: Entries;
  #isNew: boolean;
  #isChanged = false;

  private constructor(path: string, entries: Entries | undefined) {
    this.#path = path;
    this.#entries = entries ?? new Map();
    this.#isNew = entries === undefined;
  }

  /**
   * @param folderId what tells the photo folder apart from others.
   */
  static async load(cacheFolder: string, folderId: string): Promise<PhotoHashes> {
    const path = join(cacheFolder, `hashes-${folderId}.json`);
    return new PhotoHashes(path, parseEntries(await readIfThere(path)));
  }

  /** Whether nothing has ever been written down of this folder, or it is damaged. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** The file's SHA-256 if it is known and the file has not changed since. */
  find(name: string, stamp: FileStamp): string | undefined {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    const [known, sha256] = entry;
    const isSame = known.sizeBytes === stamp.sizeBytes &&
      known.modifiedMs === stamp.modifiedMs && known.changedMs === stamp.changedMs;
    return isSame ? sha256 : undefined;
  }

  /**
   * Remembers what was read.
   *
   * @param stamp of the file before it was read.
   * @param readAtMs when the reading began.
   */
  set(name: string, stamp: FileStamp, sha256: string, readAtMs: number): void {
    if (this.find(name, stamp) === sha256) return;
    const changedMs = Math.max(stamp.modifiedMs, stamp.changedMs);
    if (changedMs > readAtMs - CLOCK_TICK_MS) this.#entries.delete(name);
    else this.#entries.set(name, [stamp, sha256]);
    this.#isChanged = true;
  }

  /** Writes them down, if anything is new, for the files that are still there. */
  async save(names: readonly string[]): Promise<void> {
    const files = names.flatMap((name) => {
      const entry = this.#entries.get(name);
      if (!entry) return [];
      const [{ sizeBytes, modifiedMs, changedMs }, sha256] = entry;
      return [[name, sizeBytes, modifiedMs, changedMs, sha256]];
    });
    if (!this.#isNew && !this.#isChanged && files.length === this.#entries.size) return;
    await replaceFile(this.#path, JSON.stringify({ format: FORMAT, files }));
    this.#isNew = false;
    this.#isChanged = false;
  }
}

/** SHA-256 as 64 hexadecimal digits. */
export function sha256Of(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemErrorName(error) === "ENOENT") return "";
    throw error;
  }
}

function parseEntries(text: string): Entries | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Missing or damaged: it is only a memory of what can be read again.
    return undefined;
  }
  if (typeof json !== "object" || json === null) return undefined;
  if (!("format" in json) || json.format !== FORMAT) return undefined;
  if (!("files" in json) || !Array.isArray(json.files)) return undefined;
  const entries: Entries = new Map();
  for (const file of json.files as unknown[]) {
    if (!Array.isArray(file)) return undefined;
    const [name, sizeBytes, modifiedMs, changedMs, sha256] = file as unknown[];
    if (
      typeof name !== "string" || typeof sizeBytes !== "number" ||
      typeof modifiedMs !== "number" || typeof changedMs !== "number" ||
      typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)
    ) {
      return undefined;
    }
    entries.set(name, [{ sizeBytes, modifiedMs, changedMs }, sha256]);
  }
  return entries;
}
