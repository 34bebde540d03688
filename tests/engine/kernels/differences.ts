import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";

/**
 * Asserts that the gradient of a scalar function is the slope that central differences find, along
 * each of some random directions through all inputs at once. float32 carries 1e-7 of the value; with a
 * step of `step` the slope is then right to about 1e-7 value / step + step^2.
 */
export function assertSlopes(
  f: (...at: Tensor[]) => Tensor,
  at: readonly Tensor[],
  { step, relative, directions = 4 }: { step: number; relative: number; directions?: number },
): void {
  tf.tidy(() => {
    const gradients = tf.grads((...xs: Tensor[]) => f(...xs))([...at]);
    for (let seed = 1; seed <= directions; seed++) {
      const along = at.map((x, i) => tf.randomNormal(x.shape, 0, 1, "float32", 100 * seed + i));
      const moved = (by: number) =>
        f(...at.map((x, i) => tf.add(x, tf.mul(along[i]!, by)))).dataSync()[0]!;
      const slope = (moved(step) - moved(-step)) / (2 * step);
      const expected = gradients.reduce(
        (sum, gradient, i) => sum + tf.sum(tf.mul(gradient, along[i]!)).dataSync()[0]!,
        0,
      );
      const scale = Math.sqrt(gradients.reduce(
        (sum, gradient) => sum + tf.sum(tf.square(gradient)).dataSync()[0]!,
        0,
      ));
      assert.ok(scale > 0, "the function is flat: this would test nothing");
      assert.ok(
        Math.abs(slope - expected) <= relative * scale,
        `direction ${seed}: differences give ${slope}, the gradient ${expected}, of ${scale}`,
      );
    }
  });
}
