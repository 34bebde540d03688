import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A way to a server that can be cut, as by a power failure of the client: no call is ended first. */
export class CutLine implements AsyncDisposable {
  /** Leads to the server, for one client. */
  readonly address: string;
  readonly #listener: Server;
  readonly #sockets: Set<Socket>;

  private constructor(address: string, listener: Server, sockets: Set<Socket>) {
    this.address = address;
    this.#listener = listener;
    this.#sockets = sockets;
  }

  /** @param address "HOST:PORT" of the server. */
  static async open(address: string): Promise<CutLine> {
    const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
    const sockets = new Set<Socket>();
    const listener = createServer((near) => {
      const far = connect(Number(port), host);
      for (const [socket, other] of [[near, far], [far, near]] as const) {
        sockets.add(socket);
        socket.on("error", () => {}); // "close" follows
        socket.on("close", () => {
          sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const own = listener.address() as AddressInfo;
    return new CutLine(`127.0.0.1:${own.port}`, listener, sockets);
  }

  /** Cuts it. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Cuts it, and gives up the address. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    const closed = once(this.#listener, "close");
    this.#listener.close();
    await closed;
  }
}
