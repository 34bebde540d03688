import { Collectives } from "../engine/collectives.ts";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import { batches, type BatchShare, type DataCursor } from "../prepared/batches.ts";
import type { PhotoRows } from "../prepared/prepared_set.ts";
import type { ReplicaFollower } from "../replicas/follower.ts";
import type { ReplicaLeader } from "../replicas/leader.ts";
import type { Order } from "../replicas/messages.ts";
import { photosPerStep } from "../config/photos_per_step.ts";
import type { TrainingConfig } from "../config/training.ts";
import { splitSet } from "../prepared/split_set.ts";
import { stateVariables } from "./checkpointing.ts";
import { CompiledStep, type Losses } from "./compiled_step.ts";
import { Gan } from "./gan.ts";
import type { Rates } from "./learning_rates.ts";

/** Rank 0 of several replicas, as the training loop drives it. Owns what they compute together. */
export class LeadingReplica implements Disposable {
  readonly collectives: Collectives;
  /** Which part of every batch is read here. */
  readonly share: BatchShare;
  readonly #leader: ReplicaLeader;
  readonly #state: SharedState;
  readonly #stopAborting: () => void;

  /** @param leader with all other replicas ready; it stays the caller's. */
  constructor(gan: Gan, leader: ReplicaLeader) {
    this.#leader = leader;
    this.share = { index: 0, count: leader.size };
    this.collectives = collectivesOf(gan.engine, this.share, leader.nextSession());
    this.#state = new SharedState(gan, this.collectives);
    this.#stopAborting = leader.onFailure(({ message }) => {
      gan.engine.context.abortCollectives(message);
    });
  }

  /** Gives all replicas this one's weights and optimizers, and has them go on at a place in the data. */
  async shareState({ epoch, offset }: DataCursor): Promise<void> {
    await this.#together(() => {
      this.#leader.order({ kind: "share", epoch, offset });
      return this.#state.share();
    });
  }

  /** Takes a step together with the others. */
  async run(
    step: CompiledStep,
    pixels: Uint8Array,
    at: number,
    { lrG, lrD }: Rates,
  ): Promise<Losses> {
    return await this.#together(() => {
      this.#leader.order({ kind: "step", step: at, lrG, lrD });
      return step.run(pixels, at, { lrG, lrD });
    });
  }

  [Symbol.dispose](): void {
    this.#stopAborting();
    this.#state[Symbol.dispose]();
    this.collectives[Symbol.dispose]();
  }

  /** What fails because a replica is gone is told as that. */
  async #together<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await this.#leader.settledFailure() ?? error;
    }
  }
}

/** What a replica that is not rank 0 works with; all of it stays the caller's. */
interface FollowInputs {
  readonly engine: Engine;
  readonly set: PhotoRows & { readonly ids: readonly string[] };
  readonly config: TrainingConfig;
  readonly follower: ReplicaFollower;
  /** Which replica this is, and how many there are. */
  readonly share: BatchShare;
}

/**
 * Takes the steps that rank 0 orders, each on its own part of the batch, until rank 0 is done. It
 * writes nothing.
 *
 * @throws why the replicas cannot go on.
 */
export async function follow(inputs: FollowInputs): Promise<void> {
  const { engine, follower } = inputs;
  const stopAborting = follower.onFailure(({ message }) => {
    engine.context.abortCollectives(message);
  });
  let session: Session | undefined;
  try {
    follower.ready();
    let number = 0;
    for await (const order of follower.orders()) {
      if (order.kind === "share") {
        await session?.[Symbol.asyncDispose]();
        session = new Session(inputs, number++, order);
      }
      if (session === undefined) {
        throw new TypeError("A step was ordered before there was a state.");
      }
      await session.follow(order);
    }
  } finally {
    stopAborting();
    await session?.[Symbol.asyncDispose]();
  }
}

/**
 * What follows from one sharing of the state to the next: rank 0 builds everything anew then, and so
 * must the others, since what is traced is numbered.
 */
class Session implements AsyncDisposable {
  readonly #follower: ReplicaFollower;
  readonly #gan: Gan;
  readonly #collectives: Collectives;
  readonly #state: SharedState;
  readonly #step: CompiledStep;
  readonly #stream: ReturnType<typeof batches>;

  constructor(
    { engine, set, config, follower, share }: FollowInputs,
    number: number,
    start: DataCursor,
  ) {
    this.#follower = follower;
    this.#gan = new Gan(engine, config);
    this.#collectives = collectivesOf(engine, share, number);
    this.#state = new SharedState(this.#gan, this.#collectives);
    this.#step = new CompiledStep(this.#gan, config, this.#collectives);
    this.#stream = batches(set, splitSet(set.ids, config).train, {
      batchSize: photosPerStep(config, share.count),
      share,
      seed: config.seed,
      start: { epoch: start.epoch, offset: start.offset },
    });
  }

  async follow(order: Order): Promise<void> {
    if (order.kind === "share") return await this.#together(this.#state.share());
    const { value: batch } = await this.#stream.next();
    if (!batch) throw new TypeError("The photos have come to an end.");
    await this.#together(this.#step.run(batch.pixels, order.step, order));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream.return();
    for (const part of [this.#step, this.#state, this.#collectives, this.#gan]) {
      part[Symbol.dispose]();
    }
  }

  /** What fails because a replica is gone is told as that. */
  async #together(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      throw await this.#follower.settledFailure() ?? error;
    }
  }
}

/** @param session how many there were before, since the replicas have found each other. */
function collectivesOf(
  engine: Engine,
  { index, count }: BatchShare,
  session: number,
): Collectives {
  const hint = engine.context.options.gpu ? "nccl" : "ring";
  return new Collectives(engine, { rank: index, size: count, hint, session });
}

/** Makes rank 0's state that of all replicas. Owns a function. */
class SharedState implements Disposable {
  readonly #function: CompiledFunction;

  constructor(gan: Gan, collectives: Collectives) {
    this.#function = new CompiledFunction(gan.engine, () => {
      collectives.share(stateVariables(gan));
      return [];
    }, { name: "share_state" });
  }

  async share(): Promise<void> {
    await this.#function.call();
  }

  [Symbol.dispose](): void {
    this.#function[Symbol.dispose]();
  }
}
