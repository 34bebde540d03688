import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkRequest__Output } from "../protocol/generated/tinct/worker/v1/work_request.ts";
import type { WorkResponse } from "../protocol/generated/tinct/worker/v1/work_response.ts";
import { receive } from "../protocol/receive.ts";
import {
  listenForWorkers,
  refuseCall,
  type WorkCall,
  type WorkerSocket,
} from "../protocol/worker_socket.ts";
import { Patience } from "./patience.ts";

/** A worker that has dialled and said its token. */
export interface WorkerLink {
  readonly call: WorkCall;
  /** What it says after its `hello`. */
  readonly messages: AsyncGenerator<WorkRequest__Output, void, undefined>;
}

/** A worker that is to dial. */
export interface ExpectedWorker extends Disposable {
  /** It proves by this, once, who it is. */
  readonly token: string;
  /** Settles when it has dialled; never rejects. */
  readonly linked: Promise<WorkerLink>;
}

/** How long a caller may take to say who it is. */
const HELLO_TIMEOUT_MS = 10_000;

/** The most bytes of a socket's path (sun_path of Linux and macOS, less the closing zero). */
const MAX_SOCKET_PATH_BYTES = 103;

const socketName = "workers.sock";

/** A folder for the socket, readable for this user alone; what a dead server left of it goes. */
async function privateFolder(dataFolder: string): Promise<string> {
  const folder = join(dataFolder, "workers");
  if (Buffer.byteLength(join(folder, socketName)) > MAX_SOCKET_PATH_BYTES) {
    return await mkdtemp(join(tmpdir(), "tinct-")); // mode 0700
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

/** Where workers dial in. */
export class WorkerHub implements AsyncDisposable {
  readonly socketPath: string;
  readonly #version: string;
  readonly #folder: string;
  readonly #expected = new Map<string, (link: WorkerLink) => void>();
  #socket: WorkerSocket | undefined;
  #sockets = 0;

  private constructor(version: string, folder: string) {
    this.#version = version;
    this.#folder = folder;
    this.socketPath = join(folder, socketName);
  }

  /**
   * Opens a socket in a private folder of its own: in `dataFolder`, which may be the only place that
   * can be written to, or where that path is too long for a socket, in the system's temporary folder.
   *
   * @param version of this program; workers of another are refused.
   * @param dataFolder absolute; no other server works in it.
   */
  static async open(version: string, dataFolder: string): Promise<WorkerHub> {
    const folder = await privateFolder(dataFolder);
    const hub = new WorkerHub(version, folder);
    try {
      hub.#socket = await listenForWorkers(hub.socketPath, (call) => void hub.#serve(call));
      return hub;
    } catch (error) {
      await rm(folder, { recursive: true });
      throw error;
    }
  }

  /** Checks what a worker is to be told. @throws {TypeError} for a wrong message. */
  check(message: WorkResponse): void {
    this.#socket?.check(message);
  }

  /** Expects a worker; dispose of it when it has dialled, or is not expected any more. */
  expect(): ExpectedWorker {
    const token = randomBytes(32).toString("base64url");
    const { promise: linked, resolve } = Promise.withResolvers<WorkerLink>();
    this.#expected.set(token, resolve);
    return { token, linked, [Symbol.dispose]: () => void this.#expected.delete(token) };
  }

  /** A path of its own for a socket at which workers meet, in the same private folder. */
  newSocketPath(): string {
    return join(this.#folder, `${++this.#sockets}.sock`); // shorter than the hub's own
  }

  /** Cuts all calls. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket?.[Symbol.asyncDispose]();
    this.#socket = undefined;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #serve(call: WorkCall): Promise<void> {
    const silent = new AbortController();
    const timer = new Patience(HELLO_TIMEOUT_MS, () => silent.abort());
    const messages = receive(call);
    silent.signal.addEventListener("abort", () => {
      refuseCall(call, "DEADLINE_EXCEEDED", "The worker said no hello.");
    });
    call.on("error", () => {}); // `receive` tells of it
    try {
      const { value: first } = await messages.next();
      if (silent.signal.aborted) return;
      const link = this.#admit(first);
      if (link === undefined) {
        return refuseCall(call, "UNAUTHENTICATED", "The token is wrong.");
      }
      if (first?.hello?.version !== this.#version) {
        const details = `The server is of version ${this.#version}.`;
        return refuseCall(call, "FAILED_PRECONDITION", details);
      }
      link({ call, messages });
    } catch {
      // The caller went before it had said anything.
    } finally {
      timer[Symbol.dispose]();
    }
  }

  /** Takes a token off the list, comparing it with all of them in the same time. */
  #admit(message: WorkRequest__Output | void): ((link: WorkerLink) => void) | undefined {
    const given = digest(message?.hello?.token ?? "");
    let admitted: string | undefined;
    for (const token of this.#expected.keys()) {
      if (timingSafeEqual(digest(token), given)) admitted = token;
    }
    if (admitted === undefined) return undefined;
    const link = this.#expected.get(admitted);
    this.#expected.delete(admitted);
    return link;
  }
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
