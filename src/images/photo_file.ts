import { constants, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { PhotoError } from "./photo_error.ts";
import { type PhotoFormat, recognizeFormat, SIGNATURE_BYTES } from "./photo_format.ts";
import { isNotUtf8, NOT_UTF8 } from "./names_not_utf8.ts";
import { systemErrorName, systemReason } from "../files/file_errors.ts";

/**
 * The largest photo file that is read: an uncompressed 16-bit scan of the largest photo allowed
 * (50 million pixels) takes 400 MB.
 */
const MAX_PHOTO_BYTES = 512 * 1024 * 1024;

/** What tells, without reading it, whether a file is still the one that was read. */
export interface FileStamp {
  readonly sizeBytes: number;
  /** Last change of the content, in milliseconds since 1970. */
  readonly modifiedMs: number;
  /** Last change of the content, name or permissions, likewise; it cannot be set back at will. */
  readonly changedMs: number;
}

/** A file's content, and its stamp before it was read. */
interface ReadFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly stamp: FileStamp;
}

/**
 * So much is read before the first bytes are looked at: most photos at one go, and of a film with a
 * photo's extension not too much.
 */
const FIRST_READ_BYTES = 1024 * 1024;

/**
 * Reads a photo's file, after its first bytes have shown that it is one: a film or a disk image
 * that bears a photo's extension costs nothing.
 *
 * @param path the file.
 * @param photo the name for errors; the path when left out.
 * @returns all of its bytes, the caller's own, and its stamp.
 * @throws {PhotoError} not_found, permission_denied, invalid_argument (a folder, empty, too large, no
 *   photo), unavailable (the disk fails). What is not the file's fault, such as too many open files,
 *   is thrown as it came.
 */
export async function readPhotoFile(
  path: string,
  photo: string = path,
): Promise<ReadFile> {
  try {
    await using file = await openPhotoFile(path, photo);
    const { found } = file;
    if (found.size > MAX_PHOTO_BYTES) {
      throw new PhotoError(
        "invalid_argument",
        photo,
        `has ${found.size} bytes, over the limit of ${MAX_PHOTO_BYTES}; save a smaller one`,
      );
    }
    const bytes = new Uint8Array(found.size);
    const firstBytes = Math.min(FIRST_READ_BYTES, found.size);
    await readFully(file.handle, bytes.subarray(0, firstBytes), 0, photo);
    recognizeFormat(bytes, photo);
    await readFully(file.handle, bytes.subarray(firstBytes), firstBytes, photo);
    return { bytes, stamp: stampFrom(found) };
  } catch (error) {
    throw fileError(error, photo);
  }
}

/**
 * Recognizes a photo by its first bytes; no more of it is read.
 *
 * @param path the file.
 * @param photo the name for errors; the path when left out.
 * @throws {PhotoError} as `readPhotoFile` does.
 */
export async function formatOfFile(path: string, photo: string = path): Promise<PhotoFormat> {
  try {
    await using file = await openPhotoFile(path, photo);
    const head = new Uint8Array(Math.min(file.found.size, SIGNATURE_BYTES));
    await readFully(file.handle, head, 0, photo);
    return recognizeFormat(head, photo);
  } catch (error) {
    throw fileError(error, photo);
  }
}

/** The stamp of a file as it is now, links followed. */
export async function stampOf(path: string): Promise<FileStamp> {
  return stampFrom(await stat(path));
}

function stampFrom({ size, mtimeMs, ctimeMs }: Stats): FileStamp {
  return { sizeBytes: size, modifiedMs: mtimeMs, changedMs: ctimeMs };
}

/**
 * Opens a photo's file for reading, links followed. A pipe, a device or a socket, or a link to one, is
 * never opened: to open it could wait for ever, and to read from it has effects elsewhere.
 *
 * @returns the file, which the caller disposes of, and what the system said of it once it was open.
 * @throws {PhotoError} invalid_argument for what is no file. What the system says is thrown as it came.
 */
async function openPhotoFile(
  path: string,
  photo: string = path,
): Promise<{ readonly handle: FileHandle; readonly found: Stats } & AsyncDisposable> {
  requireFile(await stat(path), photo);
  // What it was replaced by in between is opened without waiting, and looked at once more.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await handle.stat();
    requireFile(found, photo);
    return { handle, found, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function requireFile(found: Stats, photo: string): void {
  if (found.isFile()) return;
  const what = found.isDirectory()
    ? "is a folder; give a photo"
    : found.isFIFO()
    ? "is a pipe, or a link to one; give a photo"
    : found.isSocket()
    ? "is a socket, or a link to one; give a photo"
    : "is a device, or a link to one; give a photo";
  throw new PhotoError("invalid_argument", photo, what);
}

async function readFully(
  handle: FileHandle,
  into: Uint8Array,
  position: number,
  photo: string,
): Promise<void> {
  let at = 0;
  while (at < into.length) {
    const { bytesRead } = await handle.read(into, at, into.length - at, position + at);
    if (bytesRead === 0) {
      throw new PhotoError("unavailable", photo, "became shorter while it was read; try again");
    }
    at += bytesRead;
  }
}

function fileError(error: unknown, photo: string): unknown {
  if (error instanceof PhotoError) return error;
  const cause = { cause: error };
  switch (systemErrorName(error)) {
    case "ENOENT":
    case "ENOTDIR":
      if (isNotUtf8(photo)) return new PhotoError("not_found", photo, NOT_UTF8, cause);
      return new PhotoError("not_found", photo, "does not exist; check its path", cause);
    case "EISDIR":
      return new PhotoError("invalid_argument", photo, "is a folder; give a photo", cause);
    case "EACCES":
    case "EPERM":
      return new PhotoError(
        "permission_denied",
        photo,
        "is not readable by this user; change its permissions",
        cause,
      );
    case "ELOOP":
      return new PhotoError("invalid_argument", photo, "is a link to itself; remove it", cause);
    case "EIO":
    case "ESTALE":
      return new PhotoError(
        "unavailable",
        photo,
        `cannot be read from its disk (${systemReason(error)}); check the disk`,
        cause,
      );
    default:
      return error;
  }
}
