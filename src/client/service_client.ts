import {
  type Client,
  type requestCallback,
  type ServiceError,
  status as codes,
} from "@grpc/grpc-js";
import type { Environment } from "../config.ts";
import { type FieldViolation, TinctError } from "../errors.ts";
import { type Contract, loadPublicContract, type PublicService } from "../protocol/contract.ts";
import type { HealthClient } from "../protocol/generated/grpc/health/v1/health.ts";
import type { ColorizationServiceClient } from "../protocol/generated/tinct/v1/colorization_service.ts";
import type { DatasetServiceClient } from "../protocol/generated/tinct/v1/dataset_service.ts";
import type { ModelServiceClient } from "../protocol/generated/tinct/v1/model_service.ts";
import type { SweepServiceClient } from "../protocol/generated/tinct/v1/sweep_service.ts";
import type { TrainingJobServiceClient } from "../protocol/generated/tinct/v1/training_job_service.ts";
import type { WeightsServiceClient } from "../protocol/generated/tinct/v1/weights_service.ts";
import type { Json } from "../protocol/message_json.ts";
import { errorCodeOf } from "../protocol/error_codes.ts";
import { decodeDetails, STATUS_DETAILS_KEY } from "../protocol/status_details.ts";
import { type Connection, connectionTo } from "./server_connection.ts";
import type { ServerOptions } from "./server_options.ts";
import { explainUnreachable } from "./unreachable_server.ts";

/** The services of one server. Disposing of it closes the connections. */
export class ServiceClient implements Disposable {
  readonly colorization: ColorizationServiceClient;
  readonly jobs: TrainingJobServiceClient;
  readonly datasets: DatasetServiceClient;
  readonly models: ModelServiceClient;
  readonly sweeps: SweepServiceClient;
  readonly weights: WeightsServiceClient;
  readonly health: HealthClient;
  readonly #contract: Contract<PublicService>;
  readonly #connection: Connection;

  /**
   * The connection is made with the first call.
   *
   * @param environment whose token is sent where no file is named.
   * @throws {TinctError} invalid_argument, not_found for files that do not fit.
   */
  constructor(server: ServerOptions, environment: Pick<Environment, "token" | "proxy">) {
    this.#contract = loadPublicContract();
    this.#connection = connectionTo(server, environment);
    const { address, proof, options } = this.#connection;
    const connect = <N extends PublicService>(name: N) =>
      this.#contract.connect(name, address, proof, options);
    this.colorization = connect("tinct.v1.ColorizationService");
    this.jobs = connect("tinct.v1.TrainingJobService");
    this.datasets = connect("tinct.v1.DatasetService");
    this.models = connect("tinct.v1.ModelService");
    this.sweeps = connect("tinct.v1.SweepService");
    this.weights = connect("tinct.v1.WeightsService");
    this.health = connect("grpc.health.v1.Health");
  }

  /**
   * Makes a call with one answer.
   *
   * @param call begins the call with the callback it is given.
   * @throws {TinctError} what the server answered, in its words.
   */
  async ask<Response>(call: (answer: requestCallback<Response>) => unknown): Promise<Response> {
    try {
      return await new Promise((resolve, reject) => {
        call((error, response) => {
          if (error) reject(error);
          else if (response === undefined) reject(new TypeError("An answer without a message."));
          else resolve(response);
        });
      });
    } catch (error) {
      throw await this.explain(error);
    }
  }

  /** An answer as `--json` prints it. @param name of its type in tinct.v1. */
  json(name: string, answer: object): Readonly<Record<string, Json>> {
    return this.#contract.json(`tinct.v1.${name}`, answer);
  }

  /**
   * An error of a call as one of ours. Where no server answered, it says why: the address is asked
   * whether it speaks TLS, for instance.
   *
   * @param ifCut a sentence more where the connection was cut, such as what to do then.
   */
  async explain(error: unknown, ifCut = ""): Promise<unknown> {
    if (!isServiceError(error)) return error;
    if (this.foundNoServer(error)) {
      return await explainUnreachable(this.#connection, error);
    }
    if (wasCut(error)) {
      const { address } = this.#connection;
      const why = DROPPED.test(error.details)
        ? "the server has ended, or something on the way to it"
        : error.details;
      const message = `The connection to ${address} was cut during the call: ${why}. ${ifCut}`
        .trim();
      return new TinctError("unavailable", message, { cause: error });
    }
    if (isPage(error)) {
      const { address } = this.#connection;
      const message =
        `A proxy at ${address} answers instead of the server: it finds no server, or the server is ` +
        "too slow; start the server, or raise the proxy's time limit.";
      return new TinctError("unavailable", message, { cause: error });
    }
    if (error.code === codes.INTERNAL && CUT_CONNECTION.test(error.details)) {
      const message = `The connection to the server was cut. ${ifCut}`.trim();
      return new TinctError("unavailable", message, { cause: error });
    }
    const details = error.metadata?.get(STATUS_DETAILS_KEY)[0];
    const violations: readonly FieldViolation[] = details instanceof Uint8Array
      ? decodeDetails(this.#contract, Buffer.from(details)).violations
      : [];
    const advice = error.code === codes.UNAUTHENTICATED
      ? " Name the file that holds your token as --token-file, or put the token into TINCT_TOKEN."
      : "";
    return new TinctError(errorCodeOf(error.code), `${error.details}${advice}`, {
      cause: error,
      violations,
    });
  }

  /** Whether a call ended because no server could be reached. */
  foundNoServer(error: unknown): boolean {
    return isServiceError(error) && error.code === codes.UNAVAILABLE &&
      UNREACHABLE.test(error.details);
  }

  [Symbol.dispose](): void {
    const { colorization, jobs, datasets, models, sweeps, weights, health } = this;
    const clients: Client[] = [colorization, jobs, datasets, models, sweeps, weights, health];
    for (const client of clients) client.close();
  }
}

/** What grpc-js says where the connection ends under a call, as of a server that was killed. */
const DROPPED = /^Connection dropped$|\b(?:ECONNRESET|ETIMEDOUT)$/;

/** What grpc-js says where it has no connection. */
const UNREACHABLE = /^(?:No connection established|Name resolution failed)/;

/**
 * Whether something on the way ended a call, not the server's answer: grpc-js then makes up the status
 * itself. A server or proxy that ends the connection in good order (a laptop that slept) is INTERNAL
 * with "RST_STREAM with code 0", nginx at its idle limit with code 2. Other clients call some of these
 * UNAVAILABLE.
 */
function wasCut({ code, details }: ServiceError): boolean {
  switch (code) {
    case codes.INTERNAL:
      return /^Received RST_STREAM with code \d+/.test(details);
    case codes.UNAVAILABLE:
      return DROPPED.test(details);
    case codes.CANCELLED:
      return details === "Call cancelled"; // ours too; who cancels asks nobody why
    case codes.UNKNOWN:
      return details === "No status information received";
    default:
      return false;
  }
}

/** What it says where the connection is cut while it sends. */
const CUT_CONNECTION = /\bclient error: .*\b(?:EPIPE|ECONNRESET|ECONNABORTED|ETIMEDOUT)\b/;

/**
 * Whether a proxy answered, in place of the server. Which of the two grpc-js says is a matter of time:
 * it takes the first letters of a page for the length of a message.
 */
function isPage({ code, details }: ServiceError): boolean {
  if (/^Received HTTP status code (?:408|429|5\d\d)$/.test(details)) return true;
  const length = /^Received message larger than max \((\d+) vs/.exec(details)?.[1];
  return code === codes.RESOURCE_EXHAUSTED && Number(length) >= 0x20_00_00_00; // a space
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error;
}
