import { chmod } from "node:fs/promises";
import {
  Client,
  type ClientDuplexStream,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  status,
} from "@grpc/grpc-js";
import { loadWorkerContract } from "./contract.ts";
import type { WorkRequest, WorkRequest__Output } from "./generated/tinct/worker/v1/work_request.ts";
import type {
  WorkResponse,
  WorkResponse__Output,
} from "./generated/tinct/worker/v1/work_response.ts";
import { checkOutgoing } from "./outgoing.ts";
import { MAX_PIECE_BYTES } from "./pieces.ts";
import { listenTapped } from "./tapped_listener.ts";
import {
  diallingCredentials,
  type ListeningEndpoint,
  requirePrivate,
  socketPathOf,
  unixEndpoint,
  type WorkerEndpoint,
} from "./worker_endpoint.ts";

const SERVICE = "tinct.worker.v1.WorkerService";

/** A message is a piece of a picture and a little. */
const MAX_MESSAGE_BYTES = MAX_PIECE_BYTES + 64 * 1024;

const CHANNEL_OPTIONS = { "grpc.max_receive_message_length": MAX_MESSAGE_BYTES };

/** The server's side of a worker's call. */
export type WorkCall = ServerDuplexStream<WorkRequest__Output, WorkResponse>;

/** The worker's side of its call; it takes messages that are encoded, see `DialledServer.send`. */
export type WorkStream = ClientDuplexStream<Buffer, WorkResponse__Output>;

/** A socket that workers dial. Disposing of it cuts their calls. */
export interface WorkerSocket extends AsyncDisposable {
  /** `unix:PATH` or `HOST:PORT`, with the port that it got. */
  readonly address: string;
  /** Checks a message before there is a worker to send it to. @throws {TypeError} for a wrong one. */
  check(message: WorkResponse): void;
}

/**
 * Listens for workers.
 *
 * @param endpoint a Unix-domain socket's does not exist yet, and lies in a folder that is the server's
 *   own; its path has at most 100 bytes, as systems demand.
 * @param onCall serves a call to its end; must not throw.
 * @throws {TypeError} for `HOST:PORT` without TLS; the system's error where it cannot be opened.
 */
export async function listenForWorkers(
  endpoint: ListeningEndpoint,
  onCall: (call: WorkCall) => void,
): Promise<WorkerSocket> {
  requirePrivate(endpoint);
  const server = new Server(CHANNEL_OPTIONS);
  const contract = loadWorkerContract();
  contract.serve(server, SERVICE, { Work: onCall }, MAX_MESSAGE_BYTES);
  const path = socketPathOf(endpoint.address);
  const listener = path === undefined
    ? await listenTapped(server, endpoint.address, endpoint)
    : undefined;
  if (path !== undefined) await bindSocket(server, path);
  return {
    address: listener ? endpoint.address.replace(/\d+$/, `${listener.port}`) : endpoint.address,
    check: (message) => contract.check("tinct.worker.v1.WorkResponse", message),
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
      await listener?.[Symbol.asyncDispose]();
    },
  };
}

async function bindSocket(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(
      unixEndpoint(path).address,
      ServerCredentials.createInsecure(),
      (error) => error ? reject(error) : resolve(),
    );
  });
  await chmod(path, 0o600);
}

/**
 * Says something to a worker.
 *
 * @throws {TypeError} for a wrong message, see `OutgoingCheck`; {TinctError} for one that is too large.
 *   Nothing was sent then.
 */
export function sendToWorker(call: WorkCall, message: WorkResponse): void {
  checkOutgoing(call, message);
  call.write(message);
}

/** Ends a call with an error. */
export function refuseCall(
  call: WorkCall,
  code: "DEADLINE_EXCEEDED" | "UNAUTHENTICATED" | "FAILED_PRECONDITION",
  details: string,
): void {
  call.emit("error", { code: status[code], details });
}

/** A worker's line to its server. Disposing of it cuts the call. */
interface DialledServer extends Disposable {
  readonly call: WorkStream;
  /**
   * Says something to the server.
   *
   * @throws {TypeError} for a message that is wrong, see `OutgoingCheck`, or that the server would not
   *   take for its size. Nothing was sent then.
   */
  send(message: WorkRequest): void;
}

/** Dials the server. */
export function dialServer(endpoint: WorkerEndpoint): DialledServer {
  const contract = loadWorkerContract();
  const { path: method, requestSerialize, responseDeserialize } = contract.service(SERVICE).Work;
  const client = new Client(endpoint.address, diallingCredentials(endpoint), CHANNEL_OPTIONS);
  // A message is encoded once, before it is handed over: its size is known only then.
  const call = client.makeBidiStreamRequest(
    method,
    (encoded: Buffer) => encoded,
    responseDeserialize,
  );
  return {
    call,
    send(message) {
      contract.check("tinct.worker.v1.WorkRequest", message);
      const encoded = requestSerialize(message);
      if (encoded.byteLength > MAX_MESSAGE_BYTES) {
        const kind = Object.keys(message).join(", ");
        throw new TypeError(
          `A message of ${encoded.byteLength} bytes is too large for the server: ${kind}.`,
        );
      }
      call.write(encoded);
    },
    [Symbol.dispose]: () => client.close(),
  };
}
