import tf from "@tensorflow/tfjs";
import type { Scalar, Tensor } from "@tensorflow/tfjs";

/** The adversarial losses that compare answers with a target. */
export type TargetMode = "vanilla" | "lsgan";

/**
 * The adversarial losses: "vanilla" (Goodfellow et al., 2014), "lsgan" (Mao et al., 2017), "wgangp"
 * (Gulrajani et al., 2017) and "hinge" (Lim & Ye, 2017; Miyato et al., 2018).
 */
type GanMode = TargetMode | "wgangp" | "hinge";

/** What the discriminator is to say; only the losses with targets look at the labels. */
interface AdversarialOptions {
  readonly ganMode: GanMode;
  readonly labelReal: number;
  readonly labelFake: number;
}

/**
 * What the discriminator minimizes on real or on generated pictures, averaged over patches.
 *
 * @param patches its answers, [B, h, w, 1].
 */
export function discriminatorLoss(
  patches: Tensor,
  shown: "real" | "fake",
  { ganMode, labelReal, labelFake }: AdversarialOptions,
): Scalar {
  switch (ganMode) {
    case "wgangp":
      return shown === "real" ? tf.neg(tf.mean(patches)) : tf.mean(patches);
    case "hinge": // it wants real ones above 1, generated ones below -1, and no more
      return tf.mean(tf.relu(shown === "real" ? tf.sub(1, patches) : tf.add(1, patches)));
    default:
      return ganLoss(patches, shown === "real" ? labelReal : labelFake, ganMode);
  }
}

/**
 * What the generator minimizes of the discriminator's answers on its pictures, averaged over patches.
 *
 * @param patches [B, h, w, 1].
 */
export function generatorLoss(patches: Tensor, ganMode: GanMode): Scalar {
  if (ganMode === "wgangp" || ganMode === "hinge") return tf.neg(tf.mean(patches));
  return ganLoss(patches, 1, ganMode);
}

/**
 * The gradient penalty of WGAN-GP (Gulrajani et al., 2017): how far the critic's slope at `pictures`
 * is from 1. The critic's answer on a picture is the mean over its patches, as in its loss; of that
 * the gradient by the picture is taken, and (its L2 norm - 1)^2 is averaged over the pictures.
 *
 * @param critic [B, H, W, C] to [B, h, w, 1]; each answer must depend on its own picture alone.
 * @param pictures [B, H, W, C], drawn between real and generated ones.
 */
export function gradientPenalty(critic: (pictures: Tensor) => Tensor, pictures: Tensor): Scalar {
  const sumOfAnswers = (x: Tensor) => tf.sum(tf.mean(critic(x), [1, 2, 3]));
  const gradient = tf.grad(sumOfAnswers)(pictures);
  const squares = tf.sum(tf.square(gradient), [1, 2, 3]); // [B]
  // Without the offset a critic that is flat would have a slope of 0 / 0.
  return tf.mean(tf.square(tf.sub(tf.sqrt(tf.add(squares, 1e-16)), 1)));
}

/**
 * The colourfulness of each picture in ab, Hasler & Suesstrunk's (2003) first measure in CIELAB:
 * sqrt(var a + var b) + 0.37 sqrt((mean a)^2 + (mean b)^2), over the pixels of the picture.
 *
 * @param ab [B, H, W, 2].
 * @returns [B], in the units of ab.
 */
export function colorfulness(ab: Tensor): Tensor {
  const mean = tf.mean(ab, [1, 2], true); // [B, 1, 1, 2]
  const variance = tf.mean(tf.square(tf.sub(ab, mean)), [1, 2]); // [B, 2]
  return tf.add(length(variance), tf.mul(0.37, length(tf.square(tf.reshape(mean, [-1, 2])))));
}

/** The square root of the sum of squares, [B, 2], whose gradient is finite where they are 0. */
function length(squares: Tensor): Tensor {
  return tf.sqrt(tf.add(tf.sum(squares, 1), 1e-10));
}

/** The mean absolute difference between two batches' colourfulness, picture by picture. */
export function colorfulnessLoss(fake: Tensor, ab: Tensor): Scalar {
  return tf.mean(tf.abs(tf.sub(colorfulness(fake), colorfulness(ab))));
}

/**
 * How far the discriminator's answers are from what they should be, averaged over patches.
 *
 * @param patches logits, [B, h, w, 1].
 * @param target what they should say: 1 for real, 0 for generated, between for soft labels.
 */
export function ganLoss(patches: Tensor, target: number, mode: TargetMode): Scalar {
  switch (mode) {
    case "vanilla":
      return tf.mean(crossEntropy(patches, target));
    case "lsgan":
      return tf.mean(tf.square(tf.sub(patches, target)));
  }
}

/**
 * Sigmoid cross-entropy of logits x and a target y, (1 - y) softplus(x) + y softplus(-x). The shorter
 * softplus(x) - x y is the same but for digits: at x = 12 and y = 1 it is 7% off in float32.
 */
function crossEntropy(logits: Tensor, target: number): Tensor {
  if (target === 0) return tf.softplus(logits);
  const real = tf.softplus(tf.neg(logits));
  if (target === 1) return real;
  return tf.add(tf.mul(tf.softplus(logits), 1 - target), tf.mul(real, target));
}

/** The mean absolute difference of two pictures' ab, [B, H, W, 2] each. */
export function l1Loss(fake: Tensor, ab: Tensor): Scalar {
  return tf.mean(tf.abs(tf.sub(fake, ab)));
}

/**
 * How far colours are from hints: the absolute difference where there are hints, over all pixels, so
 * that it weighs beside the L1 loss as the hints' share of the picture.
 *
 * @param fake ab, [B, H, W, 2].
 * @param hints a and b over 110 and a mask, [B, H, W, 3].
 */
export function hintLoss(fake: Tensor, hints: Tensor): Scalar {
  const [ab, mask] = tf.split(hints, [2, 1], 3) as [Tensor, Tensor];
  return tf.mean(tf.mul(tf.abs(tf.sub(fake, ab)), mask));
}
