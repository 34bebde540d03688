import type { Http2Session } from "node:http2";
import type { TappedSocket } from "./tapped_socket.ts";

/** How connections are asked whether anybody is still there. */
interface KeepaliveOptions {
  /** From one ping to the next, in milliseconds. */
  readonly everyMs: number;
  /** A connection from which nothing at all came for so long after a ping is cut, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Pings clients, and cuts those from which nothing comes any more.
 *
 * In place of grpc-js's own keepalive (1.14.7): that waits for the answer to the ping alone, which a
 * client on a busy machine may send behind much else, and then ends the connection in a way that
 * grpc-js's clients take for INTERNAL ("Received RST_STREAM with code 0"), without a line in the log.
 */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  readonly #known = new WeakSet<Http2Session>();

  constructor(options: KeepaliveOptions) {
    this.#options = options;
  }

  /** Looks after a connection until it is closed; again is the same as once. */
  watch(session: Http2Session, socket: TappedSocket): void {
    if (this.#known.has(session)) return;
    this.#known.add(session);
    const { everyMs, timeoutMs } = this.#options;
    let timer: ReturnType<typeof setTimeout>;
    const after = (delayMs: number, next: () => void) => {
      timer = setTimeout(next, delayMs);
      timer.unref();
    };
    const ping = () => {
      if (session.destroyed || session.closed) return;
      const heardBytes = socket.receivedBytes;
      session.ping(() => {}); // whatever comes will do
      const judge = () => {
        if (socket.receivedBytes === heardBytes) socket.cut("it does not answer a ping");
        else after(everyMs, ping);
      };
      // In two parts: where the server itself stood still for so long, it reads before it judges.
      after(timeoutMs / 2, () => after(timeoutMs / 2, judge));
    };
    after(everyMs, ping);
    socket.whenClosed(() => clearTimeout(timer));
  }
}
