import { chmod } from "node:fs/promises";
import {
  type Client,
  type ClientDuplexStream,
  credentials,
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
import { MAX_PIECE_BYTES } from "./pieces.ts";

const SERVICE = "tinct.worker.v1.WorkerService";

/** A message is a piece of a picture and a little. */
const CHANNEL_OPTIONS = { "grpc.max_receive_message_length": MAX_PIECE_BYTES + 64 * 1024 };

/** The server's side of a worker's call. */
export type WorkCall = ServerDuplexStream<WorkRequest__Output, WorkResponse>;

/** The worker's side of its call. */
export type WorkStream = ClientDuplexStream<WorkRequest, WorkResponse__Output>;

/** A socket that workers dial. Disposing of it cuts their calls. */
export interface WorkerSocket extends AsyncDisposable {
  readonly path: string;
}

/**
 * Listens for workers.
 *
 * @param path of a Unix-domain socket that does not exist yet, in a folder that is the server's own;
 *   at most 100 bytes, as systems demand.
 * @param onCall serves a call to its end; must not throw.
 */
export async function listenForWorkers(
  path: string,
  onCall: (call: WorkCall) => void,
): Promise<WorkerSocket> {
  const server = new Server(CHANNEL_OPTIONS);
  loadWorkerContract().serve(server, SERVICE, { Work: onCall });
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(
      `unix:${path}`,
      ServerCredentials.createInsecure(),
      (error) => error ? reject(error) : resolve(),
    );
  });
  await chmod(path, 0o600);
  return {
    path,
    [Symbol.asyncDispose]() {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

/** Ends a call with an error. */
export function refuseCall(
  call: WorkCall,
  code: "DEADLINE_EXCEEDED" | "UNAUTHENTICATED" | "FAILED_PRECONDITION",
  details: string,
): void {
  call.emit("error", { code: status[code], details });
}

/** Dials the server's socket. Disposing of it cuts the call. */
export function dialServer(path: string): { readonly call: WorkStream } & Disposable {
  const client: Client & { Work(): WorkStream } = loadWorkerContract().connect(
    SERVICE,
    `unix:${path}`,
    credentials.createInsecure(),
    CHANNEL_OPTIONS,
  );
  const call = client.Work();
  return { call, [Symbol.dispose]: () => client.close() };
}
