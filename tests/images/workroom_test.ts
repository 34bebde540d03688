import assert from "assert";
import process from "node:process";
import { TinctError } from "../../src/errors.ts";
import { photoLibrary } from "../../src/images/photo_library.ts";
import { WorkMemory } from "../../src/work_memory.ts";
import { SlowPhoto, Workroom } from "../../src/images/workroom.ts";

const size = { width: 1, height: 1, format: "jpeg" } as const;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A photo that wants so much room, and whether it is in. */
function guest(room: Workroom, bytes: number, signal?: AbortSignal) {
  const place = room.place({ bytesOf: () => bytes, decodeMs: 60_000 });
  const state = { isIn: false, error: undefined as unknown };
  place.enter(size, signal).then(() => state.isIn = true, (error) => state.error = error);
  return { state, place, leave: () => place[Symbol.dispose]() };
}

Deno.test("photos in work share a budget of memory, and small ones pass by large ones", async () => {
  const room = new Workroom({ memoryBytes: 1000 });
  const large = guest(room, 600), next = guest(room, 700), huge = guest(room, 9000);
  await turn();
  assert.deepEqual([large, next, huge].map(({ state }) => state.isIn), [true, false, false]);
  const small = [guest(room, 100), guest(room, 100), guest(room, 100)];
  await turn();
  // While a large one waits, small ones have a quarter of it all.
  assert.deepEqual(small.map(({ state }) => state.isIn), [true, true, false]);
  const tiny = guest(room, 15);
  await turn();
  assert.ok(tiny.state.isIn, "the smallest wait for nobody");
  large.leave();
  await turn();
  assert.ok(next.state.isIn && !huge.state.isIn);
  next.leave();
  await turn();
  assert.ok(huge.state.isIn, "more than there is counts as all that large ones may have");
  huge.leave();
  small[0]!.leave();
  await turn();
  assert.ok(small[2]!.state.isIn);
});

Deno.test("a photo that nobody waits for leaves the line, and large ones have a number", async () => {
  const room = new Workroom({ memoryBytes: 1000, maxLarge: 1 });
  const first = guest(room, 300);
  const gone = new AbortController();
  const second = guest(room, 300, gone.signal), third = guest(room, 300);
  await turn();
  assert.ok(first.state.isIn && !second.state.isIn);
  gone.abort(new Error("gone"));
  first.leave();
  await turn();
  assert.equal((second.state.error as Error).message, "gone");
  assert.ok(third.state.isIn);
});

Deno.test("the room of work that was given up is taken until the work is over", async () => {
  const room = new Workroom({ memoryBytes: 1000 });
  const stopped = new AbortController();
  const { place, leave } = guest(room, 700);
  await turn();
  const work = Promise.withResolvers<void>();
  const given = place.decode(() => work.promise, "cat.jpg", stopped.signal);
  stopped.abort(new Error("enough"));
  await assert.rejects(given, { message: "enough" });
  leave();
  const next = guest(room, 700);
  await turn();
  assert.equal(room.givenUp, 1);
  assert.ok(!next.state.isIn);
  work.resolve();
  await turn();
  assert.equal(room.givenUp, 0);
  assert.ok(next.state.isIn);
});

Deno.test("several rooms share memory, which one that goes wrong gives back", async () => {
  const shared = new WorkMemory({ memoryBytes: 1000 });
  const enterShared = (bytes: number, signal: AbortSignal | undefined) =>
    shared.enter(bytes, signal);
  const rooms = [1, 2].map(() => new Workroom({ memoryBytes: 1000, enterShared }));
  const [one, other] = rooms as [Workroom, Workroom];
  const first = guest(one, 600), second = guest(other, 500);
  await turn();
  assert.deepEqual([first, second].map(({ state }) => state.isIn), [true, false]);
  const gone = new AbortController();
  const third = guest(other, 200, gone.signal), tiny = guest(other, 15);
  await turn();
  assert.ok(third.state.isIn && tiny.state.isIn);
  assert.equal(shared.takenBytes, 800, "the smallest ask nobody");
  first.leave();
  await turn();
  assert.ok(second.state.isIn);
  const fourth = guest(one, 700, gone.signal);
  await turn();
  gone.abort(new Error("gone"));
  await turn();
  assert.equal((fourth.state.error as Error).message, "gone");
  second.leave();
  third.leave();
  await turn();
  const last = guest(one, 700);
  await turn();
  assert.ok(last.state.isIn, "nothing is left of those that went");
  assert.equal(shared.takenBytes, 700);
});

/** Encodes noise in PNG for so many seconds of processor time and more. */
async function encodeFor(seconds: number): Promise<void> {
  const startMs = process.cpuUsage().user / 1000;
  while (process.cpuUsage().user / 1000 - startMs < seconds * 1000) {
    await photoLibrary()({
      create: {
        ...{ width: 1500, height: 1500, channels: 3, background: "gray" },
        noise: { type: "gaussian", mean: 128, sigma: 60 },
      },
    }).webp({ effort: 6 }).toBuffer();
  }
}

Deno.test("work is given up by its processor time, and told of where it goes on", async () => {
  const stuck = Promise.withResolvers<void>();
  const room = new Workroom({ memoryBytes: 1000, clockFactor: 1000, onStuck: stuck.resolve });
  const place = room.place({ bytesOf: () => 1, decodeMs: 200 });
  let isOver = false;
  const work = encodeFor(4).then(() => isOver = true);
  await assert.rejects(
    place.decode(() => work, "cat.jpg", undefined),
    (error) =>
      error instanceof SlowPhoto && error.code === "invalid_argument" &&
      /^cat\.jpg takes more than 0\.2 s of processor time/.test(error.message),
  );
  assert.ok(!isOver);
  await stuck.promise;
  assert.ok(!isOver);
  await work;
});

Deno.test("work that gets no processor time is no fault of the photo's", async () => {
  const room = new Workroom({ memoryBytes: 1000, clockFactor: 2 });
  const place = room.place({ bytesOf: () => 1, decodeMs: 300 });
  const idle = Promise.withResolvers<void>();
  await assert.rejects(
    place.decode(() => idle.promise, "cat.jpg", undefined),
    (error) =>
      error instanceof TinctError && error.code === "unavailable" &&
      (error.retryDelayMs ?? 0) > 0 && /^The machine is busy: in 0\.6 s/.test(error.message),
  );
  idle.resolve();
});

Deno.test("small photos that made way for a large one come in when nobody waits for it any more", async () => {
  const room = new Workroom({ memoryBytes: 100 });
  const never = new AbortController().signal;
  const large = await room.enter(30, never);
  const stop = new AbortController();
  const larger = room.enter(60, stop.signal);
  const small = await room.enter(20, never);
  let isIn = false;
  const other = room.enter(20, never).then((leave) => {
    isIn = true;
    return leave;
  });
  stop.abort(new Error("given up"));
  await assert.rejects(larger, /given up/);
  await Promise.resolve();
  assert.ok(isIn, "there is room for it");
  for (const leave of [large, small, await other]) leave();
});
