import type { ErrorCode, FieldViolation } from "../errors.ts";
import type { Contract, PublicService } from "./contract.ts";
import type { Messages } from "./contract_types.ts";
import type { Named } from "./incoming_check.ts";
import { durationMsOf, durationOf } from "./times.ts";

/** The trailer in which an error's details travel. */
export const STATUS_DETAILS_KEY = "grpc-status-details-bin";

const TYPE_PREFIX = "type.googleapis.com/";

/** At least one. */
export type Some<T> = readonly [T, ...T[]];

/** What of the server is not as a call needs it; google.rpc.PreconditionFailure.Violation. */
export interface Precondition {
  readonly type: string;
  readonly subject: string;
  readonly description: string;
}

/** A limit that was reached; google.rpc.QuotaFailure.Violation. */
interface Quota {
  readonly subject: string;
  readonly description: string;
}

/** What errors of some codes may not lack. */
interface DetailsByCode {
  /** Every wrong field, by its path in the request; google.rpc.BadRequest. */
  readonly invalid_argument: { readonly violations: Some<FieldViolation> };
  readonly failed_precondition: { readonly preconditions: Some<Precondition> };
  /** With the time to wait where trying again is of use; google.rpc.RetryInfo. */
  readonly resource_exhausted: {
    readonly quotas: Some<Quota>;
    readonly retryDelayMs: number | undefined;
  };
  /** google.rpc.ResourceInfo. */
  readonly not_found: { readonly resource: Named };
  readonly already_exists: { readonly resource: Named };
  readonly unavailable: { readonly retryDelayMs: number };
}

/** What an error says beyond its message, by its code. */
export type Details =
  & {
    readonly [Code in ErrorCode]:
      & { readonly code: Code }
      & (Code extends keyof DetailsByCode ? DetailsByCode[Code] : unknown);
  }[ErrorCode]
  & {
    /** google.rpc.ErrorInfo. */
    readonly reason: string;
    readonly metadata: Readonly<Record<string, string>>;
  };

/**
 * The most bytes of the details, which travel as a trailer in base64: clients and proxies refuse 8 KiB
 * of them, and the call's own message is among them, too.
 */
const MAX_BYTES = 4096;

/** The most bytes of one entry's sentence, and of its field's path. */
const MAX_SENTENCE = 600, MAX_FIELD = 200;

/**
 * The value of the trailer for an error: the violations that fit, and in ErrorInfo's metadata how many
 * more there are.
 *
 * @param status its code and message, the same as the call's.
 * @returns a serialized google.rpc.Status.
 */
export function encodeDetails(
  contract: Contract<PublicService>,
  status: { readonly code: number; readonly message: string },
  details: Details,
): Buffer {
  const { reason, metadata } = details;
  const any = <N extends keyof Messages>(name: N, value: Messages[N]["input"]) => ({
    type_url: `${TYPE_PREFIX}${name}`,
    value: contract.message(name).serialize(value),
  });
  const { message } = status;
  const rest = partsOf(details, any);
  const leftBytes = MAX_BYTES - 2 * sizeOf(message) -
    rest.reduce((sum, { value }) => sum + value.length + 64, 512);
  const { kept, leftOut } = fitting(violationsOf(details), leftBytes);
  const counted = leftOut > 0 ? { ...metadata, violations_left_out: `${leftOut}` } : metadata;
  const all = [any("google.rpc.ErrorInfo", { reason, domain: "tinct", metadata: counted })];
  if (details.code === "invalid_argument") {
    const fieldViolations = kept.map(({ field, description }) => ({ field, description }));
    all.push(any("google.rpc.BadRequest", { fieldViolations }));
  }
  if (details.code === "failed_precondition") {
    const violations = details.preconditions.slice(0, kept.length).map((each, index) => ({
      ...each,
      description: kept[index]?.description ?? "",
    }));
    all.push(any("google.rpc.PreconditionFailure", { violations }));
  }
  return contract.message("google.rpc.Status").serialize({ ...status, details: [...all, ...rest] });
}

/**
 * The first violations that together have no more bytes than that, at least one, long sentences cut.
 *
 * @returns how many were left out, too.
 */
export function fitting(
  violations: readonly FieldViolation[],
  maxBytes: number,
): { readonly kept: readonly FieldViolation[]; readonly leftOut: number } {
  const kept: FieldViolation[] = [];
  let bytes = 0;
  for (const violation of violations) {
    const field = cutTo(violation.field, MAX_FIELD);
    const description = cutTo(violation.description, MAX_SENTENCE);
    bytes += sizeOf(field) + sizeOf(description) + 16;
    if (bytes > maxBytes && kept.length > 0) break;
    kept.push({ field, description });
  }
  return { kept, leftOut: violations.length - kept.length };
}

/** A text cut to so many bytes of UTF-8, between two characters, with "…" at its end. */
export function cutTo(text: string, maxBytes: number): string {
  if (text.length <= maxBytes && sizeOf(text) <= maxBytes) return text;
  const kept = Buffer.from(text.slice(0, maxBytes), "utf8").subarray(0, maxBytes - 3);
  return `${new TextDecoder().decode(kept).replace(/\uFFFD+$/, "")}…`;
}

function sizeOf(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/** Those that may be many. */
function violationsOf(details: Details): readonly FieldViolation[] {
  if (details.code === "invalid_argument") return details.violations;
  if (details.code !== "failed_precondition") return [];
  return details.preconditions.map(({ subject, description }) => ({ field: subject, description }));
}

/** Those that are one each. */
function partsOf<T>(
  details: Details,
  any: <N extends keyof Messages>(name: N, value: Messages[N]["input"]) => T,
): T[] {
  const retry = (delayMs: number | undefined) =>
    delayMs === undefined ? [] : [any("google.rpc.RetryInfo", { retryDelay: durationOf(delayMs) })];
  switch (details.code) {
    case "resource_exhausted": {
      const violations = details.quotas.map(({ subject, description }) => ({
        subject,
        description: cutTo(description, MAX_SENTENCE),
      }));
      return [any("google.rpc.QuotaFailure", { violations }), ...retry(details.retryDelayMs)];
    }
    case "unavailable":
      return retry(details.retryDelayMs);
    case "not_found":
    case "already_exists": {
      const { type, name } = details.resource;
      const info = { resourceType: type, resourceName: cutTo(name, MAX_FIELD) };
      return [any("google.rpc.ResourceInfo", info)];
    }
    default:
      return [];
  }
}

/** Details as they were received; absent ones are empty or undefined. */
export interface ReceivedDetails {
  readonly violations: readonly FieldViolation[];
  readonly preconditions: readonly Precondition[];
  readonly quotas: readonly Quota[];
  readonly resource: Named | undefined;
  readonly retryDelayMs: number | undefined;
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the value of the trailer. Details of other types are passed over.
 *
 * @throws an error of the decoder where the bytes are no google.rpc.Status.
 */
export function decodeDetails(contract: Contract<PublicService>, bytes: Buffer): ReceivedDetails {
  const { details } = contract.message("google.rpc.Status").deserialize(bytes);
  const read = <N extends keyof Messages>(name: N): Messages[N]["output"] | undefined => {
    const found = details.find(({ type_url }) => type_url === `${TYPE_PREFIX}${name}`);
    return found && contract.message(name).deserialize(found.value);
  };
  const resource = read("google.rpc.ResourceInfo");
  const info = read("google.rpc.ErrorInfo");
  return {
    violations: read("google.rpc.BadRequest")?.fieldViolations ?? [],
    preconditions: read("google.rpc.PreconditionFailure")?.violations ?? [],
    quotas: read("google.rpc.QuotaFailure")?.violations ?? [],
    resource: resource && { type: resource.resourceType, name: resource.resourceName },
    retryDelayMs: durationMsOf(read("google.rpc.RetryInfo")?.retryDelay),
    reason: info?.reason,
    metadata: info?.metadata ?? {},
  };
}
