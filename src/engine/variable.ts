import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { DataType } from "../tensorflow/data_type.ts";
import type { Engine } from "./engine.ts";

/** Makes the names of variables distinct within the process. */
let nextVariable = 0;

/**
 * A float32 resource variable on the device. Updates happen in place. Inside a compiled function its
 * reads and writes keep their program order. Its maker disposes of it.
 */
export class Variable implements Disposable {
  readonly name: string;
  readonly shape: readonly number[];
  /** The tensor id of its resource handle. */
  readonly handleId: number;
  readonly #engine: Engine;
  #disposed = false;

  /**
   * @param name what it is called in messages.
   * @param initial its first value, float32; stays the caller's.
   * @throws TypeError while a function is being traced, which would make it anew at every call.
   */
  constructor(engine: Engine, name: string, initial: Tensor) {
    this.#engine = engine;
    this.name = name;
    this.shape = initial.shape;
    const { binding } = engine;
    if (binding.isTracing) {
      throw new TypeError(`The variable ${name} was made while a function was being traced.`);
    }
    const [handle] = binding.executeOp(
      "VarHandleOp",
      [
        { name: "dtype", type: binding.TF_ATTR_TYPE, value: DataType.FLOAT },
        { name: "shape", type: binding.TF_ATTR_SHAPE, value: [...initial.shape] },
        { name: "shared_name", type: binding.TF_ATTR_STRING, value: `${name}#${nextVariable++}` },
      ],
      [],
      1,
    );
    if (handle === undefined) throw new Error(`TensorFlow made no variable ${name}.`);
    this.handleId = handle.id;
    this.assign(initial);
  }

  /** Its value: an eager tensor, or while tracing a symbolic one. */
  read(): Tensor {
    const { binding } = this.#engine;
    const [result] = binding.executeOp(
      "ReadVariableOp",
      [
        { name: "dtype", type: binding.TF_ATTR_TYPE, value: DataType.FLOAT },
      ],
      [this.handleId],
      1,
    );
    if (result === undefined) throw new Error(`TensorFlow read nothing from ${this.name}.`);
    binding.stateShape(result.id, this.shape);
    return this.#engine.tensorOf({ ...result, shape: [...this.shape] });
  }

  /** Replaces its value, of the same shape. */
  assign(value: Tensor): void {
    if (`${value.shape}` !== `${this.shape}`) {
      throw new RangeError(
        `The variable ${this.name} has the shape [${this.shape}], the new value [${value.shape}].`,
      );
    }
    const { binding } = this.#engine;
    binding.executeOp(
      "AssignVariableOp",
      [
        { name: "dtype", type: binding.TF_ATTR_TYPE, value: DataType.FLOAT },
      ],
      [this.handleId, this.#engine.idOf(value)],
      0,
    );
  }

  /**
   * Moves its value towards another variable's, of the same shape: value - share (value - target).
   *
   * @param share a scalar, 0 to stay and 1 to get there.
   */
  moveTowards(target: Variable, share: Tensor): void {
    const { binding } = this.#engine;
    tf.tidy(() => {
      const difference = tf.sub(this.read(), target.read());
      // In place; with an addition of products each number would be moved about twice as often.
      binding.executeOp(
        "ResourceApplyGradientDescent",
        [
          { name: "T", type: binding.TF_ATTR_TYPE, value: DataType.FLOAT },
          { name: "use_locking", type: binding.TF_ATTR_BOOL, value: false },
        ],
        [this.handleId, this.#engine.idOf(share), this.#engine.idOf(difference)],
        0,
      );
    });
  }

  /** Adds to its value, in place. */
  add(value: Tensor): void {
    const { binding } = this.#engine;
    binding.executeOp(
      "AssignAddVariableOp",
      [
        { name: "dtype", type: binding.TF_ATTR_TYPE, value: DataType.FLOAT },
      ],
      [this.handleId, this.#engine.idOf(value)],
      0,
    );
  }

  /**
   * Some rows along its first axis, without a copy of the rest.
   *
   * @param rows [n] int32.
   * @returns [n, ...] of its shape.
   */
  readRows(rows: Tensor): Tensor {
    const { binding } = this.#engine;
    const [result] = binding.executeOp(
      "ResourceGather",
      [
        { name: "dtype", type: binding.TF_ATTR_TYPE, value: DataType.FLOAT },
        { name: "Tindices", type: binding.TF_ATTR_TYPE, value: DataType.INT32 },
        { name: "validate_indices", type: binding.TF_ATTR_BOOL, value: true },
        { name: "batch_dims", type: binding.TF_ATTR_INT, value: 0 },
      ],
      [this.handleId, this.#engine.idOf(rows)],
      1,
    );
    if (result === undefined) throw new Error(`TensorFlow read nothing from ${this.name}.`);
    const shape = [...rows.shape, ...this.shape.slice(1)];
    binding.stateShape(result.id, shape);
    return this.#engine.tensorOf({ ...result, shape });
  }

  /** Replaces some rows along its first axis, in place: `rows` [n] int32, `values` [n, ...]. */
  assignRows(rows: Tensor, values: Tensor): void {
    const { binding } = this.#engine;
    binding.executeOp(
      "ResourceScatterUpdate",
      [
        { name: "dtype", type: binding.TF_ATTR_TYPE, value: DataType.FLOAT },
        { name: "Tindices", type: binding.TF_ATTR_TYPE, value: DataType.INT32 },
      ],
      [this.handleId, ...[rows, values].map((tensor) => this.#engine.idOf(tensor))],
      0,
    );
  }

  /** Frees its memory on the device. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const { binding } = this.#engine;
    binding.executeOp(
      "DestroyResourceOp",
      [
        { name: "ignore_lookup_error", type: binding.TF_ATTR_BOOL, value: true },
      ],
      [this.handleId],
      0,
    );
    binding.deleteTensor(this.handleId);
  }
}
