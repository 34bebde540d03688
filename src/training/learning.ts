import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Adam } from "../engine/adam.ts";
import type { Collectives } from "../engine/collectives.ts";
import type { Engine } from "../engine/engine.ts";
import { Variable } from "../engine/variable.ts";
import type { Network } from "../model/network.ts";
import { averageGradients } from "./averaging.ts";
import { clipGradients } from "./clipping.ts";
import type { StepPart } from "./step_plan.ts";

/** A network's gradients on one batch, on their way to its weights. */
export interface Learning {
  /** Those of the network that learn. */
  readonly variables: readonly Variable[];
  readonly adam: Adam;
  /** Holds the gradients as `PREFIX.NAME`; those that the weights are moved along take their place. */
  readonly made: Map<string, Tensor>;
  readonly prefix: string;
  /** For Adam, see `adamRates`. */
  readonly rates: (variable: Variable) => { readonly rate: Tensor; readonly epsilon: Tensor };
  /** What the norm of all gradients together is cut down to; 0: nothing. */
  readonly clipNorm: number;
  /** With other replicas, over which the gradients are averaged. */
  readonly collectives: Collectives | undefined;
}

/** Moves a network's weights along its gradients, averaged over replicas and then clipped. */
export function moveWeights(learning: Learning): void {
  const { variables, adam, made, prefix, rates, clipNorm, collectives } = learning;
  if (collectives) averageGradients(collectives, made, prefix, variables);
  const gradients = clipGradients(variables.map((each) => gradientOf(learning, each)), clipNorm);
  variables.forEach((variable, i) => adam.update(variable, gradients[i]!, rates(variable)));
}

/**
 * The sums of both networks' gradients over the batches of a step. Between steps they are zero, so
 * that no checkpoint needs them. Owns its variables.
 */
export class GradientSums implements Disposable {
  readonly #sums = new Map<Variable, Variable>();
  readonly #count: number;

  /** @param count batches a step. */
  constructor(engine: Engine, networks: readonly Network[], count: number) {
    this.#count = count;
    for (const variable of networks.flatMap((network) => network.trainable())) {
      tf.tidy(() => {
        const zeros = tf.zeros([...variable.shape]);
        this.#sums.set(variable, new Variable(engine, `${variable.name}.sum`, zeros));
      });
    }
  }

  /** Adds gradients, and with "sum and move" moves the weights along their mean. */
  learn(learning: Learning, how: Exclude<StepPart["learning"], "move">): void {
    const { variables, made, prefix } = learning;
    for (const variable of variables) {
      const sum = this.#sums.get(variable)!;
      const gradient = gradientOf(learning, variable);
      if (how === "sum") {
        sum.add(gradient);
        continue;
      }
      made.set(`${prefix}.${variable.name}`, tf.div(tf.add(sum.read(), gradient), this.#count));
      sum.assign(tf.zeros([...variable.shape]));
    }
    if (how === "sum and move") moveWeights(learning);
  }

  [Symbol.dispose](): void {
    for (const sum of this.#sums.values()) sum[Symbol.dispose]();
  }
}

function gradientOf({ made, prefix }: Learning, { name }: Variable): Tensor {
  const gradient = made.get(`${prefix}.${name}`);
  if (gradient === undefined) throw new TypeError(`The step made no ${prefix}.${name}.`);
  return gradient;
}
