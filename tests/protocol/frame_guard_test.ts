import assert from "assert";
import { noConnectionLimits } from "../../src/protocol/connection_limits.ts";
import { FrameGuard } from "../../src/protocol/frame_guard.ts";
import { END_HEADERS, frame, frames, HELLO } from "../hostile/raw_peer.ts";

const ping = frame(frames.ping, 0, 0, Buffer.alloc(8));
const reset = frame(frames.reset, 0, 1, Buffer.alloc(4));

/** A guard that has been greeted, by a clock that the test sets. */
function guarding(limits: Partial<typeof noConnectionLimits>) {
  const clock = { nowMs: 0 };
  const guard = new FrameGuard({ ...noConnectionLimits, ...limits }, () => clock.nowMs);
  assert.equal(guard.receive(HELLO), undefined);
  /** How many of these pass, of `most`. */
  const passed = (part: Uint8Array, most = 1000) => {
    for (let count = 0; count < most; count++) if (guard.receive(part)) return count;
    return most;
  };
  return { guard, clock, passed };
}

for (const size of [1, 5, 24, 100]) {
  Deno.test(`FrameGuard knows a greeting in pieces of ${size} bytes`, () => {
    const guard = new FrameGuard(noConnectionLimits);
    const bytes = Buffer.concat([HELLO, ping]);
    for (let at = 0; at < bytes.length; at += size) {
      assert.equal(guard.isGreeted, at >= HELLO.length);
      assert.equal(guard.receive(bytes.subarray(at, at + size)), undefined);
    }
    assert.ok(guard.isGreeted);
  });
}

Deno.test("FrameGuard refuses other greetings at their first wrong byte", () => {
  const guard = new FrameGuard(noConnectionLimits);
  assert.equal(guard.receive(Buffer.from("PRI * HTTP/")), undefined);
  assert.match(guard.receive(Buffer.from("1")) ?? "", /does not speak HTTP\/2/);
});

Deno.test("FrameGuard counts pings by ten seconds, and answers make room for more", () => {
  const { guard, clock, passed } = guarding({ maxControlFrames: 20 });
  assert.equal(passed(ping, 20), 20);
  clock.nowMs = 5000;
  assert.equal(passed(ping, 10), 10, "half of ten seconds, half of them");
  guard.sent(frames.data);
  guard.sent(frames.headers);
  guard.sent(frames.ping); // our answer to one is no answer to a call
  assert.equal(passed(ping), 8);
});

Deno.test("FrameGuard counts empty data as it counts pings, and full data not at all", () => {
  const { passed } = guarding({ maxControlFrames: 20 });
  assert.equal(passed(frame(frames.data, 0, 1, Buffer.alloc(1))), 1000);
  assert.equal(passed(frame(frames.data, 0, 1)), 20);
});

Deno.test("FrameGuard counts resets, and calls not at all", () => {
  const { passed } = guarding({ maxResets: 20 });
  assert.equal(passed(frame(frames.headers, END_HEADERS, 1, Buffer.alloc(9))), 1000);
  assert.equal(passed(reset), 20);
});

Deno.test("FrameGuard adds up the headers of one call, not of several", () => {
  const { passed } = guarding({ maxHeaderBytes: 1000 });
  assert.equal(passed(frame(frames.headers, END_HEADERS, 1, Buffer.alloc(600))), 1000);
  assert.equal(passed(frame(frames.continuation, 0, 1, Buffer.alloc(100))), 4);
});
