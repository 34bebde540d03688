import { status as codes } from "@grpc/grpc-js";
import type { ErrorCode } from "../errors.ts";

/** The gRPC code of each of our own. */
const grpcCodes: Readonly<Record<ErrorCode, number>> = {
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

/** The gRPC code of an error's code. */
export function grpcCodeOf(code: ErrorCode): number {
  return grpcCodes[code];
}

/** The error's code that a gRPC code stands for; "internal" for one that is none of ours. */
export function errorCodeOf(grpcCode: number): ErrorCode {
  const entries = Object.entries(grpcCodes) as [ErrorCode, number][];
  return entries.find(([, number]) => number === grpcCode)?.[0] ?? "internal";
}
