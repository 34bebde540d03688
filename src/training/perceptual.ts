import tf from "@tensorflow/tfjs";
import type { Scalar, Tensor } from "@tensorflow/tfjs";
import type { VggWeights } from "../checkpoints/vgg_weights.ts";
import { isResidual } from "../config/generators.ts";
import type { TrainingConfig } from "../config/training.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import type { JsonFields } from "../files/json_fields.ts";
import type { JsonObject } from "../files/strict_json.ts";
import { type FeatureNetwork, resnetNetwork, vggNetwork } from "../model/feature_network.ts";
import { Network } from "../model/network.ts";
import { fromPytorchLayout } from "../model/pytorch_layout.ts";
import { pytorchShape } from "../model/parameters.ts";
import type { RunPart } from "../runs/run_part.ts";

/** torchvision's batch norm. */
const batchNorm = { epsilon: 1e-5, momentum: 0.1 };

/** Whether a run's perceptual loss sees with a frozen copy of the generator's own encoder. */
export function seesByEncoder(
  { lambdaPerceptual, perceptual }: Pick<TrainingConfig, "lambdaPerceptual" | "perceptual">,
): boolean {
  return lambdaPerceptual > 0 && perceptual === "encoder";
}

/** The network of a configuration's perceptual loss; undefined where it has none. */
export function perceptualNetworkOf(
  config: Pick<TrainingConfig, "lambdaPerceptual" | "perceptual" | "generator" | "ngf">,
): FeatureNetwork | undefined {
  if (config.lambdaPerceptual === 0) return undefined;
  if (config.perceptual === "vgg16") return vggNetwork();
  if (!isResidual(config.generator)) {
    throw new TypeError(`${config.generator} has no residual network to see with.`);
  }
  return resnetNetwork(config.generator, config.ngf);
}

/**
 * A network that has learned to see, whose features tell how unlike two pictures look. Its weights
 * are frozen. Owns them.
 */
export class PerceptualNetwork implements Disposable {
  /** Its tensors. */
  readonly network: Network;
  /** The SHA-256 of the file that the weights are from; undefined where a checkpoint has them. */
  readonly sha256: string | undefined;
  readonly #seeing: FeatureNetwork;

  private constructor(network: Network, seeing: FeatureNetwork, sha256: string | undefined) {
    this.network = network;
    this.#seeing = seeing;
    this.sha256 = sha256;
  }

  /** One with weights of zero, to be given others, or for measuring what it costs. */
  static blank(engine: Engine, seeing: FeatureNetwork): PerceptualNetwork {
    const zeros = ({ shape }: { readonly shape: readonly number[] }) => tf.zeros([...shape]);
    return new PerceptualNetwork(
      new Network(engine, seeing.parameters, zeros, batchNorm),
      seeing,
      undefined,
    );
  }

  /** One that looks with a VGG16's weights. */
  static ofVgg(engine: Engine, { width, values, sha256 }: VggWeights): PerceptualNetwork {
    const seeing = vggNetwork(width);
    const network = new Network(
      engine,
      seeing.parameters,
      (spec) => fromPytorchLayout(tf.tensor(values.get(spec.name)!, pytorchShape(spec)), spec),
      batchNorm,
    );
    return new PerceptualNetwork(network, seeing, sha256);
  }

  /**
   * How unlike pictures look to it: the mean absolute differences of its features, each by its share,
   * added up. The gradient leads through `shown` alone.
   *
   * @param shown sRGB in [0, 1], [B, H, W, 3].
   * @param real the same.
   */
  difference(shown: Tensor, real: Tensor): Scalar {
    const { features, shares } = this.#seeing;
    const wanted = features(real, this.network.evaluation());
    const parts = features(shown, this.network.evaluation()).map((feature, i) =>
      tf.mul(tf.mean(tf.abs(tf.sub(feature, wanted[i]!))), shares[i]!)
    );
    return tf.addN(parts) as Scalar;
  }

  [Symbol.dispose](): void {
    this.network[Symbol.dispose]();
  }
}

/** Remembers which weights a run's perceptual loss has: it goes on with no others. */
export class PerceptualRecord implements RunPart {
  readonly #sha256: string;

  constructor(sha256: string) {
    this.#sha256 = sha256;
  }

  save(): JsonObject {
    return { sha256: this.#sha256 };
  }

  /** @throws TinctError `failed_precondition` where the run began with other weights. */
  restore(saved: JsonFields): void {
    const before = saved.string("sha256");
    if (before === this.#sha256) return;
    throw new TinctError(
      "failed_precondition",
      `The run's perceptual loss began with weights of SHA-256 ${before}, and these have ` +
        `${this.#sha256}: give the same file.`,
    );
  }
}
