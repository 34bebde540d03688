import { type ErrorCode, type FieldViolation, messageOf, TinctError } from "../../errors.ts";

/** An error as it travels between threads, where classes are lost. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  /** Of a TinctError. */
  readonly code: ErrorCode | undefined;
  readonly violations: readonly FieldViolation[];
  readonly retryDelayMs: number | undefined;
  readonly kind: string | undefined;
  /** What led to it, with its stack, for the log. */
  readonly cause: string | undefined;
}

/** Packs an error. */
export function packError(error: unknown): SentError {
  const tinct = error instanceof TinctError ? error : undefined;
  const cause = tinct ? tinct.cause : error;
  return {
    name: error instanceof Error ? error.name : "Error",
    message: messageOf(error),
    code: tinct?.code,
    violations: tinct?.violations ?? [],
    retryDelayMs: tinct?.retryDelayMs,
    kind: tinct?.kind,
    cause: cause instanceof Error ? cause.stack ?? cause.message : undefined,
  };
}

/** Unpacks an error: a TinctError, RangeError, TypeError or Error. */
export function unpackError(
  { name, message, code, violations, retryDelayMs, kind, cause }: SentError,
): Error {
  const options = cause === undefined ? {} : { cause };
  if (code !== undefined) {
    return new TinctError(code, message, { ...options, violations, retryDelayMs, kind });
  }
  if (name === "RangeError") return new RangeError(message, options);
  if (name === "TypeError") return new TypeError(message, options);
  return new Error(message, options);
}
