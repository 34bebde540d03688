import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { messageOf } from "../errors.ts";
import type { FollowerMessage, LeaderMessage } from "./messages.ts";

/** How a connection is watched. */
interface ChannelOptions {
  /** After so long without a word from the other side it counts as lost, see `isUnderWay`. */
  readonly silenceMs: number;
  /** Takes each line; what it throws ends the connection. */
  readonly onLine: (line: string) => void;
  /** The connection is over, and why, as half a sentence: "its connection was closed". */
  readonly onLost: (why: string) => void;
}

/**
 * While TensorFlow is loaded or a step is traced a process says nothing, on a busy machine for longer than
 * `silenceMs`. One that has died is noticed by its closed connection all the same.
 */
const STARTING_PATIENCE = 8;

/** The longest line: a configuration is some thousand characters. */
const MAX_LINE = 2 ** 20;

/**
 * A connection of two replicas: a line of JSON a message, and a sign of life a quarter of the time
 * after which silence counts as loss. Owns the socket.
 */
export class Channel implements Disposable {
  /** Whether steps follow one another: silence counts as loss eight times later where they do not yet. */
  isUnderWay = false;
  readonly #socket: Socket;
  readonly #timer: ReturnType<typeof setInterval>;
  #heardMs = performance.now();
  #isOver = false;

  constructor(socket: Socket, { silenceMs, onLine, onLost }: ChannelOptions) {
    this.#socket = socket;
    const lose = (why: string) => {
      if (this.#isOver) return;
      this[Symbol.dispose]();
      onLost(why);
    };
    socket.setNoDelay(true);
    socket.on("error", (error) => lose(`its connection failed (${messageOf(error)})`));
    socket.on("data", () => this.#heardMs = performance.now());
    const lines = createInterface({ input: socket });
    lines.on("line", (line) => {
      if (this.#isOver) return;
      try {
        if (line.length > MAX_LINE) throw new Error(`it sent a line of ${line.length} characters`);
        onLine(line);
      } catch (error) {
        lose(messageOf(error));
      }
    });
    lines.on("error", () => {}); // the socket's, once more
    lines.on("close", () => lose("its connection was closed"));
    let lastMs = performance.now();
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      // A process that was itself stopped or busy has heard nothing: what came meanwhile is read first.
      const wasAway = nowMs - lastMs > silenceMs / 2;
      lastMs = nowMs;
      const allowedMs = this.isUnderWay ? silenceMs : STARTING_PATIENCE * silenceMs;
      if (!wasAway && nowMs - this.#heardMs > allowedMs) {
        return lose(`it has been silent for ${(nowMs - this.#heardMs) / 1000 | 0} s`);
      }
      this.send({ kind: "alive" });
    }, silenceMs / 4);
  }

  /** Sends a message; to a connection that is over, nothing. */
  send(message: LeaderMessage | FollowerMessage): void {
    if (!this.#isOver) this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  /** Sends a last message and ends the connection. */
  end(message: LeaderMessage | FollowerMessage): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#socket.end(`${JSON.stringify(message)}\n`);
    this.#socket.unref();
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#socket.destroy();
  }
}
