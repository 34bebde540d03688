import tf from "@tensorflow/tfjs";
import type { Tensor4D } from "@tensorflow/tfjs";
import { maxPool } from "../../../src/engine/kernels/pooling.ts";
import { assertClose, engineTest } from "../test_engine.ts";
import { assertSlopes } from "./differences.ts";

engineTest("maxPool() takes the largest of 3x3 pixels that begin outside the picture", () => {
  tf.tidy(() => {
    // Negative throughout: a padding of zeros would show.
    const x = tf.sub(tf.randomUniform([2, 6, 8, 3], 0, 1, "float32", 1), 2) as Tensor4D;
    const values = x.arraySync();
    const expected = values.map((picture) =>
      [0, 1, 2].map((row) =>
        [0, 1, 2, 3].map((column) =>
          [0, 1, 2].map((channel) => {
            const seen = [-1, 0, 1].flatMap((dy) =>
              [-1, 0, 1].map((dx) => picture[2 * row + dy]?.[2 * column + dx]?.[channel])
            );
            return Math.max(...seen.filter((value) => value !== undefined));
          })
        )
      )
    );
    assertClose(maxPool(x).dataSync(), expected.flat(3), { absolute: 0 });
  });
});

engineTest("the gradient of maxPool() goes to the largest pixel alone", () => {
  tf.tidy(() => {
    // Multiples of 1/8 in a random order: a step of 1/64 changes no order.
    const order = Array.from(tf.util.createShuffledIndices(2 * 4 * 4 * 2));
    const x = tf.tensor4d(order.map((place) => place / 8), [2, 4, 4, 2]);
    const weights = tf.randomNormal([2, 2, 2, 2], 0, 1, "float32", 2);
    assertSlopes((x) => tf.sum(tf.mul(maxPool(x!), weights)), [x], { step: 0.01, relative: 1e-3 });
  });
});
