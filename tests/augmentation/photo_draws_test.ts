import assert from "assert";
import tf from "@tensorflow/tfjs";
import { statelessUniform } from "../../src/engine/kernels/random.ts";
import { engineTest, valuesOf } from "../engine/test_engine.ts";
import { drawnValues, evenWithin, unevenness } from "./drawn.ts";

const count = 4096;

engineTest("photos are drawn evenly over the range, apart from each other and by name", () => {
  const shares = drawnValues(count, [3, 7], (draws) => draws.uniform("share", [0.2, 0.9]));
  const angles = drawnValues(count, [3, 7], (draws) => draws.uniform("angle", [0, 1]));
  assert.ok(shares.every((share) => share >= 0.2 && share < 0.9));
  assert.ok(unevenness(shares, [0.2, 0.9]) < evenWithin(count));
  assert.ok(unevenness(angles, [0, 1]) < evenWithin(count));
  // Of n independent pairs the correlation's standard error is n^-1/2.
  const product = shares.map((share, i) => (share - 0.55) * (angles[i]! - 0.5));
  const correlation = product.reduce((sum, each) => sum + each) / count / (0.7 / 12);
  assert.ok(Math.abs(correlation) < 5 / Math.sqrt(count), `correlation ${correlation}`);
});

engineTest("draws follow from seed and step, and from nothing else", () => {
  const draw = (batch: number, at: [number, number]) =>
    drawnValues(batch, at, (draws) => draws.uniform("blur", [0, 1]));
  const first = draw(8, [3, 7]);
  assert.deepEqual(draw(8, [3, 7]), first);
  assert.deepEqual(draw(3, [3, 7]), first.slice(0, 3)); // the size of the batch does not matter
  for (const other of [draw(8, [3, 8]), draw(8, [4, 7])]) {
    assert.equal(other.filter((value, i) => value === first[i]).length, 0);
  }
});

engineTest("half of the photos are mirrored, by the draws that flip always had", () => {
  const mirrored = drawnValues(count, [3, 7], (draws) => draws.mirrored());
  const share = mirrored.reduce((sum, each) => sum + each) / count;
  assert.ok(Math.abs(share - 0.5) < 5 * 0.5 / Math.sqrt(count), `${share} mirrored`);
  const expected = valuesOf(() =>
    tf.less(statelessUniform([count, 1, 1, 1], tf.tensor1d([3 + 1000, 7], "int32")), 0.5)
  );
  assert.deepEqual(mirrored, expected);
});

engineTest("noise is standard normal, and its own on each pixel and photo", () => {
  const noise = drawnValues(4, [3, 7], (draws) => draws.noise(64, 64));
  const { length: n } = noise;
  const mean = noise.reduce((sum, x) => sum + x) / n;
  const square = noise.reduce((sum, x) => sum + x * x, 0) / n;
  assert.ok(Math.abs(mean) < 5 / Math.sqrt(n));
  assert.ok(Math.abs(square - 1) < 5 * Math.sqrt(2 / n));
  assert.ok(new Set(noise).size > 0.99 * n);
});
