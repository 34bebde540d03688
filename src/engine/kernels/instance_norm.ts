import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import {
  at,
  type KernelAttributes,
  registerComposite,
  registerKernelGradient,
  runKernel,
  runSingle,
  stopGradient,
} from "./kernel.ts";

/**
 * Instance norm (Ulyanov et al., 2016), as PyTorch's InstanceNorm2d without affine parameters: brings
 * each channel of each picture to mean 0 and variance 1 over its own pixels, in training and in
 * evaluation alike. Its gradient has a gradient; a third one is refused.
 *
 * @param x [B, H, W, C].
 * @param epsilon added to the variance, which is the biased one.
 */
export function instanceNorm(x: Tensor, epsilon: number): Tensor {
  return at(runKernel("InstanceNorm", { x }, { epsilon }), 0);
}

/** Over the pixels of each channel: [B, H, W, C] to [B, 1, 1, C]. */
function pixelMean(x: Tensor): Tensor {
  return tf.mean(x, [1, 2], true);
}

function forward(x: Tensor, { epsilon }: KernelAttributes): [y: Tensor, scale: Tensor] {
  const centered = tf.sub(x, pixelMean(x));
  const scale = tf.rsqrt(tf.add(pixelMean(tf.square(centered)), Number(epsilon)));
  return [tf.mul(centered, scale), scale];
}

/**
 * The gradient: the Jacobian of y by x, applied to dy. It is symmetric and linear in dy.
 *
 * @param scale 1 / sqrt(variance + epsilon), [B, 1, 1, C].
 */
function backward(dy: Tensor, y: Tensor, scale: Tensor): Tensor {
  const along = tf.mul(y, pixelMean(tf.mul(dy, y)));
  return tf.mul(scale, tf.sub(tf.sub(dy, pixelMean(dy)), along));
}

/**
 * How the gradient, weighted by `ddx`, changes with x: the derivative of sum(ddx * backward(dy)) by x.
 * From d scale = -scale^2 y / n and d(sum(y dy)) = backward(dy), n pixels.
 */
function second(ddx: Tensor, dy: Tensor, y: Tensor, scale: Tensor): Tensor {
  const [dx, other] = [backward(dy, y, scale), backward(ddx, y, scale)];
  const sum = tf.addN([
    tf.mul(y, pixelMean(tf.mul(ddx, dx))),
    tf.mul(dx, pixelMean(tf.mul(y, ddx))),
    tf.mul(other, pixelMean(tf.mul(y, dy))),
  ]);
  return tf.neg(tf.mul(scale, sum));
}

/** Registers the kernel, its gradient, and the gradient of that. */
export function registerInstanceNorm(): void {
  registerComposite("InstanceNorm", ({ x }, attributes) => forward(x!, attributes));
  registerKernelGradient(
    "InstanceNorm",
    { inputs: ["x"], outputs: [true, true] },
    (dy, saved) => {
      const [x, y, scale] = [at(saved, 0), at(saved, 1), at(saved, 2)];
      // Only x says that the gradient depends on the input: y and the scale follow from it.
      const inputs = { dy, x, y: stopGradient(y), scale: stopGradient(scale) };
      return { x: () => runSingle("InstanceNormGrad", inputs) };
    },
  );
  registerComposite("InstanceNormGrad", ({ dy, y, scale }) => backward(dy!, y!, scale!));
  registerKernelGradient(
    "InstanceNormGrad",
    { inputs: ["dy", "x", "y", "scale"] },
    (ddx, saved) => {
      const [dy, x, y, scale] = [at(saved, 0), at(saved, 1), at(saved, 2), at(saved, 3)];
      return {
        dy: () => runSingle("InstanceNormGrad", { dy: ddx, x, y, scale }),
        x: () => runSingle("InstanceNormSecond", { ddx, dy, y, scale }),
      };
    },
  );
  registerComposite("InstanceNormSecond", ({ ddx, dy, y, scale }) => {
    return second(ddx!, dy!, y!, scale!);
  });
}
