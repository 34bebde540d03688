import tf from "@tensorflow/tfjs";
import type { Tensor4D } from "@tensorflow/tfjs";
import { depthToSpace, shuffleOrder } from "../../../src/engine/kernels/pixel_shuffle.ts";
import { assertClose, engineTest } from "../test_engine.ts";
import { assertSlopes } from "./differences.ts";

engineTest("depthToSpace() of shuffleOrder() is PyTorch's PixelShuffle", () => {
  tf.tidy(() => {
    const x = tf.randomNormal([2, 3, 2, 12], 0, 1, "float32", 1) as Tensor4D;
    const values = x.arraySync();
    // torch.nn.PixelShuffle(2): out[c, 2 h + dy, 2 w + dx] = in[4 c + 2 dy + dx, h, w].
    const expected = values.map((picture) =>
      Array.from(
        { length: 6 },
        (_, row) =>
          Array.from({ length: 4 }, (_, column) =>
            [0, 1, 2].map((channel) =>
              picture[row >> 1]?.[column >> 1]?.[4 * channel + 2 * (row & 1) + (column & 1)] ?? NaN
            )),
      )
    );
    assertClose(depthToSpace(shuffleOrder(x)).dataSync(), expected.flat(3), { absolute: 0 });
  });
});

engineTest("the gradients of depthToSpace() and shuffleOrder() are their inverses", () => {
  tf.tidy(() => {
    const x = tf.randomNormal([1, 2, 3, 8], 0, 1, "float32", 2);
    const weights = tf.randomNormal([1, 4, 6, 2], 0, 1, "float32", 3);
    assertSlopes(
      (x) => tf.sum(tf.mul(depthToSpace(shuffleOrder(x!)), weights)),
      [x],
      { step: 0.1, relative: 1e-4 },
    );
  });
});
