import { join } from "node:path";
import { decodeSquare } from "../images/decode.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { isGray } from "../images/gray.ts";
import { inOrder } from "../images/in_order.ts";
import type { OtherFormats } from "../images/other_formats.ts";
import { PhotoError } from "../images/photo_error.ts";
import type { PhotoLimits } from "../images/photo_limits.ts";
import { placeIn } from "./prepare_photo.ts";
import { readPhotoFile, stampOf } from "../images/photo_file.ts";
import { listPhotos, type Unreadable } from "../images/photo_folder.ts";
import type { UsablePhotos } from "./photo_findings.ts";
import { sha256Of } from "./photo_hashes.ts";
import { type PrepareProgress, ProgressReporter } from "./prepare_progress.ts";
import { FOLDER_WORK_BYTES, Workroom } from "../images/workroom.ts";

/** How photos are looked at. */
interface SurveyOptions {
  /** The training size in pixels: gray is judged, and fingerprints are taken, as for training. */
  readonly size: number;
  /** Photos decoded at the same time; each may take a few hundred MB. */
  readonly concurrency: number;
  /** What photos may be; 50 million pixels and 20,000 a side when left out. */
  readonly limits?: PhotoLimits | undefined;
  /** As for `listPhotos`. */
  readonly stayWithin?: boolean | undefined;
  /** As for `listPhotos`. */
  readonly shownAs?: string | undefined;
  /** Looks no further once this says so of the ids of those that can be trained on, as each comes. */
  readonly isEnough?: ((id: string) => boolean) | undefined;
  /** Cancels with its reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PrepareProgress) => void) | undefined;
}

/** What the photos of a folder are. */
export interface PhotoSurvey {
  /** Photos found by name; where some of them were enough, those that were looked at. */
  readonly listed: number;
  /** Size of all of them, in bytes; 0 for one whose size cannot be had. */
  readonly sizeBytes: number;
  /** Photos and folders that cannot be read, with the reason to be read on after the name. */
  readonly unreadable: readonly Unreadable[];
  /** Pictures of formats that are not read. */
  readonly others: OtherFormats;
  /** Names of the gray ones. */
  readonly gray: readonly string[];
  /** The shortest and the longest side of any photo that can be decoded, in pixels; 0: there is none. */
  readonly minSide: number;
  readonly maxSide: number;
  /** Those that would be trained on. */
  readonly usable: UsablePhotos & {
    /** SHA-256 of their files, by which they are split. */
    readonly ids: readonly string[];
  };
}

/**
 * Looks at every photo of a folder tree as preparing would, and writes nothing. There may be none. Memory does not grow
 * with the number of photos, apart from some 200 bytes for each.
 *
 * @throws {TinctError} what listPhotos throws; the signal's reason.
 */
export async function surveyPhotos(
  folder: string,
  { size, concurrency, limits, stayWithin, shownAs, isEnough, signal, onProgress }: SurveyOptions,
): Promise<PhotoSurvey> {
  const listing = await listPhotos(folder, { signal, stayWithin, shownAs, mayBeEmpty: true });
  const progress = new ProgressReporter(listing.names.length, onProgress);
  const unreadable = [...listing.unreadable];
  const gray: string[] = [];
  const names: string[] = [], ids: string[] = [];
  const fingerprints: Uint8Array[] = [];
  const shortSides: number[] = [];
  let sizeBytes = 0, minSide = Infinity, maxSide = 0;
  const room = new Workroom({ memoryBytes: FOLDER_WORK_BYTES });
  const looks = inOrder(
    listing.names.length,
    (index) => {
      const name = listing.names[index]!;
      return look(join(listing.folder, name), name, size, { room, limits, signal });
    },
    { concurrency, ahead: 4 * concurrency, signal },
  );
  let at = 0;
  let isDone = false;
  for await (const photo of looks) {
    const name = listing.names[at++]!;
    sizeBytes += photo.sizeBytes;
    if ("reason" in photo) unreadable.push({ name, reason: photo.reason });
    else {
      minSide = Math.min(minSide, photo.width, photo.height);
      maxSide = Math.max(maxSide, photo.width, photo.height);
      if (photo.fingerprint === undefined) gray.push(name);
      else {
        names.push(name);
        ids.push(photo.sha256);
        isDone = isEnough?.(photo.sha256) ?? false;
        fingerprints.push(photo.fingerprint);
        shortSides.push(Math.min(photo.width, photo.height));
      }
    }
    progress.advance();
    if (isDone) break;
  }
  return {
    listed: at,
    sizeBytes,
    unreadable,
    others: listing.others,
    gray,
    minSide: Number.isFinite(minSide) ? minSide : 0,
    maxSide,
    usable: { names, ids, fingerprints, shortSides },
  };
}

type Look =
  | { readonly sizeBytes: number; readonly reason: string }
  | {
    readonly sizeBytes: number;
    readonly sha256: string;
    readonly width: number;
    readonly height: number;
    /** Undefined: it is gray. */
    readonly fingerprint: Uint8Array | undefined;
  };

async function look(
  path: string,
  name: string,
  size: number,
  { room, limits, signal }: {
    readonly room: Workroom;
    readonly limits: PhotoLimits | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Look> {
  using place = placeIn(room, limits);
  try {
    const { bytes } = await readPhotoFile(path, name);
    const sizeBytes = bytes.length;
    const { rgb, width, height } = await decodeSquare(bytes, size, {
      ...limits,
      name,
      signal,
      place,
    });
    const fingerprint = isGray(rgb) ? undefined : fingerprintOf(rgb, size);
    return { sizeBytes, sha256: sha256Of(bytes), width, height, fingerprint };
  } catch (error) {
    if (!(error instanceof PhotoError)) throw error;
    const stamp = await stampOf(path).catch(() => undefined);
    return { sizeBytes: stamp?.sizeBytes ?? 0, reason: error.reason };
  }
}
