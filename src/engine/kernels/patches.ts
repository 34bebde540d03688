import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { registerOperation, runSingle } from "./kernel.ts";
import { DataType } from "../../tensorflow/data_type.ts";

/**
 * The 4x4 patches that a convolution of stride 2 and padding 1 looks at, as rows of a matrix.
 *
 * @param x [B, 2h, 2w, C].
 * @returns [B h w, 16 C], in the order of a filter [4, 4, C, out].
 */
export function patchesOf(x: Tensor): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const patches = runSingle("Patches", { x });
  return tf.reshape(patches, [batch * height * width / 4, 16 * channels]);
}

/**
 * The transpose of `patchesOf`: adds rows of patches up into the picture that they overlap in.
 *
 * @param rows [B h w, 16 C].
 * @param shape of the picture, [B, 2h, 2w, C].
 */
export function addPatches(rows: Tensor, shape: readonly number[]): Tensor {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const [h, w] = [height / 2, width / 2];
  // Tap k of patch i falls on row 2 i + k - 1: one axis after the other, even and odd rows apart.
  const byRow = tf.reshape(rows, [batch, h, w, 4, 4 * channels]);
  const tall = interleave(byRow, 1, [batch, h, w, 4 * channels]); // [B, 2h, w, 4 C]
  const byColumn = tf.reshape(tall, [batch, height, w, 4, channels]);
  return interleave(byColumn, 2, [batch, height, w, channels]); // [B, 2h, 2w, C]
}

/** Adds four taps, axis 3 of `taps`, along an axis of [B, h, w, C], which doubles. */
function interleave(taps: Tensor, axis: 1 | 2, shape: [number, number, number, number]): Tensor {
  const tap = (k: number) =>
    tf.reshape(tf.slice(taps, [0, 0, 0, k, 0], [-1, -1, -1, 1, -1]), shape);
  const shifted = (x: Tensor, by: -1 | 1) => {
    const paddings = shape.map((_, i): [number, number] =>
      i !== axis ? [0, 0] : by === 1 ? [1, 0] : [0, 1]
    );
    const begin = shape.map((_, i) => i === axis && by === -1 ? 1 : 0);
    return tf.slice(tf.pad(x, paddings), begin, shape);
  };
  const even = tf.add(tap(1), shifted(tap(3), 1));
  const odd = tf.add(tap(2), shifted(tap(0), -1));
  const doubled = shape.map((size, i) => i === axis ? 2 * size : size);
  return tf.reshape(tf.stack([even, odd], axis + 1), doubled);
}

/** Registers the operation that takes patches out. */
export function registerPatches(): void {
  registerOperation("Patches", ["x"], {
    name: "ExtractImagePatches",
    attributes: () => [
      { name: "T", type: DataType.FLOAT },
      { name: "ksizes", int: [1, 4, 4, 1] },
      { name: "strides", int: [1, 2, 2, 1] },
      { name: "rates", int: [1, 1, 1, 1] },
      { name: "padding", string: "SAME" },
    ],
  });
}
