import assert from "assert";
import { splitSet, TrainedCount } from "../../src/prepared/split_set.ts";

const photos = (count: number) => Array.from({ length: count }, (_, at) => `photo-${at}`);

Deno.test("splitSet() has one answer for a seed", () => {
  // From a second implementation, in Python; it must never change.
  const { train, validation } = splitSet(photos(12), { seed: 7, validationFraction: 0.3 });
  assert.deepEqual([...validation], [4, 7, 11]);
  assert.deepEqual([...train], [0, 1, 2, 3, 5, 6, 8, 9, 10]);
});

Deno.test("splitSet() gives every picture to one side, about in the fraction", () => {
  for (const validationFraction of [0.05, 0.1, 0.5]) {
    const { train, validation } = splitSet(photos(5000), { seed: 1, validationFraction });
    const all = [...train, ...validation].sort((a, b) => a - b);
    assert.deepEqual(all, Array.from({ length: 5000 }, (_, at) => at));
    const expected = 5000 * validationFraction;
    const deviation = Math.sqrt(expected * (1 - validationFraction));
    assert.ok(Math.abs(validation.length - expected) < 4 * deviation, `${validation.length}`);
  }
});

Deno.test("splitSet() keeps a picture on its side when others come", () => {
  const options = { seed: 3, validationFraction: 0.2 };
  const few = splitSet(photos(100), options);
  const many = splitSet(photos(1000), options);
  assert.deepEqual([...few.validation], [...many.validation].filter((index) => index < 100));
});

Deno.test("splitSet() keeps copies on one side", () => {
  const twice = photos(200).flatMap((id) => [id, id]);
  const { validation } = splitSet(twice, { seed: 1, validationFraction: 0.3 });
  const sides = new Set(validation);
  for (const index of validation) assert.ok(sides.has(index ^ 1));
});

Deno.test("splitSet() differs by seed", () => {
  const one = splitSet(photos(100), { seed: 1, validationFraction: 0.3 });
  const two = splitSet(photos(100), { seed: 2, validationFraction: 0.3 });
  assert.notDeepEqual(one, two);
});

Deno.test("splitSet() leaves both sides something, however small the set", () => {
  for (let seed = 0; seed < 50; seed++) {
    for (const count of [2, 3, 5]) {
      for (const validationFraction of [0.01, 0.5, 0.99]) {
        const { train, validation } = splitSet(photos(count), { seed, validationFraction });
        assert.ok(train.length >= 1 && validation.length >= 1);
        assert.equal(train.length + validation.length, count);
      }
    }
    const one = splitSet(photos(1), { seed, validationFraction: 0.99 });
    assert.deepEqual([one.train.length, one.validation.length], [1, 0]);
  }
  const copies = splitSet(["same", "same"], { seed: 0, validationFraction: 0.99 });
  assert.deepEqual([copies.train.length, copies.validation.length], [2, 0]);
});

Deno.test("splitSet() validates on nothing when asked to", () => {
  const { train, validation } = splitSet(photos(9), { seed: 0, validationFraction: 0 });
  assert.deepEqual([train.length, validation.length], [9, 0]);
  assert.deepEqual(splitSet([], { seed: 0, validationFraction: 0.5 }).train.length, 0);
});

Deno.test("splitSet() refuses a fraction or seed out of range", () => {
  for (const validationFraction of [-0.1, 1, 1.5, NaN]) {
    assert.throws(() => splitSet(photos(3), { seed: 0, validationFraction }), RangeError);
  }
  assert.throws(() => splitSet(photos(3), { seed: 0.5, validationFraction: 0.1 }), RangeError);
});

Deno.test("what is counted on to be trained is trained, whatever photos come after it", () => {
  for (const validationFraction of [0, 0.1, 0.5, 0.9]) {
    for (let seed = 0; seed < 2; seed++) {
      // Copies draw the same number, and go to the same side.
      const ids = Array.from({ length: 40 }, (_, index) => `photo ${index % 31}`);
      const count = new TrainedCount({ seed, validationFraction });
      const counted = ids.map((id) => count.add(id));
      for (const [index, sure] of counted.entries()) {
        for (let end = index + 1; end <= ids.length; end++) {
          const { train } = splitSet(ids.slice(0, end), { seed, validationFraction });
          assert.ok(sure <= train.length, `${sure} of ${train.length}, ${validationFraction}`);
        }
      }
      const { train } = splitSet(ids, { seed, validationFraction });
      // All but the picture that is trained on, and the one that validates, where numbers alone do not.
      assert.ok(counted.at(-1)! >= train.length - 4, `${counted.at(-1)} of ${train.length}`);
    }
  }
});
