import tf from "@tensorflow/tfjs";
import { openCheckpoint, readCheckpointInfo } from "../checkpoints/checkpoint_folder.ts";
import { type EncoderWeights, readEncoderWeights } from "../checkpoints/encoder_weights.ts";
import { isResidual } from "../config/generators.ts";
import type { OptionNaming } from "../config/option.ts";
import type { TrainingConfig } from "../config/training.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { type GeneratorFile, readForeignGenerator } from "../inference/foreign_generator.ts";
import { generatorArchitecture } from "../model/generators.ts";
import { withZeroInputs } from "../model/initializers.ts";
import type { Network } from "../model/network.ts";
import { fromPytorchLayout } from "../model/pytorch_layout.ts";
import { pytorchShape } from "../model/parameters.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import { restoreNetworks, snapshotGan } from "./checkpointing.ts";
import { Gan } from "./gan.ts";
import { nonFinite } from "./non_finite.ts";
import { seesByEncoder } from "./perceptual.ts";
import type { Run } from "../runs/run.ts";
import { keepTrainedPhotos } from "../runs/trained_photos.ts";
import { encodeRunState } from "../runs/run_state.ts";

/**
 * Gives a run that has no checkpoint yet one of step 0, with the weights of another run's checkpoint,
 * fresh optimizers, and a moving average that begins with those weights: to be trained on as if it were resumed.
 *
 * @param set the photos that the run is to be trained on.
 * @param checkpointFolder the other checkpoint.
 * @throws TinctError `failed_precondition` when it is of another configuration, `data_loss` when it is
 *   damaged, `not_found` when it is gone or has no discriminator.
 */
export async function startFrom(
  engine: Engine,
  run: Run,
  set: PreparedSet,
  checkpointFolder: string,
): Promise<void> {
  using gan = new Gan(engine, run.config);
  await using checkpoint = await openCheckpoint(await readCheckpointInfo(checkpointFolder));
  await restoreNetworks(gan, checkpoint);
  await saveStart(gan, run, set);
}

/**
 * Gives a run that has no checkpoint yet one of step 0, with another network's weights in its
 * generator's encoder and the others drawn: to be trained on as if it were resumed.
 *
 * @param weights see `readEncoder`.
 */
export async function startWithEncoder(
  engine: Engine,
  run: Run,
  set: PreparedSet,
  { values, seesColor }: EncoderWeights,
): Promise<void> {
  using gan = new Gan(engine, run.config);
  fill(gan.generator, values);
  if (gan.frozenEncoder !== undefined) {
    if (seesColor === undefined) throw new TypeError("An encoder that sees no colour was let in.");
    fill(gan.frozenEncoder.network, seesColor);
  }
  await saveStart(gan, run, set);
}

/**
 * Gives a run that has no checkpoint yet one of step 0, with the weights of a generator that another
 * program trained and a discriminator that is drawn: to be trained on as if it were resumed.
 *
 * @param values see `readGenerator`.
 */
export async function startWithGenerator(
  engine: Engine,
  run: Run,
  set: PreparedSet,
  values: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  using gan = new Gan(engine, run.config);
  if (gan.frozenEncoder !== undefined) throw new TypeError("An eye without weights was let in.");
  fill(gan.generator, values);
  await saveStart(gan, run, set);
}

/**
 * Reads all tensors of a configuration's generator from a file that another program wrote. Where the
 * configuration takes hints, a generator that does not will do.
 *
 * @returns the values by the names here, in PyTorch's layouts.
 * @throws TinctError `failed_precondition` with all that is missing, of another shape, of another type,
 *   not finite, or of another network; `invalid_argument` where the perceptual loss is to see with the
 *   encoder; see `openTensors`.
 */
export async function readGenerator(
  { path, prefix, root }: GeneratorFile,
  config: TrainingConfig,
  { nameOf = (option) => option, signal }: {
    readonly nameOf?: OptionNaming;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Map<string, Float32Array>> {
  if (seesByEncoder(config)) {
    throw new TinctError(
      "invalid_argument",
      `${nameOf("perceptual")} encoder compares colours, and the generator of ${path} sees ` +
        "lightness alone: let the loss see with a VGG16, or begin with " +
        `${nameOf("encoderWeights")} instead.`,
    );
  }
  return await readForeignGenerator({ path, prefix, root }, config, { signal });
}

/** Gives those of a network's tensors other values that are named, in PyTorch's layout. */
function fill(network: Network, weights: ReadonlyMap<string, Float32Array>): void {
  for (const spec of network.specs) {
    const values = weights.get(spec.name);
    if (values === undefined) continue;
    const shape = pytorchShape(spec);
    const [output = 0, inputs = 0, ...kernel] = shape;
    tf.tidy(() => {
      const variable = network.variable(spec.name);
      if (shape.length !== 4) {
        return variable.assign(fromPytorchLayout(tf.tensor(values, shape), spec));
      }
      // Of hints behind L a trained encoder knows nothing.
      const known = values.length / (output * kernel.reduce((a, b) => a * b, 1));
      const value = fromPytorchLayout(tf.tensor(values, [output, known, ...kernel]));
      variable.assign(withZeroInputs(value, inputs - known));
    });
  }
}

/**
 * Reads a file of weights for the encoder of a configuration's generator.
 *
 * @throws TinctError `invalid_argument` where the generator's encoder is no residual network;
 *   `failed_precondition` where the perceptual loss is to see with one that sees no colour; see
 *   `readEncoderWeights`.
 */
export async function readEncoder(
  path: string,
  config: TrainingConfig,
  { nameOf = (option) => option, signal }: {
    readonly nameOf?: OptionNaming;
    readonly signal?: AbortSignal;
  } = {},
): Promise<EncoderWeights> {
  const { parameters, encoderPrefix: prefix } = generatorArchitecture(config);
  if (prefix === undefined || !isResidual(config.generator)) {
    throw new TinctError(
      "invalid_argument",
      `${
        nameOf("encoderWeights")
      } needs a generator with a residual network as its encoder: give ` +
        `${nameOf("generator")} resnet18 or resnet34, not ${config.generator}.`,
    );
  }
  const tensors = parameters.filter(({ name }) => name.startsWith(prefix))
    .map((spec) => ({ name: spec.name, shape: pytorchShape(spec) }));
  const wish = { network: config.generator, tensors, prefix, signal };
  const weights = await readEncoderWeights(path, wish);
  if (!seesByEncoder(config) || weights.seesColor !== undefined) return weights;
  throw new TinctError(
    "failed_precondition",
    `${path} has an encoder that sees lightness alone: ${nameOf("perceptual")} encoder compares ` +
      "colours. Give weights of a network of RGB, such as torchvision's or timm's.",
  );
}

/** Saves fresh networks as the checkpoint of step 0. */
async function saveStart(gan: Gan, { store, config }: Run, set: PreparedSet): Promise<void> {
  gan.ema?.restart();
  using snapshot = await snapshotGan(gan);
  if (snapshot === undefined) throw await nonFinite("a weight is not a finite number", 0, store);
  await keepTrainedPhotos(store.runFolder, set);
  await store.save({
    step: 0,
    tensors: snapshot.tensors,
    state: encodeRunState({
      config,
      step: 0,
      cursor: { epoch: 0, offset: 0 },
      dataKey: set.key,
      pending: false,
      parts: {},
    }),
  });
}
