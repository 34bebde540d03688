import { createServer, type Server, type Socket } from "node:net";
import { onAbort } from "../abort.ts";
import { messageOf, TinctError } from "../errors.ts";
import { controlAddress, type ReplicaAddresses } from "./addresses.ts";
import { Channel } from "./channel.ts";
import { Failure } from "./failure.ts";
import {
  type Ending,
  type FollowerMessage,
  type LeaderMessage,
  type Order,
  readMessage,
  StepPace,
} from "./messages.ts";
import { ReplicaLost } from "./replica_lost.ts";

/** How replicas find and watch one another. */
export interface ReplicaOptions {
  readonly version: string;
  /** After so long without a word a replica counts as lost, once steps follow one another. */
  readonly silenceMs: number;
}

/** Another replica, as the leader sees it. */
interface Follower {
  readonly channel: Channel;
  isReady: boolean;
}

/**
 * Rank 0's side of replicas: waits for the others, tells them what to do, and notices when one is
 * lost. Owns a server and the connections.
 */
export class ReplicaLeader implements Disposable {
  readonly addresses: ReplicaAddresses;
  readonly #options: ReplicaOptions;
  readonly #server: Server;
  readonly #followers = new Map<number, Follower>();
  readonly #stop = new AbortController();
  readonly #changed = new EventTarget();
  #welcome: LeaderMessage | undefined;
  readonly #failure = new Failure();
  readonly #pace = new StepPace();
  #isOver = false;
  #sessions = 0;

  private constructor(addresses: ReplicaAddresses, options: ReplicaOptions, server: Server) {
    this.addresses = addresses;
    this.#options = options;
    this.#server = server;
    server.on("connection", (socket) => this.#take(socket));
  }

  /**
   * Begins to listen for the other replicas.
   *
   * @throws TinctError `failed_precondition` when the port cannot be had.
   */
  static async listen(
    addresses: ReplicaAddresses,
    options: ReplicaOptions,
  ): Promise<ReplicaLeader> {
    const address = controlAddress(addresses);
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) => {
        const where = "path" in address ? address.path : `${address.host}:${address.port}`;
        const what = `Rank 0 cannot listen at ${where} (${messageOf(cause)})`;
        reject(new TinctError("failed_precondition", `${what}: give another address.`, { cause }));
      });
      server.listen(address, resolve);
    });
    return new ReplicaLeader(addresses, options, server);
  }

  /** How many replicas there are, this one included. */
  get size(): number {
    return this.addresses.addresses.length;
  }

  /** Aborted when a replica is lost or failed, or somebody wants the training stopped. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Why the replicas cannot go on, where they cannot. */
  get failure(): TinctError | undefined {
    return this.#failure.reason;
  }

  /** Tells why the replicas cannot go on, once that is so; returns what takes the listener away. */
  onFailure(listener: (reason: TinctError) => void): () => void {
    return this.#failure.listen(listener);
  }

  /** The failure, waiting for as long as it may take to notice one. */
  settledFailure(): Promise<TinctError | undefined> {
    return this.#failure.within(2 * this.#options.silenceMs);
  }

  /** Tells the others, as soon as they come, what is trained, and on what. */
  welcome(
    { config, dataKey }: {
      readonly config: Readonly<Record<string, unknown>>;
      readonly dataKey: string;
    },
  ): void {
    this.#welcome = { kind: "welcome", config, dataKey };
    for (const { channel } of this.#followers.values()) channel.send(this.#welcome);
  }

  /**
   * Waits until all other replicas are there and ready.
   *
   * @param onMissing is told, each time one has come, which are still missing.
   * @throws TinctError the failure of one, or the signal's reason.
   */
  async gather(
    { signal, onMissing }: {
      readonly signal: AbortSignal;
      readonly onMissing: (addresses: readonly string[]) => void;
    },
  ): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.failure) throw this.failure;
      this.#stop.signal.throwIfAborted();
      const missing = this.addresses.addresses.slice(1)
        .filter((_, index) => !this.#followers.get(index + 1)?.isReady);
      if (missing.length === 0) return;
      onMissing(missing);
      await nextEvent(this.#changed, signal);
    }
  }

  /** Counts, from 0, how often the state is shared from the start on. */
  nextSession(): number {
    return this.#sessions++;
  }

  /**
   * Has the other replicas do what this one is about to do.
   *
   * @throws TinctError the failure, where they cannot go on.
   */
  order(order: Order): void {
    if (this.failure) throw this.failure;
    const isUnderWay = this.#pace.follows(order);
    for (const { channel } of this.#followers.values()) {
      channel.isUnderWay = isUnderWay;
      channel.send(order);
    }
  }

  /** Tells the others that it is over, and how. */
  end(ending: Ending, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const { channel } of this.#followers.values()) {
      channel.end({ kind: "end", ending, reason });
    }
    this.#server.close();
  }

  /**
   * Does rank 0's part, and tells the others how it ended.
   *
   * @param signal aborted: the training was to end, and a loss meanwhile is no failure.
   * @throws what `work` throws, or the failure of a replica.
   */
  async lead<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      const result = await work();
      if (this.failure && !signal.aborted) throw this.failure;
      this.end("done", "");
      return result;
    } catch (error) {
      this.end("failed", error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.end("failed", "rank 0 has ended");
  }

  #take(socket: Socket): void {
    let rank: number | undefined;
    const channel = new Channel(socket, {
      silenceMs: this.#options.silenceMs,
      onLine: (line) => {
        const message = readMessage(line, "follower");
        if (message === undefined) throw new Error("it does not speak the protocol of replicas");
        if (rank !== undefined) this.#hear(rank, message);
        else if (message.kind === "hello") rank = this.#greet(channel, message);
      },
      onLost: (why) => {
        if (rank !== undefined) this.#lose(rank, why);
      },
    });
  }

  /** @returns its rank; undefined where it was sent away. */
  #greet(
    channel: Channel,
    { rank, size, version }: FollowerMessage & { kind: "hello" },
  ): number | undefined {
    const refusal = size !== this.size
      ? `It was given ${size} addresses, rank 0 has ${this.size}: give all the same list.`
      : version !== this.#options.version
      ? `It is version ${version}, rank 0 is ${this.#options.version}: use one version for all.`
      : this.#followers.has(rank) || !(rank > 0 && rank < size)
      ? `There is a replica of rank ${rank} already: give each its own rank.`
      : undefined;
    if (refusal !== undefined) {
      channel.end({ kind: "end", ending: "failed", reason: refusal });
      return undefined;
    }
    this.#followers.set(rank, { channel, isReady: false });
    if (this.#welcome) channel.send(this.#welcome);
    return rank;
  }

  #hear(rank: number, message: FollowerMessage): void {
    const follower = this.#followers.get(rank);
    switch (message.kind) {
      case "ready":
        if (follower) follower.isReady = true;
        return this.#tell();
      case "interrupted":
        this.#stop.abort(new TinctError("cancelled", `${this.#name(rank)} was interrupted.`));
        return this.#tell();
      case "failed": {
        const what = `${this.#name(rank)} failed: ${message.message}`;
        return this.#fail(new TinctError(message.code, what));
      }
    }
  }

  #lose(rank: number, why: string): void {
    if (this.#isOver) return;
    this.#fail(new ReplicaLost(`${this.#name(rank)} is lost: ${why}.`));
  }

  #fail(failure: TinctError): void {
    if (this.failure !== undefined) return;
    this.end(failure instanceof ReplicaLost ? "lost" : "failed", failure.message);
    this.#failure.set(failure);
    this.#stop.abort(failure);
    this.#tell();
  }

  #tell(): void {
    this.#changed.dispatchEvent(new Event("change"));
  }

  #name(rank: number): string {
    return `Replica ${rank} (${this.addresses.addresses[rank]})`;
  }
}

/** Waits for a change, or until the signal is aborted. */
function nextEvent(target: EventTarget, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      target.removeEventListener("change", done);
      listening[Symbol.dispose]();
      resolve();
    };
    target.addEventListener("change", done);
    const listening = onAbort(signal, done);
  });
}
