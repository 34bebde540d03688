import { connect, type Socket } from "node:net";
import { onAbort } from "../abort.ts";
import { messageOf, TinctError } from "../errors.ts";
import { type ControlAddress, controlAddress, type ReplicaAddresses } from "./addresses.ts";
import { Channel } from "./channel.ts";
import { Failure } from "./failure.ts";
import type { ReplicaOptions } from "./leader.ts";
import { type LeaderMessage, type Order, readMessage, StepPace } from "./messages.ts";
import { ReplicaLost } from "./replica_lost.ts";

/** Milliseconds between two tries to reach rank 0. */
const RETRY_MS = 250;

/** The side of a replica that is not rank 0: does what it is told. Owns the connection. */
export class ReplicaFollower implements Disposable {
  readonly #channel: Channel;
  readonly #orders: Order[] = [];
  readonly #pace = new StepPace();
  readonly #failure = new Failure();
  readonly #silenceMs: number;
  #welcome: (LeaderMessage & { kind: "welcome" }) | undefined;
  #isDone = false;
  #wake: () => void = () => {};

  private constructor(
    socket: Socket,
    { addresses, rank }: ReplicaAddresses,
    options: ReplicaOptions,
  ) {
    this.#silenceMs = options.silenceMs;
    const leader = `Rank 0 (${addresses[0]})`;
    this.#channel = new Channel(socket, {
      silenceMs: options.silenceMs,
      onLine: (line) => {
        const message = readMessage(line, "leader");
        if (message === undefined) throw new Error("it does not speak the protocol of rank 0");
        this.#take(message);
      },
      onLost: (why) => this.#fail(new ReplicaLost(`${leader} is lost: ${why}.`)),
    });
    const { version } = options;
    this.#channel.send({ kind: "hello", rank, size: addresses.length, version });
  }

  /**
   * Reaches rank 0, for as long as it takes until that is there.
   *
   * @param onWaiting is told once when it is not there yet.
   * @throws the signal's reason.
   */
  static async connect(
    addresses: ReplicaAddresses,
    options: ReplicaOptions,
    { signal, onWaiting }: { readonly signal: AbortSignal; readonly onWaiting: () => void },
  ): Promise<ReplicaFollower> {
    for (let isFirst = true;; isFirst = false) {
      signal.throwIfAborted();
      const socket = await reach(controlAddress(addresses));
      if (socket !== undefined) return new ReplicaFollower(socket, addresses, options);
      if (isFirst) onWaiting();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Tells why the replicas cannot go on, once that is so; returns what takes the listener away. */
  onFailure(listener: (reason: TinctError) => void): () => void {
    return this.#failure.listen(listener);
  }

  /** The failure, waiting for as long as it may take to notice one. */
  settledFailure(): Promise<TinctError | undefined> {
    return this.#failure.within(2 * this.#silenceMs);
  }

  /**
   * Waits for what is to be trained.
   *
   * @throws the reason why there will be nothing, or the signal's.
   */
  async welcome(signal: AbortSignal): Promise<LeaderMessage & { kind: "welcome" }> {
    using _listening = onAbort(signal, () => this.#wake());
    while (this.#welcome === undefined) {
      signal.throwIfAborted();
      if (this.#failure.reason) throw this.#failure.reason;
      if (this.#isDone) {
        throw new TinctError("cancelled", "Rank 0 ended before the training began.");
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#welcome;
  }

  /** Says that orders may come. */
  ready(): void {
    this.#channel.send({ kind: "ready" });
  }

  /** Asks rank 0 to stop. */
  interrupt(): void {
    this.#channel.send({ kind: "interrupted" });
  }

  /** Says that this replica cannot go on. */
  fail(error: unknown): void {
    const code = error instanceof TinctError ? error.code : "internal";
    this.#channel.end({ kind: "failed", code, message: messageOf(error) });
  }

  /**
   * What to do, one thing after the other, until rank 0 is done.
   *
   * @throws the reason why the replicas cannot go on.
   */
  async *orders(): AsyncGenerator<Order, void, void> {
    for (;;) {
      if (this.#failure.reason) throw this.#failure.reason;
      const next = this.#orders.shift();
      if (next !== undefined) yield next;
      else if (this.#isDone) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  [Symbol.dispose](): void {
    this.#channel[Symbol.dispose]();
  }

  #take(message: LeaderMessage): void {
    switch (message.kind) {
      case "alive":
        return;
      case "welcome":
        this.#welcome = message;
        break;
      case "end":
        if (message.ending === "lost") return this.#fail(new ReplicaLost(message.reason));
        if (message.ending === "failed") {
          return this.#fail(new TinctError("cancelled", `Rank 0 ended: ${message.reason}`));
        }
        this.#isDone = true;
        this.#channel[Symbol.dispose]();
        break;
      default:
        this.#channel.isUnderWay = this.#pace.follows(message);
        this.#orders.push(message);
    }
    this.#wake();
  }

  #fail(reason: TinctError): void {
    if (this.#isDone) return;
    this.#channel[Symbol.dispose]();
    this.#failure.set(reason);
    this.#wake();
  }
}

/** A connection; undefined where nobody listens. */
function reach(address: ControlAddress): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
