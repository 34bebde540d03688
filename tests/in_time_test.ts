import assert from "assert";
import { inTime, until } from "./in_time.ts";

Deno.test("inTime() gives what a promise gives, and says what did not come", async () => {
  assert.equal(await inTime(Promise.resolve(3), "a number"), 3);
  await assert.rejects(inTime(Promise.reject(new RangeError("five")), "a number"), RangeError);
  await assert.rejects(inTime(new Promise(() => {}), "the server answers", 0.01), {
    name: "AssertionError",
    message: "Not within 0.01 s: the server answers",
  });
});

Deno.test("until() looks until it holds, and says what did not come", async () => {
  let looks = 0;
  await until(() => ++looks === 3, "three looks");
  assert.equal(looks, 3);
  await assert.rejects(until(() => Promise.resolve(false), "the worker has ended", 0.01), {
    message: "Not within 0.01 s: the worker has ended",
  });
  await assert.rejects(until(() => assert.fail("it broke"), "anything"), /it broke/);
});
