import { status as codes } from "@grpc/grpc-js";
import type { Log, LogFields, LogLevel } from "../log/log.ts";
import type { CallProtocol } from "../protocol/call_protocol.ts";

/** A call that did not end with OK. */
interface FailedCall {
  readonly protocol: CallProtocol;
  /** Its path, such as "/tinct.v1.ModelService/ListModels". */
  readonly method: string;
  readonly code: number;
  /** What its client is told. */
  readonly reason: string;
  /** Where its client is, as gRPC says it. */
  readonly peer: string;
  /** What else is known of it: the client's name, the job's id. */
  readonly fields?: LogFields;
}

/** Those whose cause the log has already, with its stack. */
const told: ReadonlySet<number> = new Set([codes.INTERNAL, codes.DATA_LOSS]);

const levels: Readonly<Record<number, LogLevel>> = {
  [codes.UNAUTHENTICATED]: "warning",
  [codes.PERMISSION_DENIED]: "warning",
  [codes.CANCELLED]: "debug", // as every client does that has seen enough
};

/** Writes a line about a failed call; of many with one code only some are written, and a count. */
export function logFailedCall(
  log: Log,
  { protocol, method, code, reason, peer, fields }: FailedCall,
): void {
  if (told.has(code)) return;
  const isStranger = code === codes.UNAUTHENTICATED;
  log.write({
    level: levels[code] ?? "info",
    message: isStranger ? "A call without a valid token was refused." : "A call failed.",
    kind: `call ${code}`,
    fields: { protocol, method, code: codes[code] ?? String(code), reason, peer, ...fields },
  });
}
