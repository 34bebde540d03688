import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { lstat, mkdir, readdir, readlink, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { workersFolder } from "../files/data_folder.ts";
import type { WorkRequest__Output } from "../protocol/generated/tinct/worker/v1/work_request.ts";
import type { WorkResponse } from "../protocol/generated/tinct/worker/v1/work_response.ts";
import { TinctError } from "../errors.ts";
import { receive } from "../protocol/receive.ts";
import {
  listenForWorkers,
  refuseCall,
  type WorkCall,
  type WorkerSocket,
} from "../protocol/worker_socket.ts";
import { type SocketEndpoint, unixEndpoint } from "../protocol/worker_endpoint.ts";
import { Patience } from "./patience.ts";

/** A worker that has dialled and said its token. */
export interface WorkerLink {
  readonly call: WorkCall;
  /** What it says after its `hello`. */
  readonly messages: AsyncGenerator<WorkRequest__Output, void, undefined>;
}

/** A worker that is to dial. */
interface ExpectedWorker extends Disposable {
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

/** What folders of ours in the system's temporary folder are called. */
const elsewhere = /^tinct-[0-9a-f]{32}$/;

/**
 * A folder for the socket, for this user alone. Where the data folder's path does not suit a socket, it
 * lies in the system's temporary folder, and a link in the data folder leads to it: so the next
 * server finds what one that was killed left there.
 */
async function privateFolder(folder: string): Promise<string> {
  await removePrivateFolder(folder);
  if (mayHoldSocket(folder)) {
    await mkdir(folder, { mode: 0o700 });
    return folder;
  }
  const far = join(tmpdir(), `tinct-${randomBytes(16).toString("hex")}`);
  if (!mayHoldSocket(far)) {
    throw new TinctError(
      "failed_precondition",
      `a socket's path has at most ${MAX_SOCKET_PATH_BYTES} bytes and no comma, and neither the data ` +
        `folder nor ${tmpdir()} allows such a path`,
    );
  }
  await symlink(far, folder); // first, so that none is made that nobody finds
  await mkdir(far, { mode: 0o700 });
  return far;
}

/** Deno's permission to use a socket has no way to say a comma. */
function mayHoldSocket(folder: string): boolean {
  const path = join(folder, socketName);
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES && !path.includes(",");
}

/** Removes the folder for the socket of this server or of a dead one, wherever it lies. */
async function removePrivateFolder(folder: string): Promise<void> {
  const far = await readlink(folder).catch(() => undefined); // no link, or nothing there
  if (far !== undefined && elsewhere.test(basename(far))) {
    const found = await lstat(far).catch(() => undefined);
    const isOurs = found?.isDirectory() && found.uid === process.getuid?.();
    if (isOurs) await rm(far, { recursive: true, force: true });
  }
  await rm(folder, { recursive: true, force: true });
}

/**
 * The folders for sockets that others made, of several servers that share a data folder.
 *
 * @param own the server that asks.
 */
export async function socketFoldersOfOthers(dataFolder: string, own: string): Promise<string[]> {
  const prefix = basename(workersFolder(dataFolder, "-")).slice(0, -1);
  return (await readdir(dataFolder)).filter((name) => name.startsWith(prefix))
    .map((name) => join(dataFolder, name))
    .filter((folder) => folder !== workersFolder(dataFolder, own));
}

/** Removes such folders of dead servers. */
export async function removeSocketFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await removePrivateFolder(folder);
}

/** Where workers dial in. */
export class WorkerHub implements AsyncDisposable {
  /** Where workers dial. */
  readonly endpoint: SocketEndpoint;
  readonly #version: string;
  /** In the data folder; the socket lies in it, or it is a link to where that lies. */
  readonly #place: string;
  readonly #folder: string;
  readonly #expected = new Map<string, (link: WorkerLink) => void>();
  #socket: WorkerSocket | undefined;
  #sockets = 0;

  private constructor(version: string, place: string, folder: string) {
    this.#version = version;
    this.#place = place;
    this.#folder = folder;
    this.endpoint = unixEndpoint(join(folder, socketName));
  }

  /**
   * Opens a socket in a private folder of its own: in `dataFolder`, which may be the only place that
   * can be written to, or where that path is too long for a socket or has a comma, in the system's temporary folder.
   *
   * @param version of this program; workers of another are refused.
   * @param dataFolder absolute.
   * @param server which one of several that work in it; "" for the only one.
   */
  static async open(version: string, dataFolder: string, server = ""): Promise<WorkerHub> {
    const place = workersFolder(dataFolder, server);
    const folder = await privateFolder(place);
    const hub = new WorkerHub(version, place, folder);
    try {
      hub.#socket = await listenForWorkers(hub.endpoint, (call) => void hub.#serve(call));
      return hub;
    } catch (error) {
      await removePrivateFolder(place);
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
    await removePrivateFolder(this.#place);
  }

  async #serve(call: WorkCall): Promise<void> {
    let isSilent = false;
    const timer = new Patience(HELLO_TIMEOUT_MS, () => {
      isSilent = true;
      refuseCall(call, "DEADLINE_EXCEEDED", "The worker said no hello.");
    });
    const messages = receive(call);
    call.on("error", () => {}); // `receive` tells of it
    try {
      const { value: first } = await messages.next();
      if (isSilent) return;
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
