import assert from "assert";
import tf from "@tensorflow/tfjs";
import {
  seeThroughWindow,
  windowMaps,
  type WindowOptions,
} from "../../src/augmentation/photo_window.ts";
import { assertClose, engineTest } from "../engine/test_engine.ts";
import { drawnValues, evenWithin, unevenness } from "./drawn.ts";

const size = 64, count = 4096;

/** Windows as they were drawn, in shares of the photo's side. */
function windows(options: WindowOptions, at: [number, number] = [3, 7]) {
  const values = drawnValues(count, at, (draws) => windowMaps(size, draws, options));
  return Array.from({ length: count }, (_, i) => {
    const [a = NaN, b = NaN, x = NaN, c = NaN, d = NaN, y = NaN] = values.slice(6 * i, 6 * i + 6);
    const corner = (u: number, v: number) => [a * u + b * v + x, c * u + d * v + y] as const;
    const [low, high] = [-0.5, size - 0.5];
    return {
      mirrored: a * d - b * c < 0,
      area: Math.abs(a * d - b * c),
      aspect: Math.hypot(a, c) / Math.hypot(b, d),
      degrees: Math.atan2(-b, d) * 180 / Math.PI,
      isRight: Math.abs(a * b + c * d) < 1e-6,
      corners: [corner(low, low), corner(high, low), corner(low, high), corner(high, high)],
    };
  });
}

/** The largest square in a photo, turned: its share of the area. */
const turned = (degrees: number) => {
  const angle = Math.abs(degrees) * Math.PI / 180;
  return 1 / (Math.cos(angle) + Math.sin(angle)) ** 2;
};

for (
  const options of [
    { crop: 0.3, rotate: 0, flip: true },
    { crop: 0.3, rotate: 20, flip: false },
    { crop: 0.9, rotate: 0, flip: true },
    { crop: 1, rotate: 45, flip: true },
    { crop: 0.5, rotate: 45, flip: true },
  ]
) {
  const { crop, rotate, flip } = options;
  engineTest(
    `windows of crop ${crop}, rotate ${rotate} lie in the photo, spread as documented`,
    () => {
      const drawn = windows(options);
      for (const { area, aspect, degrees, isRight, corners } of drawn) {
        assert.ok(isRight, "the window is a rectangle");
        assert.ok(Math.abs(degrees) <= rotate + 1e-4, `turned by ${degrees}`);
        const largest = turned(degrees);
        assert.ok(area > Math.min(crop, largest) - 1e-4 && area < largest + 1e-4, `area ${area}`);
        assert.ok(aspect > 3 / 4 - 1e-4 && aspect < 4 / 3 + 1e-4, `aspect ${aspect}`);
        for (const place of corners.flat()) {
          assert.ok(place > -0.5 - 1e-2 && place < size - 0.5 + 1e-2, `a corner at ${place}`);
        }
      }
      const mirrored = drawn.filter((window) => window.mirrored).length / count;
      if (!flip) assert.equal(mirrored, 0);
      else assert.ok(Math.abs(mirrored - 0.5) < 2.5 / Math.sqrt(count), `${mirrored} mirrored`);
      if (rotate > 0) {
        assert.ok(
          unevenness(drawn.map(({ degrees }) => degrees), [-rotate, rotate]) < evenWithin(count),
        );
      }
      if (crop < 1) {
        // Where hardly anything is left to choose, rounding decides.
        const free = drawn.filter(({ degrees }) => turned(degrees) - crop > 0.01);
        const relative = free.map(({ area, degrees }) => (area - crop) / (turned(degrees) - crop));
        assert.ok(unevenness(relative, [0, 1]) < evenWithin(free.length), "areas are even");
      }
    },
  );
}

engineTest("small windows have every aspect evenly by its logarithm, and lie anywhere", () => {
  const drawn = windows({ crop: 0.05, rotate: 0, flip: false });
  // Up to 3/4 of the area every aspect from 3/4 to 4/3 fits.
  const small = drawn.filter(({ area }) => area < 0.75);
  const logs = small.map(({ aspect }) => Math.log(aspect));
  assert.ok(unevenness(logs, [Math.log(3 / 4), Math.log(4 / 3)]) < evenWithin(small.length));
  const places = drawn.map(({ corners: [[left] = [NaN], , , [right] = [NaN]] }) =>
    (left + 0.5) / (size - (right - left))
  );
  assert.ok(unevenness(places, [0, 1]) < evenWithin(count));
});

engineTest("an option's draws are the same whichever others are on", () => {
  const both = windows({ crop: 1, rotate: 20, flip: true });
  const alone = windows({ crop: 1, rotate: 20, flip: false });
  assertClose(both.map(({ area }) => area), alone.map(({ area }) => area), { absolute: 1e-6 });
});

engineTest("a window's pixels are those that a plain bilinear look-up reads", () => {
  const options = { crop: 0.4, rotate: 15, flip: true };
  const [batch, side] = [3, 24];
  const pictures = Float32Array.from(
    { length: batch * side * side },
    (_, i) => 50 + 40 * Math.sin(i * 0.37) * Math.cos(i / side),
  );
  const maps = drawnValues(batch, [5, 9], (draws) => windowMaps(side, draws, options));
  const seen = drawnValues(
    batch,
    [5, 9],
    (draws) => seeThroughWindow(tf.tensor(pictures, [batch, side, side, 1]), draws, options),
  );
  const expected = seen.map((_, i) => {
    const [b, y, x] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
    const [m0, m1, m2, m3, m4, m5] = maps.slice(6 * b) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const clip = (value: number) => Math.min(Math.max(value, 0), side - 1);
    const [u, v] = [clip(m0 * x + m1 * y + m2), clip(m3 * x + m4 * y + m5)];
    let sum = 0;
    for (const [row, rowShare] of [[Math.floor(v), 1 - v % 1], [Math.ceil(v), v % 1]] as const) {
      for (const [column, share] of [[Math.floor(u), 1 - u % 1], [Math.ceil(u), u % 1]] as const) {
        sum += rowShare * share * pictures[(b * side + row) * side + column]!;
      }
    }
    return sum;
  });
  assertClose(seen, expected, { absolute: 1e-3 });
});
