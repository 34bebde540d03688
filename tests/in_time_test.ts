import assert from "assert";
import { inTime, until, whileNews } from "./in_time.ts";

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

Deno.test("whileNews() waits for as long as there is news, and says what did not come in a silence", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  let looks = 0;
  const news = () => {
    if (++looks === 20) resolve("done");
    return looks;
  };
  assert.equal(await whileNews(promise, news, "the job ends", 0.05), "done");
  await assert.rejects(whileNews(new Promise(() => {}), () => 7, "the job ends", 0.01), {
    message: "Not within 0.01 s: the job ends",
  });
  await assert.rejects(
    whileNews(Promise.reject(new RangeError("five")), () => 7, "it"),
    RangeError,
  );
});
