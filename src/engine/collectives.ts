import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { DataType } from "../tensorflow/data_type.ts";
import type { Engine } from "./engine.ts";
import { Variable } from "./variable.ts";

/** Float32 numbers of a bucket, about 25 MB: large enough for the network, small enough to overlap. */
const BUCKET_LENGTH = 6_250_000;

/** More than there are collective operations in all functions of a session. */
const MOST_INSTANCES = 10_000;

/** Names the group of all replicas; any number but 0, the same in every process. */
const GROUP_KEY = 1;

/** Who computes with whom. */
interface CollectivesOptions {
  /** Which replica this process is, from 0. */
  readonly rank: number;
  /** How many replicas there are. */
  readonly size: number;
  /** Tells apart what is traced anew: what was traced before keeps its numbers. Default: 0. */
  readonly session?: number;
  /** How the numbers travel: "ring" over the network, "nccl" between NVIDIA GPUs. */
  readonly hint: "ring" | "nccl";
  /** The most numbers that travel at once; by default 25 MB of them. */
  readonly bucketLength?: number;
}

/**
 * What replicas compute together, inside functions that are being compiled. Every replica must trace
 * the same functions in the same order, and call them in the same order: what they bring together is
 * matched by its number. Within a function each operation waits for the one before, so that no two
 * replicas can wait for one another. Owns a variable.
 */
export class Collectives implements Disposable {
  readonly rank: number;
  readonly size: number;
  readonly #engine: Engine;
  readonly #hint: string;
  readonly #bucketLength: number;
  /** It holds nothing: operations that touch it keep their order (`ResourceOrder`). */
  readonly #order: Variable;
  #nextInstance: number;

  constructor(
    engine: Engine,
    { rank, size, hint, session = 0, bucketLength = BUCKET_LENGTH }: CollectivesOptions,
  ) {
    this.#nextInstance = 1 + session * MOST_INSTANCES;
    this.rank = rank;
    this.size = size;
    this.#engine = engine;
    this.#hint = hint;
    this.#bucketLength = bucketLength;
    const zero = tf.scalar(0);
    this.#order = new Variable(engine, "order_of_collectives", zero);
    zero.dispose();
  }

  /**
   * The mean of each tensor over the replicas, the same to the last bit in all of them.
   *
   * They are laid end to end in buckets, in the order in which the trace made them. In a backward
   * pass that is the order in which they will be ready, and a bucket travels while the rest of the
   * pass goes on.
   *
   * @param tensors float32, of any shapes; the shapes are the same in every replica.
   * @returns in the order of `tensors`.
   */
  average(tensors: readonly Tensor[]): Tensor[] {
    return this.#inBuckets(
      tensors,
      (flat) => this.#reduce(flat, { dataType: DataType.FLOAT, final: "Div" }),
    );
  }

  /** Gives the values that variables have in rank 0 to those of all replicas, to the last bit. */
  share(variables: readonly Variable[]): void {
    tf.tidy(() => {
      const values = variables.map((variable) => variable.read());
      const shared = this.#inBuckets(values, (flat) => {
        // As whole numbers; the others' are 0: a sum that alters no bit, not even of -0.
        const bits = this.#bitcast(flat, DataType.FLOAT, DataType.INT32);
        const own = this.rank === 0 ? bits : tf.zerosLike(bits);
        const sum = this.#reduce(own, { dataType: DataType.INT32, final: "Id" });
        return this.#bitcast(sum, DataType.INT32, DataType.FLOAT);
      });
      variables.forEach((variable, i) => variable.assign(shared[i]!));
    });
  }

  [Symbol.dispose](): void {
    this.#order[Symbol.dispose]();
  }

  #inBuckets(tensors: readonly Tensor[], bringTogether: (flat: Tensor) => Tensor): Tensor[] {
    return tf.tidy(() => {
      const results = new Map<Tensor, Tensor>();
      for (const bucket of this.#buckets(tensors)) {
        const flat = bucket.map((tensor) => tf.reshape(tensor, [tensor.size]));
        const [only] = flat;
        const result = bringTogether(flat.length === 1 && only ? only : tf.concat(flat, 0));
        let start = 0;
        for (const tensor of bucket) {
          const part = flat.length === 1 ? result : tf.slice(result, [start], [tensor.size]);
          results.set(tensor, tf.reshape(part, tensor.shape));
          start += tensor.size;
        }
      }
      return tensors.map((tensor) => results.get(tensor)!);
    });
  }

  /** A tensor that is larger than a bucket has one to itself. */
  #buckets(tensors: readonly Tensor[]): Tensor[][] {
    const buckets: Tensor[][] = [];
    let room = 0;
    for (const tensor of [...tensors].sort((a, b) => a.id - b.id)) {
      const last = buckets.at(-1);
      if (last === undefined || tensor.size > room) {
        buckets.push([tensor]);
        room = this.#bucketLength - tensor.size;
      } else {
        last.push(tensor);
        room -= tensor.size;
      }
    }
    return buckets;
  }

  #reduce(
    values: Tensor,
    { dataType, final }: { readonly dataType: number; readonly final: "Div" | "Id" },
  ): Tensor {
    const { binding } = this.#engine;
    const keys = [this.size, GROUP_KEY, this.#nextInstance++].map((key) => tf.scalar(key, "int32"));
    const string = (name: string, value: string) =>
      ({ name, type: binding.TF_ATTR_STRING, value }) as const;
    const [result] = binding.executeOp(
      "CollectiveReduceV2",
      [
        { name: "T", type: binding.TF_ATTR_TYPE, value: dataType },
        string("merge_op", "Add"),
        string("final_op", final),
        string("communication_hint", this.#hint),
      ],
      [...[values, ...keys].map((tensor) => this.#engine.idOf(tensor)), this.#order.handleId],
      1,
    );
    if (result === undefined) throw new Error("TensorFlow brought nothing together.");
    return this.#engine.tensorOf(result);
  }

  #bitcast(values: Tensor, from: number, to: number): Tensor {
    const { binding } = this.#engine;
    const [result] = binding.executeOp(
      "Bitcast",
      [
        { name: "T", type: binding.TF_ATTR_TYPE, value: from },
        { name: "type", type: binding.TF_ATTR_TYPE, value: to },
      ],
      [this.#engine.idOf(values)],
      1,
    );
    if (result === undefined) throw new Error("TensorFlow cast nothing.");
    return this.#engine.tensorOf(result);
  }
}
