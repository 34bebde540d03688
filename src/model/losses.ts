import tf from "@tensorflow/tfjs";
import type { Scalar, Tensor } from "@tensorflow/tfjs";

/** The adversarial losses: "vanilla" (Goodfellow et al., 2014) and "lsgan" (Mao et al., 2017). */
export type GanMode = "vanilla" | "lsgan";

/**
 * How far the discriminator's answers are from what they should be, averaged over patches.
 *
 * @param patches logits, [B, h, w, 1].
 * @param target what they should say: 1 for real, 0 for generated, between for soft labels.
 */
export function ganLoss(patches: Tensor, target: number, mode: GanMode): Scalar {
  switch (mode) {
    case "vanilla": // sigmoid cross-entropy on logits: softplus(x) - x y
      return target === 0
        ? tf.mean(tf.softplus(patches))
        : tf.mean(tf.sub(tf.softplus(patches), tf.mul(patches, target)));
    case "lsgan":
      return tf.mean(tf.square(tf.sub(patches, target)));
  }
}

/** The mean absolute difference of two pictures' ab, [B, H, W, 2] each. */
export function l1Loss(fake: Tensor, ab: Tensor): Scalar {
  return tf.mean(tf.abs(tf.sub(fake, ab)));
}
