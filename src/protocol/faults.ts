import { status as codes } from "@grpc/grpc-js";
import { type ErrorCode, messageOf, TinctError } from "../errors.ts";
import type { Fault, Fault__Output } from "./generated/tinct/v1/fault.ts";

const codeNumbers: Readonly<Record<ErrorCode, number>> = {
  invalid_argument: codes.INVALID_ARGUMENT,
  not_found: codes.NOT_FOUND,
  already_exists: codes.ALREADY_EXISTS,
  permission_denied: codes.PERMISSION_DENIED,
  unauthenticated: codes.UNAUTHENTICATED,
  failed_precondition: codes.FAILED_PRECONDITION,
  resource_exhausted: codes.RESOURCE_EXHAUSTED,
  data_loss: codes.DATA_LOSS,
  cancelled: codes.CANCELLED,
  deadline_exceeded: codes.DEADLINE_EXCEEDED,
  unavailable: codes.UNAVAILABLE,
  unimplemented: codes.UNIMPLEMENTED,
  internal: codes.INTERNAL,
};

/** What went wrong in a worker, as its server is told; what was not foreseen is `internal`. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof TinctError)) {
    return { code: codeNumbers.internal, message: `It failed unforeseen: ${messageOf(error)}` };
  }
  const { code, message, violations } = error;
  return { code: codeNumbers[code], message, violations: [...violations] };
}

/** The error that a fault stands for. */
export function errorOf({ code, message, violations }: Fault__Output): TinctError {
  const entries = Object.entries(codeNumbers) as [ErrorCode, number][];
  const name = entries.find(([, number]) => number === code)?.[0] ?? "internal";
  return new TinctError(name, message, { violations });
}
