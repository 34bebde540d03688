import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Engine } from "../engine/engine.ts";
import { batchNormTraining } from "../engine/kernels/batch_norm.ts";
import { statelessUniform, streamOf } from "../engine/kernels/random.ts";
import { dividedBySigma } from "../engine/kernels/spectral_weight.ts";
import { Variable } from "../engine/variable.ts";
import { TinctError } from "../errors.ts";
import { type Forward, isTrainable, type ParameterSpec } from "./parameters.ts";
import { powerIteration, spectralEstimate } from "./spectral_norm.ts";

/** Constants of every batch norm. */
export interface BatchNormOptions {
  readonly epsilon: number;
  /** The weight of a new batch in the running statistics. */
  readonly momentum: number;
}

/** The tensors of a generator or discriminator, as variables on the device. Owns them. */
export class Network implements Disposable {
  readonly specs: readonly ParameterSpec[];
  /** Every tensor by its name. */
  readonly variables = new Map<string, Variable>();
  readonly #batchNorm: BatchNormOptions;

  /** @param initial makes the first value of each; the network takes no ownership of it. */
  constructor(
    engine: Engine,
    specs: readonly ParameterSpec[],
    initial: (spec: ParameterSpec, index: number) => Tensor,
    batchNorm: BatchNormOptions,
  ) {
    this.specs = specs;
    this.#batchNorm = batchNorm;
    specs.forEach((spec, index) =>
      tf.tidy(() => {
        this.variables.set(spec.name, new Variable(engine, spec.name, initial(spec, index)));
      })
    );
  }

  /** The variables that the optimizer moves, in the order of the specs. */
  trainable(): Variable[] {
    return this.specs.filter(isTrainable).map(({ name }) => this.variable(name));
  }

  /** The variable of a name. Throws where there is none. */
  variable(name: string): Variable {
    const variable = this.variables.get(name);
    if (variable !== undefined) return variable;
    throw new TinctError("internal", `The network has no parameter ${name}.`);
  }

  /** Replaces every value; see `Variable.assign`. */
  assign(values: (spec: ParameterSpec) => Tensor): void {
    for (const spec of this.specs) tf.tidy(() => this.variable(spec.name).assign(values(spec)));
  }

  /**
   * Runs forward in training mode: batch norms use and move statistics, spectral norms their singular
   * vectors, dropout drops.
   *
   * @param parameters the trainable tensors by name, as the gradient is taken through them.
   * @param seed of dropout, [2] int32.
   * @param options `still`: leaves statistics and singular vectors as they are. `evaluated`: batch
   *   norms with this prefix are as in evaluation, but that their gamma and beta learn.
   */
  training(
    parameters: ReadonlyMap<string, Tensor>,
    seed: Tensor,
    { still = false, evaluated }: {
      readonly still?: boolean;
      readonly evaluated?: string | undefined;
    } = {},
  ): Forward {
    const parameter = (name: string) => parameters.get(name) ?? this.variable(name).read();
    return {
      parameter,
      batchNorm: (x, prefix) => {
        if (evaluated !== undefined && prefix.startsWith(evaluated)) {
          return this.#batchNormEvaluated(x, prefix, parameter);
        }
        const mean = this.variable(`${prefix}.running_mean`);
        const variance = this.variable(`${prefix}.running_var`);
        const { y, runningMean, runningVariance } = batchNormTraining(
          x,
          parameter(`${prefix}.weight`),
          parameter(`${prefix}.bias`),
          { mean: mean.read(), variance: variance.read() },
          this.#batchNorm,
        );
        if (!still) {
          mean.assign(runningMean);
          variance.assign(runningVariance);
        }
        return y;
      },
      spectralWeight: (prefix) => {
        const weight = parameter(`${prefix}.weight_orig`);
        const [u, v] = this.#singularVectors(prefix);
        const estimate = powerIteration(weight, u.read());
        if (!still) {
          u.assign(estimate.u);
          v.assign(estimate.v);
        }
        return dividedBySigma(weight, estimate);
      },
      dropout: (x, rate, layer) => {
        const draws = statelessUniform(x.shape, streamOf(seed, layer));
        const kept = tf.cast(tf.greaterEqual(draws, rate), "float32");
        return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
      },
    };
  }

  /** Runs forward in evaluation mode: running statistics, nothing dropped, nothing moved. */
  evaluation(): Forward {
    const parameter = (name: string) => this.variable(name).read();
    return {
      parameter,
      batchNorm: (x, prefix) => this.#batchNormEvaluated(x, prefix, parameter),
      spectralWeight: (prefix) => {
        const [u, v] = this.#singularVectors(prefix);
        const weight = parameter(`${prefix}.weight_orig`);
        return dividedBySigma(weight, spectralEstimate(weight, u.read(), v.read()));
      },
      dropout: (x) => x,
    };
  }

  /** By the running statistics. Written out: Grappler fails on the fused operation, and says so. */
  #batchNormEvaluated(x: Tensor, prefix: string, parameter: (name: string) => Tensor): Tensor {
    const variance = tf.add(parameter(`${prefix}.running_var`), this.#batchNorm.epsilon);
    const scale = tf.mul(parameter(`${prefix}.weight`), tf.rsqrt(variance));
    const shift = tf.mul(parameter(`${prefix}.running_mean`), scale);
    return tf.add(tf.mul(x, scale), tf.sub(parameter(`${prefix}.bias`), shift));
  }

  #singularVectors(prefix: string): [u: Variable, v: Variable] {
    return [this.variable(`${prefix}.weight_u`), this.variable(`${prefix}.weight_v`)];
  }

  [Symbol.dispose](): void {
    for (const variable of this.variables.values()) variable[Symbol.dispose]();
  }
}
