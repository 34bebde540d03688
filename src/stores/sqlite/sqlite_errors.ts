import { messageOf, TinctError } from "../../errors.ts";

/** SQLite's primary result codes that we tell apart (sqlite.org/rescode.html). */
const BUSY = 5, LOCKED = 6, NOMEM = 7, READONLY = 8, IOERR = 10, CORRUPT = 11, FULL = 13;
const CANTOPEN = 14, CONSTRAINT = 19, NOTADB = 26;
const PERM = 3;

/** IOERR | (19 << 8): the shared memory beside the database could not grow; its disk is full. */
const IOERR_SHMSIZE = 4874;

/**
 * The codes of messages, for failures that the runtime reports without a code: those of `exec` and
 * of opening.
 */
const codesByMessage: readonly (readonly [string, number])[] = [
  ["database or disk is full", FULL],
  ["database is locked", BUSY],
  ["disk I/O error", IOERR],
  ["database disk image is malformed", CORRUPT],
  ["file is not a database", NOTADB],
  ["attempt to write a readonly database", READONLY],
  ["unable to open database file", CANTOPEN],
  ["constraint failed", CONSTRAINT],
];

/**
 * Turns an error of SQLite into one with a sentence; anything else is given back as it is.
 *
 * @param path the database, for the sentence.
 */
export function describeSqliteError(path: string, error: unknown): unknown {
  if (error instanceof TinctError || !(error instanceof Error)) return error;
  const cause = { cause: error };
  if (error.name === "NotCapable") {
    return new TinctError(
      "permission_denied",
      `No permission to open ${path}: ${messageOf(error)}.`,
      cause,
    );
  }
  const code = codeOf(error);
  if (code === undefined) return error;
  if (code === IOERR_SHMSIZE) return full(path, error);
  switch (code & 0xff) {
    case FULL:
      return full(path, error);
    case NOMEM:
      return new TinctError(
        "resource_exhausted",
        `There is no memory left to work on ${path}.`,
        cause,
      );
    case BUSY:
    case LOCKED:
      return new TinctError(
        "unavailable",
        `Another process has locked the database ${path}; try again, or end that process.`,
        cause,
      );
    case IOERR:
      return new TinctError(
        "data_loss",
        `The disk of the database ${path} fails (${error.message}); check the disk, then restart.`,
        cause,
      );
    case CORRUPT:
    case NOTADB:
      return new TinctError(
        "data_loss",
        `${path} is damaged or not a database (${error.message}); restore it from a backup.`,
        cause,
      );
    case PERM:
    case READONLY:
      return new TinctError(
        "permission_denied",
        `No permission to write the database ${path}.`,
        cause,
      );
    case CANTOPEN:
      return new TinctError(
        "failed_precondition",
        `Cannot open the database ${path}: its folder must exist and be writable.`,
        cause,
      );
    default:
      return new TinctError(
        "internal",
        `The database ${path} refused a statement: ${error.message}.`,
        cause,
      );
  }
}

function full(path: string, cause: Error): TinctError {
  return new TinctError(
    "resource_exhausted",
    `The disk is full: nothing was written to ${path}; free some space and try again.`,
    { cause },
  );
}

/** SQLite's extended result code; undefined for errors that are not SQLite's. */
function codeOf(error: Error): number | undefined {
  if (!("code" in error) || error.code !== "ERR_SQLITE_ERROR") return undefined;
  if ("errcode" in error && typeof error.errcode === "number") return error.errcode;
  return codesByMessage.find(([message]) => error.message.includes(message))?.[1] ?? 1;
}
