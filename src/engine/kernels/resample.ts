import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { DataType } from "../../tensorflow/data_type.ts";
import { floatType, registerOperation, runSingle } from "./kernel.ts";

/**
 * Samples pictures bilinearly, each by an affine map of its own. Coordinates are those of pixel
 * centres: 0 to W - 1 from left to right, 0 to H - 1 from the top. Beyond the border the border's
 * own pixels go on. It has no gradient.
 *
 * Made of gathers: ImageProjectiveTransformV3 does the same, a third faster on a CPU, but XLA cannot
 * compile it.
 *
 * @param pictures float32, [B, H, W, C]; H and W are at least 2, H W at most 2^24.
 * @param maps float32, [B, 6]: pixel (x, y) of the result is read at
 *   (m0 x + m1 y + m2, m3 x + m4 y + m5).
 * @returns float32, of the shape of `pictures`.
 */
export function resample(pictures: Tensor, maps: Tensor): Tensor4D {
  const [batch, height, width, channels] = pictures.shape as [number, number, number, number];
  return tf.tidy(() => {
    const x = tf.reshape(tf.range(0, width), [1, 1, width]);
    const y = tf.reshape(tf.range(0, height), [1, height, 1]);
    const m = (column: number) =>
      tf.reshape(tf.slice(maps, [0, column], [batch, 1]), [batch, 1, 1]);
    const place = (first: number, end: number) => {
      const read = tf.add(
        tf.mul(m(first), x),
        tf.add(tf.mul(m(first + 1), y), m(first + 2)),
      );
      const within = tf.clipByValue(read, 0, end); // [B, H, W]
      const before = tf.minimum(tf.floor(within), end - 1);
      return { before, share: tf.reshape(tf.sub(within, before), [batch, -1, 1]) };
    };
    const [column, row] = [place(0, width - 1), place(3, height - 1)];
    const first = tf.reshape(
      tf.add(tf.mul(row.before, width), column.before),
      [batch, height * width],
    );
    const table = tf.reshape(pictures, [batch, height * width, channels]);
    // Added up as float32, exact up to 2^24: for int32 TensorFlow would leave the GPU.
    const take = (offset: number) =>
      runSingle("GatherPixels", {
        table,
        indices: tf.cast(tf.add(first, offset), "int32"),
        axis: tf.scalar(1, "int32"),
      });
    const between = (a: Tensor, b: Tensor, share: Tensor) => tf.add(a, tf.mul(tf.sub(b, a), share));
    const above = between(take(0), take(1), column.share);
    const below = between(take(width), take(width + 1), column.share);
    return tf.reshape(between(above, below, row.share), [batch, height, width, channels]);
  });
}

/** Registers the gather of each picture's own pixels. */
export function registerResample(): void {
  registerOperation("GatherPixels", ["table", "indices", "axis"], {
    name: "GatherV2",
    attributes: () => [
      floatType("Tparams"),
      { name: "Tindices", type: DataType.INT32 },
      { name: "Taxis", type: DataType.INT32 },
      { name: "batch_dims", int: 1 },
    ],
  });
}
