import type { Tensor } from "@tensorflow/tfjs";
import {
  at,
  floatType,
  type OperationAttribute,
  registerKernelGradient,
  registerOperation,
  runSingle,
} from "./kernel.ts";

/**
 * The largest of 3x3 pixels, with stride 2 and padding 1, as a ResNet begins with (PyTorch's
 * MaxPool2d(3, 2, 1)). tfjs's "same" pads even sides at their ends only.
 *
 * @param x [B, H, W, C], of even sides.
 * @returns [B, H / 2, W / 2, C].
 */
export function maxPool(x: Tensor): Tensor {
  return runSingle("HalvingMaxPool", { x });
}

/** Registers MaxPool and its gradient, which has none itself. */
export function registerPooling(): void {
  const attributes = (): OperationAttribute[] => [
    floatType(),
    { name: "ksize", int: [1, 3, 3, 1] },
    { name: "strides", int: [1, 2, 2, 1] },
    { name: "padding", string: "EXPLICIT" },
    { name: "explicit_paddings", int: [0, 0, 1, 1, 1, 1, 0, 0] },
    { name: "data_format", string: "NHWC" },
  ];
  registerOperation("HalvingMaxPool", ["x"], { name: "MaxPool", attributes });
  registerOperation("HalvingMaxPoolGrad", ["x", "y", "dy"], { name: "MaxPoolGrad", attributes });
  registerKernelGradient(
    "HalvingMaxPool",
    { inputs: ["x"], outputs: [true] },
    (dy, saved) => ({
      x: () => runSingle("HalvingMaxPoolGrad", { x: at(saved, 0), y: at(saved, 1), dy }),
    }),
  );
}
