import { inTime } from "../in_time.ts";
import { END_HEADERS, END_STREAM, frame, frames, headersOf, HELLO, RawPeer } from "./raw_peer.ts";

/** Has the server name its headers in full: no table of those before (RFC 7541, 4.2). */
const NO_TABLE = frame(frames.settings, 0, 0, Buffer.from([0, 1, 0, 0, 0, 0]));

/** "grpc-status" in the code of HPACK (RFC 7541, appendix B). */
const STATUS_NAME = Buffer.from("9acac8b21234da8f", "hex");

/** Of the longest flood, a gigabyte a connection, on a machine that others fill. */
const FLOOD_SECONDS = 300;

const FIRST_WINDOW = 65_535;
const FRAME_BYTES = 16_384;
const ZEROS = Buffer.alloc(FRAME_BYTES);

/** A call of a flood. */
interface FloodCall {
  /** Bytes that it has still to send, its prefixes included. */
  left: Buffer[];
  leftBytes: number;
  readonly ends: boolean;
  window: number;
  status: number | undefined;
  isOver: boolean;
}

/** What the calls of a connection say. */
export interface FloodOptions {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The messages of each call, framed; zeros follow where they claim more. */
  readonly messages: Buffer;
  /** Zeros that follow. */
  readonly zeros?: number;
  /** Whether calls end after that. */
  readonly ends?: boolean;
}

/**
 * Many calls on one connection, which send as much as flow control lets them and hold none of it in
 * memory, as only an attacker would.
 */
export class MessageFlood implements Disposable {
  readonly #peer: RawPeer;
  readonly #calls = new Map<number, FloodCall>();
  #window = FIRST_WINDOW;
  #buffer = Buffer.alloc(0);
  #lastId = -1;
  #wake = () => {};
  /** Bytes of messages that were sent. */
  sentBytes = 0;

  private constructor(peer: RawPeer) {
    this.#peer = peer;
    peer.socket.on("data", (chunk: Buffer) => {
      peer.received.length = 0;
      this.#take(chunk);
    });
    peer.socket.on("drain", () => this.#send());
    void peer.closed.then(() => {
      for (const call of this.#calls.values()) call.isOver = true;
      this.#wake();
    });
  }

  static async open(address: string): Promise<MessageFlood> {
    const peer = await RawPeer.dial(address);
    const flood = new MessageFlood(peer);
    peer.write(HELLO, NO_TABLE);
    return flood;
  }

  /** Begins so many calls. */
  begin(count: number, options: FloodOptions): void {
    const { path, headers = {}, messages, zeros = 0, ends = true } = options;
    const block = headersOf(path, headers);
    for (let index = 0; index < count; index++) {
      this.#lastId += 2;
      this.#calls.set(this.#lastId, {
        left: [messages],
        leftBytes: messages.length + zeros,
        ends,
        window: FIRST_WINDOW,
        status: undefined,
        isOver: false,
      });
      this.#peer.write(frame(frames.headers, END_HEADERS, this.#lastId, block));
    }
    this.#send();
  }

  /** gRPC's codes of the calls that have ended; -1: by a reset. */
  get statuses(): number[] {
    return [...this.#calls.values()].flatMap(({ isOver, status }) => isOver ? [status ?? -1] : []);
  }

  /** Waits until so many calls have ended, or the connection has. */
  async ended(count: number): Promise<void> {
    const isOver = () => !this.#peer.isOpen || this.statuses.length >= count;
    const over = async () => {
      while (!isOver()) await new Promise<void>((resolve) => this.#wake = resolve);
    };
    await inTime(over(), `the server ends ${count} calls`, FLOOD_SECONDS);
  }

  [Symbol.dispose](): void {
    this.#peer[Symbol.dispose]();
  }

  #send(): void {
    for (const [id, call] of this.#calls) {
      while (!call.isOver && call.leftBytes > 0 && call.window > 0 && this.#window > 0) {
        if (this.#peer.socket.writableLength > 2 ** 20) return;
        const [first = ZEROS] = call.left;
        const size = Math.min(first.length, call.leftBytes, call.window, this.#window, FRAME_BYTES);
        call.leftBytes -= size;
        const isLast = call.ends && call.leftBytes === 0;
        this.#peer.write(frame(frames.data, isLast ? END_STREAM : 0, id, first.subarray(0, size)));
        call.window -= size;
        this.#window -= size;
        this.sentBytes += size;
        if (call.left.length === 0) continue;
        if (size === first.length) call.left.shift();
        else call.left[0] = first.subarray(size);
      }
    }
  }

  #take(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    while (this.#buffer.length >= 9) {
      const length = this.#buffer.readUIntBE(0, 3);
      if (this.#buffer.length < 9 + length) break;
      const [type, flags] = [this.#buffer.readUInt8(3), this.#buffer.readUInt8(4)];
      this.#frame(type, flags, this.#buffer.readUInt32BE(5), this.#buffer.subarray(9, 9 + length));
      this.#buffer = this.#buffer.subarray(9 + length);
    }
    this.#send();
    this.#wake();
  }

  #frame(type: number, flags: number, id: number, payload: Buffer): void {
    const call = this.#calls.get(id);
    if (type === frames.windowUpdate) {
      if (id === 0) this.#window += payload.readUInt32BE(0);
      else if (call) call.window += payload.readUInt32BE(0);
    } else if (type === frames.settings && (flags & 1) === 0) {
      this.#peer.write(frame(frames.settings, 1, 0));
    } else if (type === frames.ping && (flags & 1) === 0) {
      this.#peer.write(frame(frames.ping, 1, 0, payload));
    } else if (call && type === frames.headers) {
      const at = payload.indexOf(STATUS_NAME) + STATUS_NAME.length;
      if (at >= STATUS_NAME.length) {
        const size = payload.readUInt8(at);
        call.status = Number(payload.toString("latin1", at + 1, at + 1 + size));
      }
    }
    if (call && (type === frames.reset || (flags & END_STREAM) !== 0 && type <= frames.headers)) {
      call.isOver = true;
    }
  }
}
