import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import type { OperationCall } from "../operation_call.ts";

/** Rows before and after, columns before and after. */
type Pads = readonly [top: number, bottom: number, left: number, right: number];

/** How a window moves over maps. */
export interface Window {
  readonly kernel: [number, number];
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pads: Pads;
}

/**
 * The window of a convolution or a pool. Over rows alone it is one of height 1.
 *
 * @param shape of the map, [B, H, W, C].
 * @param kernelShape of the kernel, where there is one.
 */
export function windowOf(
  call: OperationCall,
  [, height = 0, width = 0]: readonly number[],
  kernelShape?: readonly number[],
): Window {
  const kernel = pair(kernelShape ?? call.integers("kernel_shape") ?? [], 1);
  const strides = pair(call.integers("strides") ?? [1, 1], 1);
  const dilations = pair(call.integers("dilations") ?? [1, 1], 1);
  if (![...kernel, ...strides, ...dilations].every((size) => size >= 1)) {
    throw call.unsupported(`a window of ${kernel}, strides ${strides}, dilations ${dilations}`);
  }
  if (call.flag("ceil_mode")) throw call.unsupported("ceil_mode");
  const auto = call.text("auto_pad", "NOTSET");
  if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
    const around = (side: number, axis: 0 | 1): [number, number] => {
      const reach = (kernel[axis] - 1) * dilations[axis] + 1;
      const total = Math.max(
        0,
        (Math.ceil(side / strides[axis]) - 1) * strides[axis] + reach - side,
      );
      const less = Math.floor(total / 2);
      return auto === "SAME_UPPER" ? [less, total - less] : [total - less, less];
    };
    return { kernel, strides, dilations, pads: [...around(height, 0), ...around(width, 1)] };
  }
  const said = auto === "VALID" ? [] : call.integers("pads") ?? [];
  const [top = 0, left = 0, bottom = 0, right = 0] = said.length === 2
    ? [0, said[0], 0, said[1]]
    : said;
  const pads = [top, bottom, left, right] as const;
  if (pads.some((each) => each < 0)) throw call.unsupported("windows with negative padding");
  return { kernel, strides, dilations, pads };
}

/** Of rows and columns; one number alone is that of columns. */
function pair(said: readonly number[], other: number): [number, number] {
  const [first = other, second] = said;
  return second === undefined ? [other, first] : [first, second];
}

/** x with a number around it. */
export function padMap(x: Tensor, [top, bottom, left, right]: Pads, value: number): Tensor4D {
  if (top + bottom + left + right === 0) return x as Tensor4D;
  return tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]], value) as Tensor4D;
}

/** A kernel [kh, kw, in, out] with zeros between its numbers, as if they lay apart. */
export function spread(kernel: Tensor, [rows, columns]: readonly [number, number]): Tensor {
  if (rows === 1 && columns === 1) return kernel;
  const [kh, kw, inputs, outputs] = kernel.shape as [number, number, number, number];
  const apart = tf.pad(
    tf.reshape(kernel, [kh, 1, kw, 1, inputs * outputs]),
    [[0, 0], [0, rows - 1], [0, 0], [0, columns - 1], [0, 0]],
  );
  const whole = tf.reshape(apart, [kh * rows, kw * columns, inputs, outputs]);
  return tf.slice(whole, [0, 0, 0, 0], [
    (kh - 1) * rows + 1,
    (kw - 1) * columns + 1,
    inputs,
    outputs,
  ]);
}
