import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, Server, type ServerOptions } from "@grpc/grpc-js";
import { listenTapped, type TappedListener } from "../../src/protocol/tapped_listener.ts";

/** How a test's server can be reached. */
type Transport = "unix" | "tcp";

export const TRANSPORTS: readonly Transport[] = ["unix", "tcp"];

/** A server on a socket or loopback port of its own; disposing of it cuts all calls. */
export class Served implements AsyncDisposable {
  readonly address: string;
  readonly grpc: Server;
  readonly #listener: TappedListener;
  readonly #folder: string;

  private constructor(address: string, grpc: Server, listener: TappedListener, folder: string) {
    this.address = address;
    this.grpc = grpc;
    this.#listener = listener;
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
    const wanted = transport === "unix" ? `unix:${join(folder, "s.sock")}` : "127.0.0.1:0";
    const listener = await listenTapped(grpc, wanted);
    const address = transport === "unix" ? wanted : `127.0.0.1:${listener.port}`;
    return new Served(address, grpc, listener, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.grpc.forceShutdown();
    await this.#listener[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true });
  }
}

/** Credentials for both transports. */
export const insecure = () => credentials.createInsecure();
