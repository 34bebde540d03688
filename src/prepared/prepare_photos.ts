import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { readdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { TinctError } from "../errors.ts";
import { counted, countedWith } from "../words.ts";
import { inOrder } from "../images/in_order.ts";
import { listPhotos, type PhotoListing, type Unreadable } from "../images/photo_folder.ts";
import { describeOthers } from "../images/other_formats.ts";
import { PhotoHashes, sha256Of } from "./photo_hashes.ts";
import type { PhotoLimits } from "../images/photo_limits.ts";
import { hashOf, preparePhoto } from "./prepare_photo.ts";
import { type PrepareProgress, ProgressReporter } from "./prepare_progress.ts";
import { bytesPerPicture, openPrepared, type PreparedSet } from "./prepared_set.ts";
import { cacheError, PreparedWriter } from "./prepared_writer.ts";
import type { SquashFilter } from "../images/squash.ts";
import { FOLDER_WORK_BYTES, Workroom } from "../images/workroom.ts";

/** Goes up whenever the same photo would give other pixels, or be judged gray otherwise. */
const ALGORITHM = 1;

/**
 * Goes up whenever a photo that was refused may be read. What was prepared without some photos by an
 * older reader is then prepared anew; `tests/images/decode_errors_test.ts` has photos that are refused.
 */
export const READER = 1;

/** How much a photo adds to the manifest and to the known hashes, about: its name twice, two hashes, a fingerprint. */
const MANIFEST_BYTES_PER_PHOTO = 400;

/** How a folder of photos is prepared. */
export interface PreparePhotosOptions {
  /** Pixels along a side, 1 to 4096: photos are squashed to size x size. */
  readonly size: number;
  /** How they are squashed; "triangle", as for training, when left out. */
  readonly filter?: SquashFilter | undefined;
  /** Where the prepared files go; made if need be. */
  readonly cacheFolder: string;
  /** What photos may be; 50 million pixels and 20,000 a side when left out. */
  readonly limits?: PhotoLimits | undefined;
  /** Photos read and decoded at the same time; four more than there are cores when left out. */
  readonly concurrency?: number | undefined;
  /** Cancels with its reason; nothing is left behind. */
  readonly signal?: AbortSignal | undefined;
  /** As for `listPhotos`; false when left out. */
  readonly stayWithin?: boolean | undefined;
  /** As for `listPhotos`. */
  readonly shownAs?: string | undefined;
  /** Called about ten times a second while photos are decoded; not when all is reused. */
  readonly onProgress?: ((progress: PrepareProgress) => void) | undefined;
  /** Is told, in a sentence, how many pictures are left out for their format. */
  readonly onLeftOut?: ((sentence: string) => void) | undefined;
}

/**
 * Decodes a folder tree of photos once, into one file of pixels for training. Photos that cannot be
 * read are skipped, gray ones left out, and both are named in the set's report.
 *
 * The next run uses the file again, as long as the photos' names and contents, the size and the
 * algorithm are the same, and, where photos could not be read, the reader and its limits; whether a photo's content is the same is told from the file's size and
 * times, and by reading it when they have changed. What was prepared from an older state of the same
 * folder at the same size is removed. Memory does not grow with the number of photos, apart from
 * their names.
 *
 * @returns the set, open; the caller's to dispose of.
 * @throws {TinctError} what listPhotos throws; invalid_argument when no photo is usable;
 *   resource_exhausted when the disk has no room; permission_denied.
 * @throws {RangeError} for a size or concurrency out of range.
 */
export async function preparePhotos(
  folder: string,
  {
    size,
    filter = "triangle",
    cacheFolder,
    limits,
    concurrency = availableParallelism() + 4,
    signal,
    stayWithin,
    shownAs,
    onProgress,
    onLeftOut,
  }: PreparePhotosOptions,
): Promise<PreparedSet> {
  if (!Number.isInteger(size) || size < 1 || size > 4096) {
    throw new RangeError(`size is 1 to 4096 pixels, not ${size}.`);
  }
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`concurrency is a whole number from 1, not ${concurrency}.`);
  }
  const listing = await listPhotos(folder, { signal, stayWithin, shownAs });
  const leftOut = describeOthers(listing.others);
  if (leftOut !== undefined) onLeftOut?.(leftOut);
  const folderId = sha256Of(listing.folder).slice(0, 12);
  const hashes = await loadHashes(cacheFolder, folderId);
  const job: Job = {
    listing,
    shownAs: shownAs ?? listing.folder,
    size,
    filter,
    limits,
    cacheFolder,
    hashes,
    series: `photos-${folderId}-${size}${filter === "triangle" ? "" : filter}-`,
    pool: { concurrency, ahead: concurrency * 4, signal },
    signal,
  };
  const set = (await reuse(job)) ?? (await prepare(job, onProgress));
  try {
    await saveHashes(job);
    await removeOlder(cacheFolder, job.series, baseName(job, set.key));
    return set;
  } catch (error) {
    await set[Symbol.asyncDispose]();
    throw error;
  }
}

interface Job {
  readonly listing: PhotoListing;
  readonly shownAs: string;
  readonly size: number;
  readonly filter: SquashFilter;
  readonly limits: PhotoLimits | undefined;
  readonly cacheFolder: string;
  readonly hashes: PhotoHashes;
  /** How the names of all prepared files of this folder and size begin. */
  readonly series: string;
  readonly pool: { concurrency: number; ahead: number; signal: AbortSignal | undefined };
  readonly signal: AbortSignal | undefined;
}

function baseName({ series }: Job, key: string): string {
  return series + key.slice(0, 16);
}

/** Opens what an earlier run has prepared, if it is of the same photos. */
async function reuse(job: Job): Promise<PreparedSet | undefined> {
  const { listing: { folder, names }, hashes, cacheFolder, limits } = job;
  // A folder never seen is read once, while it is prepared, not twice.
  if (hashes.isNew) return undefined;
  const key = keyOf(job);
  let at = 0;
  for await (
    const sha256 of inOrder(
      names.length,
      (index) => hashOf({ path: join(folder, names[index]!), name: names[index]!, hashes }),
      job.pool,
    )
  ) key.add(names[at++]!, sha256);
  const whole = key.digest();
  const set = await openPrepared(cacheFolder, baseName(job, whole), whole);
  if (set && !lacksPhotos(set, names)) return set;
  // Versions before READER gave sets this key that lack photos.
  await set?.[Symbol.asyncDispose]();
  for (const circumstances of [{}, limits ?? {}]) {
    const other = key.digest(circumstances);
    const found = await openPrepared(cacheFolder, baseName(job, other), other);
    if (found) return found;
  }
  return undefined;
}

/** Whether a set was made without photos that could not be read. Folders that cannot be listed hold none. */
function lacksPhotos({ report: { unreadable } }: PreparedSet, names: readonly string[]): boolean {
  if (unreadable.length === 0) return false;
  const listed = new Set(names);
  return unreadable.some(({ name }) => listed.has(name));
}

async function prepare(
  job: Job,
  onProgress: PreparePhotosOptions["onProgress"],
): Promise<PreparedSet> {
  const { listing: { folder, names: listed, unreadable: folders }, size, limits, hashes, signal } =
    job;
  const room = new Workroom({ memoryBytes: FOLDER_WORK_BYTES });
  await using writer = await PreparedWriter.create(
    job.cacheFolder,
    listed.length * (bytesPerPicture(size) + MANIFEST_BYTES_PER_PHOTO),
  );
  const key = keyOf(job);
  const names: string[] = [];
  const ids: string[] = [];
  const fingerprints: string[] = [];
  const shortSides: number[] = [];
  const gray: string[] = [];
  const unreadable: Unreadable[] = [...folders];
  const progress = new ProgressReporter(listed.length, onProgress);
  let lacks = false, isLimited = false;
  let at = 0;
  for await (
    const photo of inOrder(
      listed.length,
      (index) => {
        const name = listed[index]!;
        const photo = { path: join(folder, name), name, hashes };
        return preparePhoto(photo, size, { room, limits, filter: job.filter, signal });
      },
      job.pool,
    )
  ) {
    const name = listed[at++]!;
    key.add(name, photo.sha256);
    if ("reason" in photo) {
      unreadable.push({ name, reason: photo.reason });
      lacks = true;
      isLimited ||= photo.isLimited ?? false;
    } else if (photo.photo === undefined) {
      gray.push(name);
    } else {
      const { pixels, fingerprint, width, height } = photo.photo;
      await writer.append(pixels);
      fingerprints.push(Buffer.from(fingerprint).toString("base64"));
      shortSides.push(Math.min(width, height));
      names.push(name);
      ids.push(photo.sha256);
    }
    progress.advance();
  }
  if (names.length === 0) throw nothingUsable(job, unreadable, gray);
  signal?.throwIfAborted();
  const digest = lacks ? key.digest(isLimited ? limits ?? {} : {}) : key.digest();
  return await writer.publish(baseName(job, digest), {
    key: digest,
    size,
    names,
    ids,
    listed: listed.length,
    unreadable,
    gray,
    algorithm: ALGORITHM,
    looks: { fingerprints, shortSides },
  });
}

/** The key of a set, fed with the photos in their order. */
function keyOf({ size, filter }: Pick<Job, "size" | "filter">): {
  add(name: string, sha256: string): void;
  /**
   * @param lacking given where photos could not be read: another reader may read them. With the limits
   *   that some were left out for: others would leave out others.
   */
  digest(lacking?: Partial<PhotoLimits>): string;
} {
  const hash = createHash("sha256").update(
    JSON.stringify({ algorithm: ALGORITHM, size, ...(filter === "triangle" ? {} : { filter }) }),
  );
  return {
    add: (name, sha256) => void hash.update(JSON.stringify([name, sha256])),
    digest: (lacking) => {
      const all = hash.copy();
      if (lacking !== undefined) {
        const { maxPixels, maxSide, decodeMs } = lacking;
        all.update(JSON.stringify({ reader: READER, maxPixels, maxSide, decodeMs }));
      }
      return all.digest("hex");
    },
  };
}

function nothingUsable(
  { shownAs, listing: { names } }: Job,
  unreadable: readonly Unreadable[],
  gray: readonly string[],
): TinctError {
  const [first] = unreadable;
  if (first === undefined) {
    return new TinctError(
      "invalid_argument",
      `${names.length === 1 ? "The only photo" : `All ${counted(names.length, "photo")}`} in ` +
        `${shownAs} ${names.length === 1 ? "is" : "are"} gray, and gray photos teach no colors; ` +
        "add photos in color.",
    );
  }
  const others = gray.length > 0
    ? ` and ${countedWith(gray.length, "other", ["is", "are"])} gray`
    : "";
  return new TinctError(
    "invalid_argument",
    `None of the ${counted(names.length, "photo")} in ${shownAs} can be trained on: ` +
      `${unreadable.length} cannot be read${others}; the first of them, ${first.name}, ${first.reason}.`,
  );
}

async function loadHashes(cacheFolder: string, folderId: string): Promise<PhotoHashes> {
  try {
    return await PhotoHashes.load(cacheFolder, folderId);
  } catch (error) {
    throw cacheError(error, cacheFolder, 0);
  }
}

async function saveHashes({ hashes, listing, cacheFolder }: Job): Promise<void> {
  try {
    await hashes.save(listing.names);
  } catch (error) {
    throw cacheError(error, cacheFolder, listing.names.length * MANIFEST_BYTES_PER_PHOTO);
  }
}

/** A prepared file that another process has open stays readable to it until it closes it. */
async function removeOlder(cacheFolder: string, series: string, base: string): Promise<void> {
  for (const name of await readdir(cacheFolder)) {
    if (!name.startsWith(series) || name.startsWith(`${base}.`)) continue;
    await rm(join(cacheFolder, name), { force: true });
  }
}
