import { randomBytes } from "node:crypto";
import { TinctError } from "../errors.ts";
import { errorCodeOf, grpcCodeOf } from "./error_codes.ts";
import type { Fault, Fault__Output } from "./generated/tinct/v1/fault.ts";

/** What went wrong in a worker and was foreseen, as its server is told. */
export function faultOf({ code, message, violations }: TinctError): Fault {
  return { code: grpcCodeOf(code), message, violations: [...violations] };
}

/** What went wrong in a worker that nobody foresaw: its inner words are the log's alone. */
export function unforeseenFault(reference: string): Fault {
  return {
    code: grpcCodeOf("internal"),
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
  const name = errorCodeOf(code);
  // The log has an unforeseen one already, see `Unforeseen`.
  return new TinctError(name, message, { violations, isLogged: name === "internal" });
}
