import { TinctError } from "../errors.ts";

/** Clients refuse messages past 4 MiB by default. */
export const MAX_CLIENT_BYTES = 4 * 2 ** 20;

/** How a call's answers are made ready to be sent. */
interface Outgoing {
  /** Checks and encodes a message, once. @throws {TypeError} for a wrong one. */
  readonly encode: (message: unknown) => Uint8Array;
  /** The most bytes of a message. */
  readonly maxBytes: number;
}

/** Of the calls that `Contract.serve` serves. */
const outgoing = new WeakMap<object, Outgoing>();

/** Notes how the answers of a call are encoded. */
export function setOutgoing(call: object, how: Outgoing): void {
  outgoing.set(call, how);
}

/**
 * Refuses a message that is wrong or too large before grpc-js has it, which would tell the client alone,
 * and nobody what it was. A call that is no server's is left alone.
 *
 * @throws {TypeError} for a wrong one, see `OutgoingCheck`.
 * @throws {TinctError} resource_exhausted for one that clients do not take.
 */
export function checkOutgoing(call: object, message: unknown): void {
  const how = outgoing.get(call);
  if (how === undefined) return;
  requireFitting(how.encode(message), how.maxBytes);
}

/** Refuses an encoded answer that clients do not take. @throws {TinctError} resource_exhausted. */
export function requireFitting({ length }: Uint8Array, maxBytes: number): void {
  if (length <= maxBytes) return;
  throw new TinctError(
    "resource_exhausted",
    `The answer has ${length} bytes, and ${maxBytes} are sent at most; ask for less, such as a ` +
      "smaller page.",
    { kind: "TOO_LARGE", retryDelayMs: Infinity },
  );
}
