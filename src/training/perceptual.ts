import tf from "@tensorflow/tfjs";
import type { Scalar, Tensor } from "@tensorflow/tfjs";
import { openSafetensors, type SafetensorsFile } from "../checkpoints/safetensors.ts";
import { refuseUnsound } from "../checkpoints/sound_numbers.ts";
import { compareTensorSpecs, type TensorSpec } from "../checkpoints/tensor_specs.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import type { JsonFields } from "../files/json_fields.ts";
import type { JsonObject } from "../files/strict_json.ts";
import { Network } from "../model/network.ts";
import type { ParameterSpec } from "../model/parameters.ts";
import { fromPytorchLayout, pytorchShape } from "../model/pytorch_layout.ts";
import { vggFeatures, vggParameters, vggWidth } from "../model/vgg.ts";
import type { RunPart } from "../runs/run_part.ts";

/** The share of each feature, conv1_1 to conv5_1, in the loss: DDColor's (Kang et al., 2023). */
const weights = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1];

/** torchvision's batch norm. */
const batchNorm = { epsilon: 1e-5, momentum: 0.1 };

/**
 * A network that has learned to see, whose features tell how unlike two pictures look. Its weights
 * are frozen, and no checkpoint has them. Owns them.
 */
export class PerceptualNetwork implements Disposable {
  /** The SHA-256 of the file that the weights are from; undefined for drawn ones. */
  readonly sha256: string | undefined;
  readonly #network: Network;
  readonly #width: number;

  constructor(network: Network, sha256: string | undefined, width: number) {
    this.#network = network;
    this.sha256 = sha256;
    this.#width = width;
  }

  /** One with weights of zero, for measuring what it costs. */
  static blank(engine: Engine): PerceptualNetwork {
    const zeros = ({ shape }: { readonly shape: readonly number[] }) => tf.zeros([...shape]);
    const network = new Network(engine, vggParameters(), zeros, batchNorm);
    return new PerceptualNetwork(network, undefined, vggWidth);
  }

  /**
   * Refuses a file that does not hold the tensors, by its header alone.
   *
   * @throws TinctError as `open`, but for numbers that are not finite.
   */
  static async check(path: string): Promise<void> {
    await using file = await openSafetensors(path);
    refuseOthers(file, expectedIn(vggParameters()));
  }

  /**
   * Reads the weights of torchvision's VGG16 with batch norm.
   *
   * @param path a safetensors file with torchvision's names; other tensors in it do not matter.
   * @throws TinctError `failed_precondition` that names what is missing, of another shape or element
   *   type, or not finite; `not_found`, `data_loss` where the file cannot be read.
   */
  static async open(
    engine: Engine,
    path: string,
    { width = vggWidth, signal }: {
      readonly width?: number;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<PerceptualNetwork> {
    const specs = vggParameters(width);
    await using file = await openSafetensors(path);
    refuseOthers(file, expectedIn(specs));
    const values = new Map<string, Float32Array>();
    for (const { name } of specs) {
      const read = new Float32Array((await file.read(name, { signal })).buffer);
      refuseUnsound(read, { name, path });
      values.set(name, read);
    }
    const { sha256 } = await file.digest({ signal });
    const network = new Network(
      engine,
      specs,
      (spec) => fromPytorchLayout(tf.tensor(values.get(spec.name)!, pytorchShape(spec)), spec),
      batchNorm,
    );
    return new PerceptualNetwork(network, sha256, width);
  }

  /**
   * How unlike pictures look to it: the mean absolute differences of its features, weighted and added
   * up. The gradient leads through `shown` alone.
   *
   * @param shown sRGB in [0, 1], [B, H, W, 3].
   * @param real the same.
   */
  difference(shown: Tensor, real: Tensor): Scalar {
    const features = (rgb: Tensor) => vggFeatures(rgb, this.#network.evaluation(), this.#width);
    const wanted = features(real);
    const parts = features(shown).map((feature, i) =>
      tf.mul(tf.mean(tf.abs(tf.sub(feature, wanted[i]!))), weights[i]!)
    );
    return tf.addN(parts) as Scalar;
  }

  [Symbol.dispose](): void {
    this.#network[Symbol.dispose]();
  }
}

function expectedIn(specs: readonly ParameterSpec[]): TensorSpec[] {
  return specs.map((spec) => ({ name: spec.name, shape: pytorchShape(spec) }));
}

function refuseOthers(file: SafetensorsFile, expected: readonly TensorSpec[]): void {
  file.refuseForeign(expected.map(({ name }) => name));
  const names = new Set(expected.map(({ name }) => name));
  const found = file.tensors.filter(({ name }) => names.has(name));
  const difference = compareTensorSpecs(expected, found);
  const others = found.filter(({ dtype }) => dtype !== "F32");
  if (difference === undefined && others.length === 0) return;
  const types = others.map(({ name, dtype }) => `${name} is ${dtype} instead of F32`);
  const faults = [...(difference === undefined ? [] : [difference]), ...types.slice(0, 3)];
  throw new TinctError(
    "failed_precondition",
    `${file.path} does not hold torchvision's VGG16 with batch norm (vgg16_bn): ` +
      `${faults.join("; ")}.`,
  );
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
