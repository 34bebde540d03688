import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { DataType } from "../tensorflow/data_type.ts";
import type { Engine } from "./engine.ts";
import { Variable } from "./variable.ts";

/** Adam's constants (Kingma & Ba, 2015). */
export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  /** Added outside the square root, after bias correction, as PyTorch does. */
  readonly epsilon: number;
}

/**
 * What one step of Adam needs beside the gradient, [2] float32: the bias-corrected rate
 * `lr * sqrt(1 - beta2^t) / (1 - beta1^t)` and the epsilon that makes TensorFlow's fused update the
 * same as PyTorch's, `epsilon * sqrt(1 - beta2^t)`.
 *
 * @param step t, counted from 1.
 */
export function adamRates(
  learningRate: number,
  step: number,
  { beta1, beta2, epsilon }: AdamOptions,
): [rate: number, epsilon: number] {
  // The device decays by float32 numbers: 1 - 0.999999 is 1% off there, and so must the bias be.
  const [decay1, decay2] = [Math.fround(beta1), Math.fround(beta2)];
  const correction = Math.sqrt(1 - decay2 ** step);
  return [learningRate * correction / (1 - decay1 ** step), epsilon * correction];
}

/** Adam over a set of variables, in place on the device. Owns the two moments of each. */
export class Adam implements Disposable {
  /** First moments, by the variable's name. */
  readonly m = new Map<string, Variable>();
  /** Second moments, by the variable's name. */
  readonly v = new Map<string, Variable>();
  readonly #engine: Engine;
  readonly #options: AdamOptions;

  constructor(engine: Engine, variables: Iterable<Variable>, options: AdamOptions) {
    this.#engine = engine;
    this.#options = options;
    for (const variable of variables) {
      tf.tidy(() => {
        const zeros = tf.zeros([...variable.shape]);
        this.m.set(variable.name, new Variable(engine, `${variable.name}.m`, zeros));
        this.v.set(variable.name, new Variable(engine, `${variable.name}.v`, zeros));
      });
    }
  }

  /**
   * Updates one variable.
   *
   * @param gradient of the variable's shape.
   * @param rates scalars, see `adamRates`.
   */
  update(variable: Variable, gradient: Tensor, rates: { rate: Tensor; epsilon: Tensor }): void {
    const [m, v] = [this.m.get(variable.name), this.v.get(variable.name)];
    if (m === undefined || v === undefined) {
      throw new TypeError(`${variable.name} is not among the variables of this optimizer.`);
    }
    const { binding } = this.#engine;
    const { beta1, beta2 } = this.#options;
    tf.tidy(() => {
      // The rate is bias-corrected already: powers of zero leave it as it is.
      const power = tf.scalar(0);
      const inputs = [power, power, rates.rate, tf.scalar(beta1), tf.scalar(beta2), rates.epsilon];
      binding.executeOp(
        "ResourceApplyAdam",
        [
          { name: "T", type: binding.TF_ATTR_TYPE, value: DataType.FLOAT },
          { name: "use_locking", type: binding.TF_ATTR_BOOL, value: false },
        ],
        [
          ...[variable, m, v].map(({ handleId }) => handleId),
          ...[...inputs, gradient].map((tensor) => this.#engine.idOf(tensor)),
        ],
        0,
      );
    });
  }

  [Symbol.dispose](): void {
    for (const moment of [...this.m.values(), ...this.v.values()]) moment[Symbol.dispose]();
  }
}
