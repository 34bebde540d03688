import {
  type Client,
  credentials,
  type requestCallback,
  type ServiceError,
  status as codes,
} from "@grpc/grpc-js";
import { type ErrorCode, type FieldViolation, TinctError } from "../errors.ts";
import { type Contract, loadPublicContract, type PublicService } from "../protocol/contract.ts";
import type { ColorizationServiceClient } from "../protocol/generated/tinct/v1/colorization_service.ts";
import type { ModelServiceClient } from "../protocol/generated/tinct/v1/model_service.ts";
import type { SweepServiceClient } from "../protocol/generated/tinct/v1/sweep_service.ts";
import type { TrainingJobServiceClient } from "../protocol/generated/tinct/v1/training_job_service.ts";
import { decodeDetails, STATUS_DETAILS_KEY } from "../protocol/status_details.ts";
import { text } from "./arguments.ts";

/** The option of every command that talks to a server. */
export const serverOption = text("ADDR", "the server: HOST:PORT or unix:PATH", "127.0.0.1:50051");

/** Longest message that is received, in bytes: a sample picture and what goes with it. */
const maxReceiveBytes = 8 * 1024 * 1024;

/** The services of one server. Disposing of it closes the connections. */
export class ServiceClient implements Disposable {
  readonly colorization: ColorizationServiceClient;
  readonly jobs: TrainingJobServiceClient;
  readonly models: ModelServiceClient;
  readonly sweeps: SweepServiceClient;
  readonly #contract: Contract<PublicService>;
  readonly #address: string;

  /** @param address "HOST:PORT" or "unix:PATH"; the connection is made with the first call. */
  constructor(address: string) {
    this.#address = address;
    this.#contract = loadPublicContract();
    const options = {
      "grpc.max_receive_message_length": maxReceiveBytes,
      // A server that comes back is to be found at once.
      "grpc.max_reconnect_backoff_ms": 2000,
    };
    const plain = credentials.createInsecure();
    const connect = <N extends PublicService>(name: N) =>
      this.#contract.connect(name, address, plain, options);
    this.colorization = connect("tinct.v1.ColorizationService");
    this.jobs = connect("tinct.v1.TrainingJobService");
    this.models = connect("tinct.v1.ModelService");
    this.sweeps = connect("tinct.v1.SweepService");
  }

  /**
   * Makes a call with one answer.
   *
   * @param call begins the call with the callback it is given.
   * @throws {TinctError} what the server answered, in its words.
   */
  ask<Response>(call: (answer: requestCallback<Response>) => unknown): Promise<Response> {
    return new Promise((resolve, reject) => {
      call((error, response) => {
        if (error) reject(this.asTinctError(error));
        else if (response === undefined) reject(new TypeError("An answer without a message."));
        else resolve(response);
      });
    });
  }

  /** An error of a call as one of ours. */
  asTinctError(error: unknown): unknown {
    if (!isServiceError(error)) return error;
    const code = (codes[error.code] ?? "INTERNAL").toLowerCase();
    const known = knownCodes.find((each) => each === code) ?? "internal";
    const unreachable = known === "unavailable" &&
      /No connection established|ECONNREFUSED|ENOENT/.test(error.details);
    const message = unreachable
      ? `No server answers at ${this.#address}; start one with \`deno task serve\`, or give --server.`
      : error.details;
    const details = error.metadata?.get(STATUS_DETAILS_KEY)[0];
    const violations: readonly FieldViolation[] = details instanceof Uint8Array
      ? decodeDetails(this.#contract, Buffer.from(details)).violations
      : [];
    return new TinctError(known, message, { cause: error, violations });
  }

  [Symbol.dispose](): void {
    const clients: Client[] = [this.colorization, this.jobs, this.models, this.sweeps];
    for (const client of clients) client.close();
  }
}

const knownCodes: readonly ErrorCode[] = [
  "invalid_argument",
  "not_found",
  "already_exists",
  "permission_denied",
  "unauthenticated",
  "failed_precondition",
  "resource_exhausted",
  "data_loss",
  "cancelled",
  "deadline_exceeded",
  "unavailable",
  "unimplemented",
];

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error;
}
