import { randomBytes } from "node:crypto";
import { Metadata, status as codes, type StatusObject } from "@grpc/grpc-js";
import { type ErrorCode, type FieldViolation, TinctError } from "../errors.ts";
import type { Contract, PublicService } from "../protocol/contract.ts";
import type { Fault } from "../protocol/generated/tinct/v1/fault.ts";
import { encodeDetails, STATUS_DETAILS_KEY } from "../protocol/status_details.ts";
import { fieldName } from "../protocol/training_options.ts";
import type { Log, LogFields } from "./log.ts";

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

/** When to try again after an error that passes, in milliseconds. */
const retryDelaysMs: Readonly<Partial<Record<ErrorCode, number>>> = {
  unavailable: 1000,
  resource_exhausted: 5000,
};

/** Errors whose cause an operator has to look after. */
const alarming: ReadonlySet<ErrorCode> = new Set(["internal", "data_loss"]);

/** The gRPC code of an error's code. */
export function grpcCodeOf(code: ErrorCode): number {
  return grpcCodes[code];
}

/** The one place that decides what of an error a client is told and what the log. */
export class StatusMapper {
  readonly #contract: Contract<PublicService>;
  readonly #log: Log;

  constructor(contract: Contract<PublicService>, log: Log) {
    this.#contract = contract;
    this.#log = log;
  }

  /**
   * The status that a call ends with, details included. What is to be looked after is logged.
   *
   * @param error anything thrown.
   * @param fields what the log says besides: the method, the job.
   */
  statusOf(error: unknown, fields: LogFields): Partial<StatusObject> {
    const known = this.#asKnown(error, fields);
    const code = grpcCodes[known.code];
    const message = cut(known.message);
    const violations = known.violations.map(inProtoNames);
    const details = encodeDetails(this.#contract, { code, message }, {
      violations,
      retryDelayMs: known.retryDelayMs ?? retryDelaysMs[known.code],
    });
    const metadata = new Metadata();
    if (details !== undefined) metadata.set(STATUS_DETAILS_KEY, details);
    return { code, details: message, metadata };
  }

  /** The same as an answer, where one thing among several failed. */
  faultOf(error: unknown, fields: LogFields): Fault {
    const { code, message, violations } = this.#asKnown(error, fields);
    return { code: grpcCodes[code], message, violations: violations.map(inProtoNames) };
  }

  #asKnown(error: unknown, fields: LogFields): TinctError {
    if (error instanceof TinctError) {
      if (alarming.has(error.code)) {
        const cause = error.isLogged ? {} : { cause: error.cause ?? error };
        this.#log.write({ level: "error", message: error.message, fields, ...cause });
      }
      return error;
    }
    const reference = randomBytes(5).toString("hex");
    const message = "A call failed unforeseen.";
    this.#log.write({ level: "error", message, fields: { reference, ...fields }, cause: error });
    return new TinctError(
      "internal",
      `Something went wrong in the server; its log says more under the reference ${reference}.`,
    );
  }
}

/** Trailers past 8 KiB are refused by some clients, and the message travels in them twice. */
function cut(message: string): string {
  return message.length <= 1000 ? message : `${message.slice(0, 999)}…`;
}

/** "config.batchSize" as clients of the protos know it: "config.batch_size". */
function inProtoNames({ field, description }: FieldViolation): FieldViolation {
  return { field: fieldName(field), description };
}
