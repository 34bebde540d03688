import { readFileSync } from "node:fs";
import {
  type ChannelCredentials,
  type Client,
  type ClientOptions,
  credentials,
  InterceptingCall,
  type Interceptor,
  type requestCallback,
  type ServiceError,
  status as codes,
} from "@grpc/grpc-js";
import type { Environment } from "../config.ts";
import { boolean } from "../config/option.ts";
import { type ErrorCode, type FieldViolation, messageOf, TinctError } from "../errors.ts";
import { type Contract, loadPublicContract, type PublicService } from "../protocol/contract.ts";
import type { HealthClient } from "../protocol/generated/grpc/health/v1/health.ts";
import type { ColorizationServiceClient } from "../protocol/generated/tinct/v1/colorization_service.ts";
import type { DatasetServiceClient } from "../protocol/generated/tinct/v1/dataset_service.ts";
import type { ModelServiceClient } from "../protocol/generated/tinct/v1/model_service.ts";
import type { SweepServiceClient } from "../protocol/generated/tinct/v1/sweep_service.ts";
import type { TrainingJobServiceClient } from "../protocol/generated/tinct/v1/training_job_service.ts";
import type { Json } from "../protocol/message_json.ts";
import { decodeDetails, STATUS_DETAILS_KEY } from "../protocol/status_details.ts";
import { isLocal } from "../server/access/open_access.ts";
import { type CommandValues, text } from "./arguments.ts";

/** The options of every command that talks to a server. */
export const serverOptions = {
  server: text("ADDR", "the server: HOST:PORT or unix:PATH", "127.0.0.1:50051"),
  tls: boolean(false, "speak TLS, and trust the authorities that the system trusts"),
  ca: text("FILE", "speak TLS, and trust the authorities in this PEM file"),
  cert: text("FILE", "PEM file of a certificate to prove this client by"),
  key: text("FILE", "PEM file of its key"),
  tokenFile: text("FILE", "file with the token; by default the environment's TINCT_TOKEN"),
} as const;

/** The same for commands that can do without a server. */
export const optionalServerOptions = {
  ...serverOptions,
  server: text("ADDR", "have a server do it: HOST:PORT or unix:PATH"),
} as const;

/** How a server is reached. */
export type ServerOptions =
  & { readonly server: string }
  & Partial<Omit<CommandValues<typeof serverOptions>, "server">>;

/** Longest message that is received, in bytes: a sample picture and what goes with it. */
const maxReceiveBytes = 8 * 1024 * 1024;

/** The services of one server. Disposing of it closes the connections. */
export class ServiceClient implements Disposable {
  readonly colorization: ColorizationServiceClient;
  readonly jobs: TrainingJobServiceClient;
  readonly datasets: DatasetServiceClient;
  readonly models: ModelServiceClient;
  readonly sweeps: SweepServiceClient;
  readonly health: HealthClient;
  readonly #contract: Contract<PublicService>;
  readonly #address: string;

  /**
   * The connection is made with the first call.
   *
   * @param environment whose token is sent where no file is named.
   * @throws {TinctError} invalid_argument, not_found for files that do not fit.
   */
  constructor(server: ServerOptions, environment: Pick<Environment, "token">) {
    const address = server.server;
    this.#address = address;
    this.#contract = loadPublicContract();
    const options: ClientOptions = {
      "grpc.max_receive_message_length": maxReceiveBytes,
      // A server that comes back is to be found at once.
      "grpc.max_reconnect_backoff_ms": 2000,
    };
    const proof = channelCredentials(server);
    const token = tokenOf(server, environment);
    if (token !== undefined) options.interceptors = [bearer(token)];
    const connect = <N extends PublicService>(name: N) =>
      this.#contract.connect(name, address, proof, options);
    this.colorization = connect("tinct.v1.ColorizationService");
    this.jobs = connect("tinct.v1.TrainingJobService");
    this.datasets = connect("tinct.v1.DatasetService");
    this.models = connect("tinct.v1.ModelService");
    this.sweeps = connect("tinct.v1.SweepService");
    this.health = connect("grpc.health.v1.Health");
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

  /** An answer as `--json` prints it. @param name of its type in tinct.v1. */
  json(name: string, answer: object): Readonly<Record<string, Json>> {
    return this.#contract.json(`tinct.v1.${name}`, answer);
  }

  /** An error of a call as one of ours. */
  asTinctError(error: unknown): unknown {
    if (!isServiceError(error)) return error;
    if (error.code === codes.INTERNAL && ENDED_CONNECTION.test(error.details)) {
      const message = "The server ended the connection before the call.";
      return new TinctError("unavailable", message, { cause: error });
    }
    if (error.code === codes.INTERNAL && CUT_CONNECTION.test(error.details)) {
      const message = "The connection to the server was cut.";
      return new TinctError("unavailable", message, { cause: error });
    }
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
    const { colorization, jobs, datasets, models, sweeps, health } = this;
    const clients: Client[] = [colorization, jobs, datasets, models, sweeps, health];
    for (const client of clients) client.close();
  }
}

/**
 * What grpc-js says of a call whose connection the server ends in good order, as it does where signs
 * of life fail to come in time (a laptop that slept); other clients call that UNAVAILABLE.
 */
const ENDED_CONNECTION = /^Received RST_STREAM with code 0\b/;

/** What it says where the connection is cut while it sends. */
const CUT_CONNECTION = /\bclient error: .*\b(?:EPIPE|ECONNRESET|ECONNABORTED|ETIMEDOUT)\b/;

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

/** How the server is made sure of, and this client proved. */
function channelCredentials({ tls = false, ca, cert, key }: ServerOptions): ChannelCredentials {
  if ((cert === undefined) !== (key === undefined)) {
    throw new TinctError("invalid_argument", "A certificate needs its key: give --cert and --key.");
  }
  if (!tls && ca === undefined) {
    if (cert === undefined) return credentials.createInsecure();
    throw new TinctError("invalid_argument", "--cert is for TLS: give --ca, or --tls, too.");
  }
  const pem = (path: string | undefined) => path === undefined ? null : readPem(path);
  return credentials.createSsl(pem(ca), pem(key), pem(cert));
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new TinctError("not_found", `${path} cannot be read: ${messageOf(cause)}.`, { cause });
  }
}

/** The token to send; never in the clear to another machine. */
function tokenOf(
  { server, tls = false, ca, tokenFile }: ServerOptions,
  { token }: Pick<Environment, "token">,
): string | undefined {
  const found = tokenFile === undefined ? token : readPem(tokenFile).toString("utf8").trim();
  if (found === undefined) return undefined;
  if (!tls && ca === undefined && !isLocal(server)) {
    throw new TinctError(
      "invalid_argument",
      `The token would travel to ${server} in the clear: give --tls or --ca.`,
    );
  }
  return found;
}

/** Sends the token with every call. */
function bearer(token: string): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        metadata.set("authorization", `Bearer ${token}`);
        next(metadata, listener);
      },
    });
}
