import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { at, registerComposite, registerKernelGradient, runKernel, runSingle } from "./kernel.ts";

/**
 * Layer norm (Ba et al., 2016): brings the channels of each pixel or row to mean 0 and variance 1, then
 * scales and shifts each. The same in training and in evaluation. Its gradient has none itself.
 *
 * @param x [..., C].
 * @param scale gamma, [C]; `offset` beta, [C].
 * @param epsilon added to the variance, which is the biased one.
 */
export function layerNorm(
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  { epsilon }: { readonly epsilon: number },
): Tensor {
  return at(runKernel("LayerNorm", { x, scale, offset }, { epsilon }), 0);
}

/** Over the channels: [..., C] to [..., 1]. */
function channelMean(x: Tensor): Tensor {
  return tf.mean(x, -1, true);
}

/** Registers the kernel and its gradients. */
export function registerLayerNorm(): void {
  registerComposite("LayerNorm", ({ x, scale, offset }, { epsilon }) => {
    const mean = channelMean(x!);
    const centered = tf.sub(x!, mean);
    const variance = channelMean(tf.square(centered));
    const inverse = tf.rsqrt(tf.add(variance, Number(epsilon)));
    const y = tf.add(tf.mul(tf.mul(centered, inverse), scale!), offset!);
    return [y, mean, inverse];
  });
  registerKernelGradient(
    "LayerNorm",
    { inputs: ["x", "scale"], outputs: [false, true, true] },
    (dy, saved) => {
      const [x, scale, mean, inverse] = [at(saved, 0), at(saved, 1), at(saved, 2), at(saved, 3)];
      const given = { dy, x, mean, inverse };
      return {
        x: () => runSingle("LayerNormInputGradient", { ...given, scale }),
        scale: () => runSingle("LayerNormScaleGradient", given),
        offset: () => runSingle("BiasAddGrad", { dy }),
      };
    },
  );
  const normalized = (x: Tensor, mean: Tensor, inverse: Tensor) => tf.mul(tf.sub(x, mean), inverse);
  registerComposite("LayerNormInputGradient", ({ dy, x, scale, mean, inverse }) => {
    const y = normalized(x!, mean!, inverse!);
    const g = tf.mul(dy!, scale!);
    const along = tf.mul(y, channelMean(tf.mul(g, y)));
    return tf.mul(inverse!, tf.sub(tf.sub(g, channelMean(g)), along));
  });
  registerComposite("LayerNormScaleGradient", ({ dy, x, mean, inverse }) => {
    return runSingle("BiasAddGrad", { dy: tf.mul(dy!, normalized(x!, mean!, inverse!)) });
  });
}
