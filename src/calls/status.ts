import { randomBytes } from "node:crypto";
import { status as codes } from "@grpc/grpc-js";
import { type ErrorCode, reworded, TinctError } from "../errors.ts";
import { withoutStore } from "../jobs/store_away.ts";
import type { Contract, PublicService } from "../protocol/contract.ts";
import type { Fault } from "../protocol/generated/tinct/v1/fault.ts";
import { grpcCodeOf } from "../protocol/error_codes.ts";
import { cutTo, encodeDetails, fitting } from "../protocol/status_details.ts";
import { ClientWords } from "./client_words.ts";
import { detailsOf } from "./error_details.ts";
import type { Log, LogFields } from "../log/log.ts";
import { Requests } from "./requests.ts";

/** Errors whose cause an operator has to look after. */
const alarming: ReadonlySet<ErrorCode> = new Set(["internal", "data_loss"]);

/** The code of a call that succeeded. */
export const okCode: number = codes.OK;

/** How a call ends that failed, whatever protocol carries it. */
export interface CallStatus {
  /** A code of google.rpc.Code, which are gRPC's. */
  readonly code: number;
  /** The sentence for the client. */
  readonly details: string;
  /** A serialized google.rpc.Status with all that there is to say. */
  readonly encoded: Buffer;
}

/** The one place that decides what of an error a client is told and what the log. */
export class StatusMapper {
  readonly #contract: Contract<PublicService>;
  readonly #log: Log;
  /** What calls ask, which errors are about. */
  readonly requests: Requests;

  /** How clients are told of what is in the server. */
  readonly words: ClientWords;

  /** @param dataFolder absolute; clients are not told of it. */
  constructor(contract: Contract<PublicService>, log: Log, dataFolder: string) {
    this.#contract = contract;
    this.#log = log;
    this.words = new ClientWords(dataFolder);
    this.requests = new Requests(contract);
  }

  /**
   * The status that a call ends with, details included. What is to be looked after is logged.
   *
   * @param error anything thrown.
   * @param fields what the log says besides: the method, the job; by them `requests` knows the call.
   */
  statusOf(error: unknown, fields: LogFields): CallStatus {
    const known = this.#asKnown(error, fields);
    const code = grpcCodeOf(known.code);
    const message = cut(known.message);
    const details = detailsOf(known, this.requests.subjectOf(fields));
    const encoded = encodeDetails(this.#contract, { code, message }, details);
    return { code, details: message, encoded };
  }

  /**
   * The same as an answer, where one thing among several failed.
   *
   * @param field of the request that the thing is, where the error names none.
   */
  faultOf(error: unknown, fields: LogFields, field: string): Fault {
    const known = this.#asKnown(error, fields);
    const subject = { ...this.requests.subjectOf(fields), field };
    const details = detailsOf(known, subject);
    const violations = details.code === "invalid_argument"
      ? [...fitting(details.violations, MAX_FAULT_BYTES).kept]
      : [];
    return { code: grpcCodeOf(known.code), message: cut(known.message), violations };
  }

  /** The error in words for clients. */
  #asKnown(error: unknown, fields: LogFields): TinctError {
    return reworded(this.#logged(error, fields), (text) => this.words.of(text));
  }

  #logged(error: unknown, fields: LogFields): TinctError {
    if (error instanceof TinctError) {
      const told = withoutStore(error);
      const isStores = told !== error && told.code !== "unavailable";
      if (isStores || alarming.has(told.code)) {
        const cause = error.isLogged ? {} : { cause: error.cause ?? error };
        this.#log.write({ level: "error", message: error.message, fields, ...cause });
      }
      return told;
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

/** The most bytes of the violations of one thing among several. */
const MAX_FAULT_BYTES = 4096;

/** The most bytes of a sentence as HTTP/2 carries it, where all but ASCII takes three times the room. */
const MAX_MESSAGE_BYTES = 1500;

/** Trailers past 8 KiB are refused by some clients, and the message travels in them twice. */
function cut(message: string): string {
  let kept = cutTo(message, 1000);
  for (let bytes = 1000; encodeURI(kept.toWellFormed()).length > MAX_MESSAGE_BYTES; bytes -= 100) {
    kept = cutTo(message, bytes);
  }
  return kept;
}
