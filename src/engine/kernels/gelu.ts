import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { at, registerComposite, registerKernelGradient, runSingle } from "./kernel.ts";

/**
 * GELU (Hendrycks & Gimpel, 2016), x times the normal distribution's share below x, by the error
 * function, as PyTorch's default has it. Its gradient has none itself.
 */
export function gelu(x: Tensor): Tensor {
  return runSingle("Gelu", { x });
}

/** The share of the normal distribution that lies below x. */
function shareBelow(x: Tensor): Tensor {
  return tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
}

/** Registers the kernel and its gradient. */
export function registerGelu(): void {
  registerComposite("Gelu", ({ x }) => tf.mul(x!, shareBelow(x!)));
  registerKernelGradient("Gelu", { inputs: ["x"] }, (dy, saved) => ({
    x: () => runSingle("GeluGrad", { dy, x: at(saved, 0) }),
  }));
  registerComposite("GeluGrad", ({ dy, x }) => {
    const density = tf.mul(tf.exp(tf.mul(tf.square(x!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return tf.mul(dy!, tf.add(shareBelow(x!), tf.mul(x!, density)));
  });
}
