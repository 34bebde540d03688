import { connect, type Socket } from "node:net";

/** Frame types and flags of HTTP/2 (RFC 9113, 6). */
export const frames = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const END_STREAM = 1;
export const END_HEADERS = 4;

export const HELLO = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** A client that says what no HTTP/2 library would let it say. */
export class RawPeer implements Disposable {
  readonly socket: Socket;
  /** What the server sent. */
  readonly received: Buffer[] = [];
  /** Settles when the connection is closed, from whichever side. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {}); // "close" follows
    socket.on("data", (chunk: Buffer) => void this.received.push(chunk));
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  /** Dials "HOST:PORT", and says nothing. */
  static async dial(address: string): Promise<RawPeer> {
    const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
    const socket = connect(Number(port), host);
    const peer = new RawPeer(socket);
    const connected = new Promise<void>((resolve) => socket.once("connect", resolve));
    await Promise.race([connected, peer.closed]);
    return peer;
  }

  /** Dials and greets as a client of HTTP/2 does. */
  static async greet(address: string): Promise<RawPeer> {
    const peer = await RawPeer.dial(address);
    peer.write(HELLO, frame(frames.settings, 0, 0));
    return peer;
  }

  /**
   * Makes a call with one message, as a client of gRPC does, and never says that it has room for more
   * than the 65,535 bytes that every stream may send at first.
   *
   * @param message without its prefix.
   */
  static async call(address: string, path: string, message: Uint8Array): Promise<RawPeer> {
    const peer = await RawPeer.greet(address);
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    peer.write(
      frame(frames.headers, END_HEADERS, 1, headersOf(path)),
      frame(frames.data, END_STREAM, 1, Buffer.concat([prefix, message])),
    );
    return peer;
  }

  /** How much the server sent. */
  get receivedBytes(): number {
    return this.received.reduce((sum, { length }) => sum + length, 0);
  }

  /** Whether the connection is open. */
  get isOpen(): boolean {
    return !this.socket.destroyed;
  }

  /** Writes, whether or not the server has closed meanwhile. @returns false: wait for "drain". */
  write(...parts: readonly Uint8Array[]): boolean {
    return this.isOpen && this.socket.write(Buffer.concat(parts));
  }

  /** Writes `part` until the server closes, or `times`. @returns how often it was written. */
  async flood(part: Uint8Array, times: number): Promise<number> {
    for (let written = 0; written < times; written++) {
      if (!this.isOpen) return written;
      if (this.write(part)) continue;
      const drained = new Promise<void>((resolve) => this.socket.once("drain", resolve));
      await Promise.race([drained, this.closed]);
    }
    return times;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** A frame as it is on the wire. @param length what its header claims, where that is a lie. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = new Uint8Array(),
  length = payload.length,
): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}

/** The headers of a call, by HPACK's "literal without indexing" (RFC 7541, 6.2.2). */
export function headersOf(path: string, others: Readonly<Record<string, string>> = {}): Buffer {
  const headers = {
    ":method": "POST",
    ":scheme": "http",
    ":path": path,
    ":authority": "tinct",
    "content-type": "application/grpc",
    te: "trailers",
    ...others,
  };
  return Buffer.concat(
    Object.entries(headers).flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]),
  );
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  return Buffer.concat([integer(bytes.length), bytes]);
}

/** An integer with a prefix of seven bits (RFC 7541, 5.1). */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.of(value);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + rest % 128);
  return Buffer.from([...bytes, rest]);
}
