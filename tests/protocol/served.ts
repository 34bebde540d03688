import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server as SocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, Server, ServerCredentials, type ServerOptions } from "@grpc/grpc-js";
import { TappedSocket } from "../../src/protocol/tapped_socket.ts";

/** How a test's server can be reached. */
export type Transport = "unix" | "tcp";

export const TRANSPORTS: readonly Transport[] = ["unix", "tcp"];

/** A server on a socket or loopback port of its own; disposing of it cuts all calls. */
export class Served implements AsyncDisposable {
  readonly address: string;
  readonly #grpc: Server;
  readonly #listener: SocketServer;
  readonly #sockets: ReadonlySet<TappedSocket>;
  readonly #folder: string;

  private constructor(
    address: string,
    grpc: Server,
    listener: SocketServer,
    sockets: ReadonlySet<TappedSocket>,
    folder: string,
  ) {
    this.address = address;
    this.#grpc = grpc;
    this.#listener = listener;
    this.#sockets = sockets;
    this.#folder = folder;
  }

  /** Starts a server whose services `fill` adds. */
  static async start(
    transport: Transport,
    fill: (server: Server) => void,
    options: ServerOptions = {},
  ): Promise<Served> {
    const folder = await mkdtemp(join(tmpdir(), "tinct-served-"));
    const grpc = new Server(options);
    fill(grpc);
    const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
    const sockets = new Set<TappedSocket>();
    const listener = createServer((socket) => {
      const tapped = new TappedSocket(socket);
      sockets.add(tapped);
      tapped.once("close", () => sockets.delete(tapped));
      injector.injectConnection(tapped);
    });
    const path = join(folder, "s.sock");
    if (transport === "unix") listener.listen(path);
    else listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const address = transport === "unix"
      ? `unix:${path}`
      : `127.0.0.1:${(listener.address() as AddressInfo).port}`;
    return new Served(address, grpc, listener, sockets, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#listener, "close");
    this.#listener.close();
    this.#grpc.forceShutdown();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await rm(this.#folder, { recursive: true });
  }
}

/** Credentials for both transports. */
export const insecure = () => credentials.createInsecure();
