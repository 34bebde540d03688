import assert from "assert";
import tf from "@tensorflow/tfjs";
import {
  channelsFirst,
  channelsLast,
  fromPytorchLayout,
  toPytorchLayout,
} from "../../src/model/pytorch_layout.ts";
import { pytorchShape } from "../../src/model/parameters.ts";
import { engineTest } from "../engine/test_engine.ts";

/** Numbers that say where they lie: [a, b, c, d] holds abcd. */
function labelled(shape: [number, number, number, number]) {
  const values: number[] = [];
  for (let a = 0; a < shape[0]; a++) {
    for (let b = 0; b < shape[1]; b++) {
      for (let c = 0; c < shape[2]; c++) {
        for (let d = 0; d < shape[3]; d++) values.push(1000 * a + 100 * b + 10 * c + d);
      }
    }
  }
  return tf.tensor4d(values, shape);
}

engineTest("weights go from [kh, kw, in, out] to [out, in, kh, kw] and back", () => {
  tf.tidy(() => {
    const here = labelled([2, 3, 4, 5]);
    const there = toPytorchLayout(here);
    assert.deepEqual(there.shape, [5, 4, 2, 3]);
    assert.deepEqual(
      pytorchShape({ name: "w", shape: [2, 3, 4, 5], role: "convolution" }),
      there.shape,
    );
    const values = there.arraySync() as number[][][][];
    assert.equal(values[4]![3]![1]![2], 1234);
    assert.equal(values[0]![2]![1]![0], 1020);
    const back = fromPytorchLayout(there);
    assert.deepEqual(back.shape, here.shape);
    assert.deepEqual(back.dataSync(), here.dataSync());
  });
});

engineTest("vectors keep their layout, and become tensors of their own", () => {
  const vector = tf.tensor1d([1, 2, 3]);
  const [to, from] = [toPytorchLayout(vector), fromPytorchLayout(vector)];
  assert.deepEqual(pytorchShape({ name: "b", shape: [3], role: "bias" }), [3]);
  vector.dispose();
  assert.deepEqual([...to.dataSync()], [1, 2, 3]);
  assert.deepEqual([...from.dataSync()], [1, 2, 3]);
  tf.dispose([to, from]);
});

engineTest("pictures go from [B, C, H, W] to [B, H, W, C] and back", () => {
  tf.tidy(() => {
    const there = labelled([2, 3, 4, 5]);
    const here = channelsLast(there);
    assert.deepEqual(here.shape, [2, 4, 5, 3]);
    assert.equal((here.arraySync() as number[][][][])[1]![3]![4]![2], 1234);
    assert.deepEqual(channelsFirst(here).dataSync(), there.dataSync());
  });
});
