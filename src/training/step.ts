import tf from "@tensorflow/tfjs";
import type { Scalar, Tensor } from "@tensorflow/tfjs";
import { rgbOfLab, unscaleLab } from "../color/lab.ts";
import { statelessUniform, streamOf } from "../engine/kernels/random.ts";
import {
  colorfulnessLoss,
  discriminatorLoss,
  generatorLoss,
  gradientPenalty,
  hintLoss,
  l1Loss,
} from "../model/losses.ts";
import type { Variable } from "../engine/variable.ts";
import { patchgan } from "../model/patchgan.ts";
import type { Collectives } from "../engine/collectives.ts";
import type { Gan } from "./gan.ts";
import { judgedPictures, saturatedTarget } from "./judged_pictures.ts";
import { type Learning, moveWeights } from "./learning.ts";
import type { StepPart } from "./step_plan.ts";
import { rateIndex } from "./step_rates.ts";

/**
 * The losses of a step, in the order in which they are told. A step has those of the networks that
 * learn in it: loss_D_GP with ganMode wgangp only, loss_G_color where lambdaColor is not 0,
 * loss_G_hint with hints, loss_G_perceptual where lambdaPerceptual is not 0.
 */
export const lossNames = [
  "loss_D_fake",
  "loss_D_real",
  "loss_D",
  "loss_G_GAN",
  "loss_G_L1",
  "loss_G",
  "loss_D_GP",
  "loss_G_color",
  "loss_G_hint",
  "loss_G_perceptual",
] as const;

/** One of the losses of a step. */
export type LossName = typeof lossNames[number];

/** What changes from step to step, as tensors, so that the compiled step stays the same. */
interface StepInputs {
  /** [B, H, W, 1] and [B, H, W, 2], scaled to [-1, 1]. */
  readonly L: Tensor;
  readonly ab: Tensor;
  /** Of a generator that takes them: a and b over 110 and a mask, [B, H, W, 3]. */
  readonly hints?: Tensor | undefined;
  /** Rates and epsilons of the Adams; see `stepRates`. */
  readonly rates: Tensor;
  /** [2] int32, of dropout and all other draws: the run's seed and the number of the batch. */
  readonly seed: Tensor;
  /**
   * [B, 1, 1, 1], for wgangp: the share of the real picture where the penalty is taken. Drawn from
   * [0, 1) by the seed when left out; given, to repeat what another program has drawn.
   */
  readonly mix?: Tensor;
  /** With the replicas that train on other photos in the same step, where there are any. */
  readonly collectives?: Collectives | undefined;
}

/** What a step is to do; by default, both networks learn. */
interface StepWork {
  readonly discriminator: StepPart["discriminator"];
  readonly generator: StepPart["generator"];
  readonly still: StepPart["still"];
  /** Whether the generator's encoder learns with the rest; it has none of its own as a U-Net. */
  readonly encoderLearns: boolean;
  /** What is done with a network's gradients. */
  readonly learn: (learning: Learning) => void;
}

/** Both networks learn, whole. */
export const wholeStep: StepWork = {
  discriminator: true,
  generator: "gan",
  still: false,
  encoderLearns: true,
  learn: moveWeights,
};

/** Sets the draws between real and generated pictures apart from other draws. */
const mixStream = 4001;

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
  { L, ab, hints, rates, seed, mix, collectives }: StepInputs,
  work: StepWork = wholeStep,
): ReadonlyMap<string, Tensor> {
  const { architecture, generator, discriminator, config, pool } = gan;
  const { ganMode, lambdaL1, lambdaColor } = config;
  const rate = (index: number) => tf.reshape(tf.slice(rates, [index], [1]), []);
  const adamRatesAt = (index: number) => ({ rate: rate(index), epsilon: rate(index + 1) });
  const { encoderPrefix } = architecture;
  const isEncoder = (name: string) => encoderPrefix !== undefined && name.startsWith(encoderPrefix);
  const learningG = generator.trainable()
    .filter(({ name }) => work.encoderLearns || !isEncoder(name));
  const learningD = discriminator.trainable();
  const vivid = saturatedTarget(ab, config.targetSaturation);
  const shownAs = (ab: Tensor) => judgedPictures({ L, ab }, config.judge); // [B, H, W, 3]
  const judge = (pictures: Tensor, parameters: Parameters) =>
    patchgan(pictures, discriminator.training(parameters, seed), gan.patchgan);

  const discriminatorStep = (fake: Tensor) => {
    const fresh = shownAs(fake);
    const shown = pool === undefined ? fresh : pool.exchange(fresh, seed);
    const made = withGradients("grad_D", learningD, (parameters) => {
      const patch_fake = judge(shown, parameters);
      const real = shownAs(vivid);
      const patch_real = judge(real, parameters);
      const loss_D_fake = discriminatorLoss(patch_fake, "fake", config);
      const loss_D_real = discriminatorLoss(patch_real, "real", config);
      const sum = tf.add(loss_D_fake, loss_D_real);
      const others = { loss_D_fake, loss_D_real, patch_fake, patch_real };
      if (ganMode !== "wgangp") {
        const loss_D: Scalar = tf.mul(sum, 0.5);
        return [loss_D, { loss_D, ...others }];
      }
      const share = mix ?? drawMix(seed, L.shape[0] ?? 0);
      const between = tf.add(tf.mul(real, share), tf.mul(shown, tf.sub(1, share)));
      const penalty = gradientPenalty((x) => judge(x, parameters), between);
      const loss_D_GP = tf.mul(penalty, config.gpWeight);
      const loss_D: Scalar = tf.add(sum, loss_D_GP);
      return [loss_D, { loss_D, loss_D_GP, ...others }];
    });
    work.learn({
      variables: learningD,
      adam: gan.adamD,
      made,
      prefix: "grad_D",
      rates: () => adamRatesAt(rateIndex.discriminator),
      clipNorm: config.clipNorm,
      collectives,
    });
    return made;
  };

  const imagine = (parameters: Parameters) =>
    architecture.forward(
      hints === undefined ? L : tf.concat([L, hints], 3),
      generator.training(parameters, seed, {
        still: work.still,
        evaluated: config.encoderNorm === "eval" ? encoderPrefix : undefined,
      }),
    );

  if (work.generator === "none") {
    const fake = imagine(read(learningG));
    return new Map<string, Tensor>([["fake", fake], ...discriminatorStep(fake)]);
  }

  // The discriminator's step happens inside: the generator's gradient needs its forward pass kept,
  // and what the discriminator does with `fake` meanwhile does not lead to the generator's loss.
  const made = withGradients("grad_G", learningG, (parameters) => {
    const fake = imagine(parameters);
    const stepD = work.discriminator ? discriminatorStep(fake) : [];
    const loss_G_L1: Scalar = tf.mul(l1Loss(fake, ab), lambdaL1);
    const near = hints === undefined
      ? { loss: loss_G_L1, parts: { loss_G_L1 } }
      : nearHints(fake, hints, { loss_G_L1, weight: lambdaL1 * config.lambdaHint });
    const perceptual = config.lambdaPerceptual === 0
      ? near
      : alikeToEyes(gan, near, { L, fake, vivid });
    if (work.generator === "l1") {
      return [perceptual.loss, { loss_G: perceptual.loss, ...perceptual.parts, fake }];
    }
    const patches = judge(shownAs(fake), read(learningD));
    const loss_G_GAN = generatorLoss(patches, ganMode);
    let loss_G: Scalar = tf.add(loss_G_GAN, perceptual.loss);
    const others = { loss_G_GAN, ...perceptual.parts, fake, ...Object.fromEntries(stepD) };
    if (lambdaColor === 0) return [loss_G, { loss_G, ...others }];
    const loss_G_color = tf.mul(colorfulnessLoss(fake, vivid), lambdaColor);
    loss_G = tf.add(loss_G, loss_G_color);
    return [loss_G, { loss_G, loss_G_color, ...others }];
  });
  work.learn({
    variables: learningG,
    adam: gan.adamG,
    made,
    prefix: "grad_G",
    rates: ({ name }) => adamRatesAt(isEncoder(name) ? rateIndex.encoder : rateIndex.generator),
    clipNorm: config.clipNorm,
    collectives,
  });
  return made;
}

/** A part of the generator's loss, and what is told of it. */
interface LossPart {
  readonly loss: Scalar;
  readonly parts: Readonly<Record<string, Scalar>>;
}

/** What there is already, and beside it how unlike the pictures look to the perceptual network. */
function alikeToEyes(
  { perceptual, config }: Gan,
  { loss, parts }: LossPart,
  { L, fake, vivid }: { readonly L: Tensor; readonly fake: Tensor; readonly vivid: Tensor },
): LossPart {
  if (perceptual === undefined) {
    throw new TypeError("The perceptual loss has no network to see with.");
  }
  const rgb = (ab: Tensor) => tf.div(rgbOfLab(unscaleLab({ L, ab })), 255);
  const difference = perceptual.difference(rgb(fake), rgb(vivid));
  const loss_G_perceptual: Scalar = tf.mul(difference, config.lambdaPerceptual);
  return { loss: tf.add(loss, loss_G_perceptual), parts: { ...parts, loss_G_perceptual } };
}

/** L1, and beside it the distance from hints. */
function nearHints(
  fake: Tensor,
  hints: Tensor,
  { loss_G_L1, weight }: { readonly loss_G_L1: Scalar; readonly weight: number },
): LossPart {
  const loss_G_hint: Scalar = tf.mul(hintLoss(fake, hints), weight);
  return { loss: tf.add(loss_G_L1, loss_G_hint), parts: { loss_G_L1, loss_G_hint } };
}

/** The losses that a step made, with their names in the order of `lossNames`, as one tensor [n]. */
export function stackLosses(
  made: ReadonlyMap<string, Tensor>,
): { names: LossName[]; losses: Tensor } {
  const names = lossNames.filter((name) => made.has(name));
  return { names, losses: tf.stack(names.map((name) => need(made, name))) };
}

/** How much of the real picture is in each one that the penalty is taken at, [B, 1, 1, 1]. */
function drawMix(seed: Tensor, batch: number): Tensor {
  return statelessUniform([batch, 1, 1, 1], streamOf(seed, mixStream));
}

type Parameters = ReadonlyMap<string, Tensor>;

/** Parameters of a network as they are now. */
function read(variables: readonly Variable[]): Parameters {
  return new Map(variables.map((variable) => [variable.name, variable.read()]));
}

/**
 * Runs `forward` once and takes the gradient of its loss by each of some parameters.
 *
 * @param forward gives the loss, and what else of it is to live on.
 * @returns what `forward` gave to live on, and the gradients as `PREFIX.NAME`.
 */
function withGradients(
  prefix: string,
  variables: readonly Variable[],
  forward: (parameters: Parameters) => [Scalar, Readonly<Record<string, Tensor>>],
): Map<string, Tensor> {
  const current = read(variables);
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
