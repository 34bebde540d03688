import assert from "assert";
import { ConnectionCount } from "../../src/protocol/connection_limits.ts";

/** Counts by a clock that the test sets. */
function counting(limits: { all?: number; each?: number; fresh?: number }) {
  const clock = { nowMs: 0 };
  const count = new ConnectionCount({
    maxConnections: limits.all ?? Infinity,
    maxPerAddress: limits.each ?? Infinity,
    maxNewPerAddress: limits.fresh ?? Infinity,
  }, () => clock.nowMs);
  return { count, clock };
}

Deno.test("ConnectionCount bounds the connections of an address, and frees a place once", () => {
  const { count } = counting({ each: 2 });
  const first = count.admit("a");
  assert.ok(first && count.admit("a"));
  assert.equal(count.admit("a"), undefined);
  assert.ok(count.admit("b"), "another address has places of its own");
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assert.ok(count.admit("a"));
  assert.equal(count.admit("a"), undefined, "disposing twice freed one place");
});

Deno.test("ConnectionCount bounds all connections, those on a Unix-domain socket included", () => {
  const { count } = counting({ all: 2 });
  assert.ok(count.admit("a") && count.admit(undefined));
  assert.equal(count.admit("b"), undefined);
});

Deno.test("ConnectionCount bounds how many come in a minute, whether or not they stay", () => {
  const { count, clock } = counting({ fresh: 10 });
  const come = () => {
    const place = count.admit("a");
    place?.[Symbol.dispose]();
    return place !== undefined;
  };
  const admitted = () => Array.from({ length: 20 }, come).filter(Boolean).length;
  assert.equal(admitted(), 10);
  clock.nowMs = 18_000;
  assert.equal(admitted(), 3);
  clock.nowMs = 360_000;
  assert.equal(admitted(), 10, "no more are saved up than ten");
});

Deno.test("ConnectionCount forgets quiet addresses only", () => {
  const { count, clock } = counting({ each: 1, fresh: 5 });
  assert.ok(count.admit("stays"));
  for (let index = 0; index < 30_000; index++) {
    count.admit(`passes ${index}`)?.[Symbol.dispose]();
    clock.nowMs += 100;
  }
  assert.equal(count.admit("stays"), undefined, "it still holds its connection");
});
