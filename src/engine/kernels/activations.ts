import tf from "@tensorflow/tfjs";
import {
  at,
  floatType,
  registerKernelGradient,
  registerOperation,
  runSingle,
  stopGradient,
} from "./kernel.ts";

/**
 * Gradients of activations as the one operation that TensorFlow has for each. tfjs's own are chains
 * of comparisons, casts and products, which cost more memory traffic than the activation itself.
 */
export function registerActivations(): void {
  registerOperation("ReluGrad", ["gradients", "features"], {
    name: "ReluGrad",
    attributes: () => [floatType()],
  });
  registerKernelGradient("Relu", { inputs: [], outputs: [true] }, (dy, saved) => ({
    x: () => runSingle("ReluGrad", { gradients: dy, features: stopGradient(at(saved, 0)) }),
  }));
  // Both gradients are linear in `gradients`, and flat in `features`.
  registerKernelGradient("ReluGrad", { inputs: ["features"] }, (ddx, saved) => ({
    gradients: () => runSingle("ReluGrad", { gradients: ddx, features: at(saved, 0) }),
  }));

  registerOperation("LeakyReluGrad", ["gradients", "features"], {
    name: "LeakyReluGrad",
    attributes: ({ alpha }) => [floatType(), { name: "alpha", float: Number(alpha) }],
  });
  // The output has the input's sign, so it serves as well; and with the input free of a second use
  // Grappler can fuse convolution, bias and activation.
  registerKernelGradient("LeakyRelu", { inputs: [], outputs: [true] }, (dy, saved, given) => ({
    x: () =>
      runSingle("LeakyReluGrad", { gradients: dy, features: stopGradient(at(saved, 0)) }, {
        alpha: given.alpha ?? 0.2,
      }),
  }));
  registerKernelGradient(
    "LeakyReluGrad",
    { inputs: ["features"] },
    (ddx, saved, { alpha = 0.2 }) => ({
      gradients: () =>
        runSingle("LeakyReluGrad", { gradients: ddx, features: at(saved, 0) }, { alpha }),
    }),
  );

  registerOperation("TanhGrad", ["y", "dy"], { name: "TanhGrad", attributes: () => [floatType()] });
  registerKernelGradient("Tanh", { inputs: [], outputs: [true] }, (dy, saved) => ({
    x: () => runSingle("TanhGrad", { y: at(saved, 0), dy }),
  }));

  // The gradient of |x| at 0 is 0, as in PyTorch; tfjs has -1 there.
  registerKernelGradient("Abs", { inputs: ["x"] }, (dy, saved) => ({
    x: () => tf.mul(dy, tf.sign(at(saved, 0))),
  }));
}
