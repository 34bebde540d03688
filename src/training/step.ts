import tf from "@tensorflow/tfjs";
import type { Scalar, Tensor } from "@tensorflow/tfjs";
import type { Adam } from "../engine/adam.ts";
import type { Collectives } from "../engine/collectives.ts";
import { ganLoss, l1Loss } from "../model/losses.ts";
import type { Network } from "../model/network.ts";
import { patchgan } from "../model/patchgan.ts";
import { unet } from "../model/unet.ts";
import { averageGradients } from "./averaging.ts";
import { clipGradients } from "./clipping.ts";
import type { Gan } from "./gan.ts";

/** The losses of a step, in the order in which `trainStep` gives them. */
export const lossNames = [
  "loss_D_fake",
  "loss_D_real",
  "loss_D",
  "loss_G_GAN",
  "loss_G_L1",
  "loss_G",
] as const;

/** One of the losses of a step. */
export type LossName = typeof lossNames[number];

/** What changes from step to step, as tensors, so that the compiled step stays the same. */
export interface StepInputs {
  /** [B, H, W, 1] and [B, H, W, 2], scaled to [-1, 1]. */
  readonly L: Tensor;
  readonly ab: Tensor;
  /**
   * Rate and epsilon of the generator's Adam, then of the discriminator's (`adamRates`); the compiled
   * step has the share of the moving average (`emaShare`) behind them.
   */
  readonly rates: Tensor;
  /** [2] int32, of dropout: the run's seed and the step. */
  readonly seed: Tensor;
  /** With the replicas that train on other photos in the same step, where there are any. */
  readonly collectives?: Collectives | undefined;
}

/**
 * One step of pix2pix (Isola et al., 2017): the discriminator learns to tell ab from the
 * generator's, then the generator learns to pass for real in the eyes of the updated
 * discriminator, and to be near ab.
 *
 * @returns what the step made on its way, by name: the losses (`lossNames`), each as it was before
 *   the update that it led to; `fake`, the generator's ab [B, H, W, 2]; `patch_fake` and
 *   `patch_real`, the discriminator's answers before its update [B, h, w, 1]; every gradient as
 *   `grad_G.NAME` and `grad_D.NAME`, averaged where there are replicas.
 */
export function trainStep(
  gan: Gan,
  { L, ab, rates, seed, collectives }: StepInputs,
): ReadonlyMap<string, Tensor> {
  const { generator, discriminator, config } = gan;
  const { ganMode, lambdaL1, labelReal, labelFake } = config;
  const rate = (index: number) => tf.reshape(tf.slice(rates, [index], [1]), []);

  const judge = (pictures: Tensor, parameters: Parameters) =>
    patchgan(tf.concat([L, pictures], 3), discriminator.training(parameters, seed), config);

  const discriminatorStep = (fake: Tensor) => {
    const made = withGradients("grad_D", discriminator, (parameters) => {
      const patch_fake = judge(fake, parameters);
      const patch_real = judge(ab, parameters);
      const loss_D_fake = ganLoss(patch_fake, labelFake, ganMode);
      const loss_D_real = ganLoss(patch_real, labelReal, ganMode);
      const loss_D: Scalar = tf.mul(tf.add(loss_D_fake, loss_D_real), 0.5);
      return [loss_D, { loss_D, loss_D_fake, loss_D_real, patch_fake, patch_real }];
    });
    if (collectives) averageGradients(collectives, made, "grad_D", discriminator);
    moveWeights(discriminator, gan.adamD, {
      gradient: (name) => need(made, `grad_D.${name}`),
      rates: () => ({ rate: rate(2), epsilon: rate(3) }),
      clipNorm: config.clipNorm,
    });
    return made;
  };

  // The discriminator's step happens inside: the generator's gradient needs its forward pass kept,
  // and what the discriminator does with `fake` meanwhile does not lead to the generator's loss.
  const made = withGradients("grad_G", generator, (parameters) => {
    const fake = unet(L, generator.training(parameters, seed), config);
    const stepD = discriminatorStep(fake);
    const loss_G_GAN = ganLoss(judge(fake, readTrainable(discriminator)), 1, ganMode);
    const loss_G_L1 = tf.mul(l1Loss(fake, ab), lambdaL1);
    const loss_G: Scalar = tf.add(loss_G_GAN, loss_G_L1);
    return [loss_G, { loss_G, loss_G_GAN, loss_G_L1, fake, ...Object.fromEntries(stepD) }];
  });
  if (collectives) averageGradients(collectives, made, "grad_G", generator);
  moveWeights(generator, gan.adamG, {
    gradient: (name) => need(made, `grad_G.${name}`),
    rates: () => ({ rate: rate(0), epsilon: rate(1) }),
    clipNorm: config.clipNorm,
  });
  return made;
}

/** Moves a network's weights along its gradients, which are cut down to `clipNorm` first. */
function moveWeights(network: Network, adam: Adam, { gradient, rates, clipNorm }: {
  readonly gradient: (name: string) => Tensor;
  readonly rates: () => { readonly rate: Tensor; readonly epsilon: Tensor };
  readonly clipNorm: number;
}): void {
  const variables = network.trainable();
  const gradients = clipGradients(variables.map(({ name }) => gradient(name)), clipNorm);
  variables.forEach((variable, i) => adam.update(variable, gradients[i]!, rates()));
}

/** The losses of a step as one tensor, [6] in the order of `lossNames`. */
export function stackLosses(made: ReadonlyMap<string, Tensor>): Tensor {
  return tf.stack(lossNames.map((name) => need(made, name)));
}

type Parameters = ReadonlyMap<string, Tensor>;

/** The trainable parameters of a network as they are now. */
function readTrainable(network: Network): Parameters {
  return new Map(network.trainable().map((variable) => [variable.name, variable.read()]));
}

/**
 * Runs `forward` once and takes the gradient of its loss by each trainable parameter.
 *
 * @param forward gives the loss, and what else of it is to live on.
 * @returns what `forward` gave to live on, and the gradients as `PREFIX.NAME`.
 */
function withGradients(
  prefix: string,
  network: Network,
  forward: (parameters: Parameters) => [Scalar, Readonly<Record<string, Tensor>>],
): Map<string, Tensor> {
  const current = readTrainable(network);
  const names = [...current.keys()];
  const made = new Map<string, Tensor>();
  const { grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
    const parameters = new Map(tensors.map((tensor, i) => [names[i] ?? "", tensor]));
    const [loss, others] = forward(parameters);
    // tfjs disposes of everything but the loss when it has the gradients.
    for (const [name, tensor] of Object.entries(others)) made.set(name, tf.keep(tensor.clone()));
    return loss;
  })([...current.values()]);
  for (const [name, kept] of made) {
    made.set(name, kept.clone()); // the scope around owns this one
    kept.dispose();
  }
  grads.forEach((gradient, i) => made.set(`${prefix}.${names[i]}`, gradient));
  return made;
}

function need(made: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const tensor = made.get(name);
  if (tensor === undefined) throw new TypeError(`The step made no ${name}.`);
  return tensor;
}
