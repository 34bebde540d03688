import assert from "assert";
import { type Candidate, inOrder, isSaturated, mayTake } from "../../src/colorizing/seat_choice.ts";

const idle: Candidate = {
  photos: 0,
  bytes: 0,
  maxPhotos: 16,
  maxBytes: 64,
  models: 0,
  hasModelRoom: true,
};
const with4 = { ...idle, photos: 4, models: 1 };

Deno.test("a photo goes to who has its model, and to another only where all of those have enough", () => {
  const busy = { ...idle, photos: 3, models: 1 };
  assert.ok(mayTake(idle, []), "nobody has the model");
  assert.ok(mayTake(with4, [with4]), "who has it takes more, too");
  assert.ok(!mayTake(idle, [busy]), "the model is not loaded twice");
  assert.ok(mayTake(idle, [with4]));
  assert.ok(!mayTake(idle, [with4, busy]));
  assert.ok(!mayTake({ ...idle, hasModelRoom: false }, [with4]), "no other model goes for a copy");
  assert.ok(!mayTake({ ...idle, photos: 5 }, [with4]), "it would only wait there");
});

Deno.test("a worker has enough with a quarter of its photos or bytes, and one photo of one", () => {
  const given = [idle, { ...idle, photos: 3 }, with4, { ...idle, bytes: 15 }, {
    ...idle,
    bytes: 16,
  }];
  assert.deepEqual(given.map(isSaturated), [false, false, true, false, true]);
  assert.deepEqual([0, 1].map((photos) => isSaturated({ ...idle, photos, maxPhotos: 2 })), [
    false,
    true,
  ]);
});

Deno.test("the one with the fewest photos comes first, then the one with the fewest models", () => {
  const [a, b, c] = [{ ...idle, photos: 1 }, { ...idle, models: 2 }, { ...idle, models: 1 }];
  assert.deepEqual(inOrder([a, b, c]), [c, b, a]);
});
