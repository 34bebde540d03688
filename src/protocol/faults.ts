import { randomBytes } from "node:crypto";
import { status as codes } from "@grpc/grpc-js";
import { type ErrorCode, TinctError } from "../errors.ts";
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

/** What went wrong in a worker and was foreseen, as its server is told. */
export function faultOf({ code, message, violations }: TinctError): Fault {
  return { code: codeNumbers[code], message, violations: [...violations] };
}

/** What went wrong in a worker that nobody foresaw: its inner words are the log's alone. */
export function unforeseenFault(reference: string): Fault {
  return {
    code: codeNumbers.internal,
    message: "Something went wrong in a worker; the server's log says more under the reference " +
      `${reference}.`,
  };
}

/** Names an error in the log. */
export function newReference(): string {
  return randomBytes(5).toString("hex");
}

/** The error that a fault stands for. */
export function errorOf({ code, message, violations }: Fault__Output): TinctError {
  const entries = Object.entries(codeNumbers) as [ErrorCode, number][];
  const name = entries.find(([, number]) => number === code)?.[0] ?? "internal";
  // The log has an unforeseen one already, see `Unforeseen`.
  return new TinctError(name, message, { violations, isLogged: name === "internal" });
}
