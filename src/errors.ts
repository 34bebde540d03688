/**
 * What kind of failure an error is. The names are gRPC's canonical codes in lower case, so that the
 * server maps each to a status without judging again, and the command line to an exit code.
 */
export type ErrorCode =
  | "invalid_argument"
  | "not_found"
  | "already_exists"
  | "permission_denied"
  | "unauthenticated"
  | "failed_precondition"
  | "resource_exhausted"
  | "data_loss"
  | "cancelled"
  | "deadline_exceeded"
  | "unavailable"
  | "unimplemented"
  | "internal";

/**
 * An error that a caller is expected to catch, or a person to read: its message is one sentence that
 * names the thing, the value and the way out. What is a programmer's mistake throws TypeError or
 * RangeError instead.
 */
export class TinctError extends Error {
  override readonly name = "TinctError";
  readonly code: ErrorCode;

  /**
   * @param code what kind of failure this is.
   * @param message one sentence: what was wrong, with the value, and what to do.
   * @param options `cause`: the error that led here; it is logged, never shown to a client.
   */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The message of anything that was thrown: an Error's own, or the value as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
