import { shown } from "./shown.ts";

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

/** One field of a request or of a configuration that was refused, and why. */
export interface FieldViolation {
  /** The option's name, such as `batchSize`. */
  readonly field: string;
  /** Half a sentence that goes on after the name, such as "must be from 1 to 512, not 0". */
  readonly description: string;
}

/**
 * An error that a caller is expected to catch, or a person to read: its message is one sentence that
 * names the thing, the value and the way out. What is a programmer's mistake throws TypeError or
 * RangeError instead.
 */
export class TinctError extends Error {
  override readonly name = "TinctError";
  readonly code: ErrorCode;
  /**
   * Every refused field of an `invalid_argument`, and of a `failed_precondition` that is about fields;
   * empty for other errors.
   */
  readonly violations: readonly FieldViolation[];
  /**
   * When to try again, in milliseconds; Infinity: the same will not work later; undefined where the
   * code alone says it.
   */
  readonly retryDelayMs: number | undefined;
  /** Why, for programs, such as "QUEUE_FULL": ErrorInfo.reason; undefined where the code says it all. */
  readonly kind: string | undefined;
  /** Whether the log has what led here already, under the reference that the message names. */
  readonly isLogged: boolean;

  /**
   * @param code what kind of failure this is.
   * @param message one sentence: what was wrong, with the value, and what to do. Control characters
   *   of the names in it are escaped, see `shown`.
   * @param options `cause`: the error that led here; it is logged, never shown to a client.
   *   `violations`: the fields that were refused, all of them. `retryDelayMs`: when to try again.
   *   `kind`: why, for programs, in capitals.
   *   `isLogged`: the log has the cause already.
   */
  constructor(
    code: ErrorCode,
    message: string,
    options: {
      cause?: unknown;
      violations?: readonly FieldViolation[];
      retryDelayMs?: number | undefined;
      kind?: string | undefined;
      isLogged?: boolean;
    } = {},
  ) {
    super(shown(message), "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.violations = options.violations ?? [];
    this.retryDelayMs = options.retryDelayMs;
    this.kind = options.kind;
    this.isLogged = options.isLogged ?? false;
  }
}

/** The same error in other words. @param words of its message, and of each description of a field. */
export function reworded(error: TinctError, words: (text: string) => string): TinctError {
  const { code, message, retryDelayMs, kind, isLogged } = error;
  const violations = error.violations.map(({ field, description }) => ({
    field,
    description: words(description),
  }));
  const options = { violations, retryDelayMs, kind, isLogged, cause: error };
  return new TinctError(code, words(message), options);
}

/** The message of anything that was thrown: an Error's own, or the value as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Anything that was thrown, for a log: with its stack and causes where it has some. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\nCaused by: ${describeError(error.cause)}`;
}
