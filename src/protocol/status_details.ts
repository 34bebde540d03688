import type { FieldViolation } from "../errors.ts";
import type { Contract, PublicService } from "./contract.ts";
import { durationMsOf, durationOf } from "./times.ts";

/** The trailer in which an error's details travel. */
export const STATUS_DETAILS_KEY = "grpc-status-details-bin";

const TYPE_PREFIX = "type.googleapis.com/";

/** What an error says beyond its code and message. */
export interface StatusDetails {
  /** Every wrong field, by its path in the request; google.rpc.BadRequest. */
  readonly violations: readonly FieldViolation[];
  /** When to try again; google.rpc.RetryInfo. */
  readonly retryDelayMs: number | undefined;
}

/**
 * The value of the trailer for an error.
 *
 * @param status its code and message, the same as the call's.
 * @returns a serialized google.rpc.Status, or undefined where there are no details.
 */
export function encodeDetails(
  contract: Contract<PublicService>,
  status: { readonly code: number; readonly message: string },
  { violations, retryDelayMs }: StatusDetails,
): Buffer | undefined {
  const details: { type_url: string; value: Buffer }[] = [];
  if (violations.length > 0) {
    const fieldViolations = violations.map(({ field, description }) => ({ field, description }));
    const value = contract.message("google.rpc.BadRequest").serialize({ fieldViolations });
    details.push({ type_url: `${TYPE_PREFIX}google.rpc.BadRequest`, value });
  }
  if (retryDelayMs !== undefined) {
    const retryDelay = durationOf(retryDelayMs);
    const value = contract.message("google.rpc.RetryInfo").serialize({ retryDelay });
    details.push({ type_url: `${TYPE_PREFIX}google.rpc.RetryInfo`, value });
  }
  if (details.length === 0) return undefined;
  return contract.message("google.rpc.Status").serialize({ ...status, details });
}

/**
 * Reads the value of the trailer. Details of other types are passed over.
 *
 * @throws an error of the decoder where the bytes are no google.rpc.Status.
 */
export function decodeDetails(contract: Contract<PublicService>, bytes: Buffer): StatusDetails {
  const violations: FieldViolation[] = [];
  let retryDelayMs: number | undefined;
  for (
    const { type_url, value } of contract.message("google.rpc.Status").deserialize(bytes).details
  ) {
    if (type_url === `${TYPE_PREFIX}google.rpc.BadRequest`) {
      const { fieldViolations } = contract.message("google.rpc.BadRequest").deserialize(value);
      violations.push(...fieldViolations);
    } else if (type_url === `${TYPE_PREFIX}google.rpc.RetryInfo`) {
      const { retryDelay } = contract.message("google.rpc.RetryInfo").deserialize(value);
      retryDelayMs = durationMsOf(retryDelay);
    }
  }
  return { violations, retryDelayMs };
}
