import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** How a proxy treats the connections that it passes on. */
interface ProxyRules {
  /** Bytes of answers after which each connection is cut, the first to come first; then none is. */
  readonly cutAfter?: readonly number[];
  /** A connection on which a server says nothing for so long is cut, in ms. */
  readonly idleMs?: number;
}

/** A proxy that passes on bytes as they come, and cuts connections as real ones do. */
export class TcpProxy implements AsyncDisposable {
  readonly #listener: Server;
  readonly #rules: ProxyRules;
  readonly #to: URL;
  readonly #sockets = new Set<Socket>();
  #opened = 0;
  /** How many connections it has cut, each while its answer was under way. */
  cuts = 0;

  private constructor(listener: Server, to: URL, rules: ProxyRules) {
    this.#listener = listener;
    this.#to = to;
    this.#rules = rules;
    listener.on("connection", (socket) => this.#pass(socket));
  }

  /** @param to the URL of the server behind it. */
  static async open(to: string, rules: ProxyRules = {}): Promise<TcpProxy> {
    const listener = createServer();
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    return new TcpProxy(listener, new URL(to), rules);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
  }

  /** Cuts all connections. */
  cut(): void {
    this.cuts++;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#listener, "close");
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #pass(near: Socket): void {
    const far = connect(Number(this.#to.port), this.#to.hostname);
    let left = this.#rules.cutAfter?.[this.#opened++] ?? Infinity;
    const { idleMs } = this.#rules;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = () => {
      clearTimeout(timer);
      near.destroy();
      far.destroy();
    };
    const cut = () => {
      this.cuts++;
      end();
    };
    const wait = () => {
      clearTimeout(timer);
      if (idleMs !== undefined) timer = setTimeout(cut, idleMs);
    };
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on("error", end).once("close", () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    near.on("data", (bytes: Uint8Array) => {
      wait();
      far.write(bytes);
    });
    far.on("data", (bytes: Uint8Array) => {
      wait();
      if (bytes.length < left) {
        left -= bytes.length;
        near.write(bytes);
      } else near.write(bytes.subarray(0, left), cut);
    });
  }
}
