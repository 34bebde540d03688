import { constants } from "node:os";
import { freeBytes } from "./free_bytes.ts";
import { messageOf, TinctError } from "../errors.ts";
import { formatBytes } from "../words.ts";

/**
 * The name of a system error, such as ENOSPC, or "" for anything else that was thrown. The runtime
 * leaves it out of some (EFBIG and EDQUOT of a file handle's write) and then has only the number, in
 * the message; what its permissions forbid counts as EACCES.
 */
export function systemErrorName(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if (error.name === "NotCapable") return "EACCES";
  if ("code" in error && typeof error.code === "string") return error.code;
  const number = Number(/\(os error (\d+)\)/.exec(error.message)?.[1]);
  return Object.entries(constants.errno).find(([, value]) => value === number)?.[0] ?? "";
}

/** What a system error says, without the call and the path: a client is told the reason alone. */
export function systemReason(error: unknown): string {
  return messageOf(error).replace(/[,:] [a-z]+ '[^]*$/, "");
}

/** Whether an error says that a disk or a quota is full, or a file as large as it may be. */
export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EFBIG"].includes(systemErrorName(error));
}

/**
 * What a client reads whose upload met a full disk; other errors as they are.
 *
 * @param then what it does once there is room, as the end of a sentence.
 */
export function uploadError(error: unknown, then = "go on with the upload"): unknown {
  if (!isDiskFull(error)) return error;
  return new TinctError(
    "resource_exhausted",
    `The server's disk is full; make room and ${then}.`,
    { kind: "DISK_FULL", cause: error },
  );
}

/**
 * Awaits one file operation of writing; a system error becomes a sentence about the path.
 * A full disk is passed on as it is: the code that removes the partial file describes it with diskFull.
 *
 * @throws {TinctError} not_found, permission_denied, failed_precondition.
 */
export async function writing<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    if (isDiskFull(error)) throw error;
    throw describe("write", path, error);
  }
}

/**
 * Awaits one file operation of reading; a system error becomes a sentence about the path.
 *
 * @throws {TinctError} not_found, permission_denied, data_loss (a symbolic link that was not to be
 *   followed, a device that fails to read), failed_precondition.
 */
export async function reading<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw describe("read", path, error);
  }
}

/** As `reading`, of an error that is there already. */
export function readingError(path: string, error: unknown): unknown {
  return describe("read", path, error);
}

/** Why a folder or file cannot be made, for the person who named its path. */
export function makingReason(error: unknown): string {
  return ["EEXIST", "ENOTDIR"].includes(systemErrorName(error))
    ? "a file is in its place, or in that of a folder above it"
    : messageOf(error);
}

function describe(verb: "read" | "write", path: string, error: unknown): unknown {
  const name = systemErrorName(error);
  if (!name.startsWith("E") || error instanceof TinctError) return error;
  const cause = { cause: error };
  switch (name) {
    case "ENOENT":
      return verb === "read"
        ? new TinctError("not_found", `${path} does not exist.`, cause)
        : new TinctError("not_found", `Cannot write ${path}: its folder does not exist.`, cause);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new TinctError(
        "permission_denied",
        `No permission to ${verb} ${path}: ${messageOf(error)}.`,
        cause,
      );
    case "EISDIR":
      return new TinctError(
        "failed_precondition",
        verb === "read"
          ? `${path} is a folder; give a file.`
          : `Cannot write ${path}: a folder is in its place; give another path.`,
        cause,
      );
    case "EEXIST":
    case "ENOTDIR":
      return new TinctError(
        "failed_precondition",
        verb === "read"
          ? `Cannot read ${path}: what is above it is a file, not a folder.`
          : `Cannot write ${path}: ${makingReason(error)}; give another path.`,
        cause,
      );
    case "ELOOP":
      return new TinctError(
        "data_loss",
        `${path} is a symbolic link where a file or folder of its own is expected; put the real one there.`,
        cause,
      );
    case "EIO":
      return new TinctError(
        "data_loss",
        `The disk fails to ${verb} ${path}: ${messageOf(error)}.`,
        cause,
      );
    default:
      return new TinctError(
        "failed_precondition",
        `Cannot ${verb} ${path}: ${messageOf(error)}.`,
        cause,
      );
  }
}

/**
 * The error of a full disk, told after what was half written has been removed.
 *
 * @param path what was to be written.
 * @param folder an existing folder on the same disk.
 * @returns resource_exhausted, naming the path and the space that is free now.
 */
export async function diskFull(path: string, folder: string, cause: unknown): Promise<TinctError> {
  const { what, wayOut } = fullness(cause);
  let free = "";
  try {
    if (systemErrorName(cause) !== "EFBIG") {
      free = ` (${
        formatBytes(await freeBytes(folder))
      } free, now that the unfinished part is removed)`;
    }
  } catch {
    // A worker may lack the permission to ask (--allow-sys=statfs); the sentence stands without it.
  }
  return new TinctError(
    "resource_exhausted",
    `${what}: ${path} could not be written${free}; ${wayOut} or choose another disk.`,
    { cause },
  );
}

/** What is full, by the error that says so, and what helps. */
export function fullness(cause: unknown): { readonly what: string; readonly wayOut: string } {
  const wayOut = "free some space";
  const name = systemErrorName(cause);
  if (name === "EDQUOT") return { what: "The disk quota is used up", wayOut };
  return name === "EFBIG"
    ? {
      what: "The file would exceed the largest size allowed here",
      wayOut: "raise the limit (`ulimit -f`)",
    }
    : { what: "The disk is full", wayOut };
}
