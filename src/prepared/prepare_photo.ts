import { decodeSquare } from "../images/decode.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { isGray } from "../images/gray.ts";
import { decodedBytes, squareBytes } from "../images/photo_cost.ts";
import { PhotoError, PhotoLimitError } from "../images/photo_error.ts";
import { readPhotoFile, stampOf } from "../images/photo_file.ts";
import { type PhotoHashes, sha256Of } from "./photo_hashes.ts";
import type { PhotoLimits } from "../images/photo_limits.ts";
import type { SquashFilter } from "../images/squash.ts";
import type { Place, Workroom } from "../images/workroom.ts";

/** Stands for the hash of a file that could not be read. */
const UNREAD = "unread";

/** A photo's pixels, and what is known of it besides. */
interface LookedAt {
  /** [size, size, 3] */
  readonly pixels: Uint8Array;
  /** See fingerprintOf. */
  readonly fingerprint: Uint8Array;
  /** Its own size in pixels, as stored. */
  readonly width: number;
  readonly height: number;
}

/** What became of one photo: a photo, none because it is gray, or why it cannot be read. */
type PreparedPhoto =
  | { readonly sha256: string; readonly photo: LookedAt | undefined }
  | {
    readonly sha256: string;
    readonly reason: string;
    /** Whether it was refused for a limit. */
    readonly isLimited?: boolean;
  };

/** One photo of a folder. */
interface PhotoToPrepare {
  readonly path: string;
  /** Its name in the folder, for reasons and hashes. */
  readonly name: string;
  /** The folder's; what is read is added. */
  readonly hashes: PhotoHashes;
}

/**
 * Reads a photo and decodes it to size x size.
 *
 * @throws the signal's reason, and what is not the photo's fault; a bad photo has a reason instead.
 */
export async function preparePhoto(
  photo: PhotoToPrepare,
  size: number,
  { room, limits, filter = "triangle", signal }: {
    readonly room: Workroom;
    readonly limits: PhotoLimits | undefined;
    readonly filter?: SquashFilter | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<PreparedPhoto> {
  signal?.throwIfAborted();
  const { sha256, bytes, reason } = await readAndHash(photo);
  if (bytes === undefined) return { sha256, reason };
  using place = placeIn(room, limits, filter === "triangle" ? squareBytes : decodedBytes);
  try {
    const { rgb: pixels, width, height } = await decodeSquare(bytes, size, {
      ...limits,
      filter,
      name: photo.name,
      signal,
      place,
    });
    if (isGray(pixels)) return { sha256, photo: undefined };
    return { sha256, photo: { pixels, fingerprint: fingerprintOf(pixels, size), width, height } };
  } catch (error) {
    if (!(error instanceof PhotoError)) throw error;
    const { reason } = error;
    return { sha256, reason, isLimited: error instanceof PhotoLimitError };
  }
}

/** A place for a photo that only a small square is wanted of. */
export function placeIn(
  room: Workroom,
  limits: PhotoLimits | undefined,
  bytesOf = squareBytes,
): Place {
  return room.place({ bytesOf, decodeMs: limits?.decodeMs ?? Infinity });
}

/** The SHA-256 of a photo's file, from memory if its size and times are as they were. */
export async function hashOf(photo: PhotoToPrepare): Promise<string> {
  return (await knownHashOf(photo)) ?? (await readAndHash(photo)).sha256;
}

async function knownHashOf({ path, name, hashes }: PhotoToPrepare): Promise<string | undefined> {
  try {
    return hashes.find(name, await stampOf(path));
  } catch {
    // Reading it will fail too, and say why.
    return undefined;
  }
}

type ReadPhoto =
  | { readonly sha256: string; readonly bytes: Uint8Array; readonly reason?: undefined }
  | { readonly sha256: string; readonly bytes?: undefined; readonly reason: string };

async function readAndHash({ path, name, hashes }: PhotoToPrepare): Promise<ReadPhoto> {
  const readAtMs = Date.now();
  try {
    const { bytes, stamp } = await readPhotoFile(path, name);
    const sha256 = sha256Of(bytes);
    hashes.set(name, stamp, sha256, readAtMs);
    return { sha256, bytes };
  } catch (error) {
    if (error instanceof PhotoError) return { sha256: UNREAD, reason: error.reason };
    throw error;
  }
}
