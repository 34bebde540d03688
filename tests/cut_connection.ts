import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A connection to a server that counts what is sent over it, and can be cut. */
export class CutConnection implements AsyncDisposable {
  readonly port: number;
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets = new Set<Socket>();
  #cutAt = Infinity;
  #isOpen = true;
  /** Bytes that clients have sent, headers and all. */
  sentBytes = 0;
  /** How often it was cut. */
  cuts = 0;

  private constructor(server: ReturnType<typeof createServer>, onward: number) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (client) => {
      if (!this.#isOpen) {
        client.destroy();
        return;
      }
      const upstream = connect(onward, "127.0.0.1");
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on("error", () => {});
        socket.once("close", () => {
          this.#sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
      }
      client.on("data", (bytes) => {
        this.sentBytes += bytes.length;
        if (this.sentBytes < this.#cutAt) return;
        this.#cutAt = Infinity;
        this.cut();
      });
      client.pipe(upstream);
      upstream.pipe(client);
    });
  }

  /** Opens one to a port of this machine. */
  static async open(port: number): Promise<CutConnection> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new CutConnection(server, port);
  }

  /** Cuts all that is open now. */
  cut(): void {
    this.cuts++;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Cuts all, and whatever comes until it is mended. */
  cutOff(): void {
    this.#isOpen = false;
    this.cut();
  }

  /** Lets through what comes from now on. */
  mend(): void {
    this.#isOpen = true;
  }

  /** Cuts once when clients have sent so many bytes more. */
  cutAfter(bytes: number): void {
    this.#cutAt = this.sentBytes + bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
