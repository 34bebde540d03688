import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";

/** A tensor of an ONNX graph while it is computed. */
export interface OnnxValue {
  readonly tensor: Tensor;
  /**
   * True for maps, which ONNX lays out as [B, C, H, W] and which are computed as [B, H, W, C]: the
   * tensor has that order. False for a tensor in its own order.
   */
  readonly isMap: boolean;
}

/** In ONNX's order. */
export function plain({ tensor, isMap }: OnnxValue): Tensor {
  return isMap ? tf.transpose(tensor, [0, 3, 1, 2]) : tensor;
}

/** As a map; ONNX's order says [B, C, H, W]. */
export function asMap({ tensor, isMap }: OnnxValue): Tensor {
  return isMap ? tensor : tf.transpose(tensor, [0, 2, 3, 1]);
}
