import assert from "assert";
import { onAbort, pauseUnlessAborted, unlessAborted } from "../src/abort.ts";

/** What was heard, in order. */
function listenTo(signal: AbortSignal | undefined) {
  const heard: unknown[] = [];
  return { heard, listening: onAbort(signal, (reason) => heard.push(reason)) };
}

Deno.test("onAbort() acts once, with the signal's reason", () => {
  const controller = new AbortController();
  const { heard } = listenTo(controller.signal);
  assert.deepEqual(heard, []);
  controller.abort("late");
  controller.signal.dispatchEvent(new Event("abort"));
  assert.deepEqual(heard, ["late"]);
});

Deno.test("onAbort() acts at once where the signal is aborted, and never without one", () => {
  assert.deepEqual(listenTo(AbortSignal.abort("before")).heard, ["before"]);
  assert.deepEqual(listenTo(undefined).heard, []);
});

Deno.test("onAbort() is silent when it is disposed of", () => {
  const controller = new AbortController();
  const { heard, listening } = listenTo(controller.signal);
  listening[Symbol.dispose]();
  controller.abort();
  assert.deepEqual(heard, []);
});

Deno.test("unlessAborted() gives what the work gives, or throws what it throws", async () => {
  const { signal } = new AbortController();
  assert.equal(await unlessAborted(Promise.resolve(7), signal), 7);
  assert.equal(await unlessAborted(Promise.resolve(7), undefined), 7);
  await assert.rejects(
    unlessAborted(Promise.reject(new Error("broken")), signal),
    /^Error: broken/,
  );
});

Deno.test("unlessAborted() throws the reason while the work goes on, whose failure is nobody's", async () => {
  const controller = new AbortController();
  const { promise: work, reject } = Promise.withResolvers<number>();
  const waiting = unlessAborted(work, controller.signal);
  controller.abort(new Error("given up"));
  await assert.rejects(waiting, /given up/);
  reject(new Error("unheard")); // an unhandled rejection would fail this file
  await new Promise((resolve) => setTimeout(resolve, 0));
  await assert.rejects(unlessAborted(new Promise(() => {}), AbortSignal.abort(new Error("over"))), {
    message: "over",
  });
});

Deno.test("pauseUnlessAborted() ends with the time, or with the signal, and says which", async () => {
  const { signal } = new AbortController();
  assert.equal(await pauseUnlessAborted(1, signal), true);
  const controller = new AbortController();
  const waiting = pauseUnlessAborted(3_600_000, controller.signal);
  controller.abort();
  assert.equal(await waiting, false);
  assert.equal(await pauseUnlessAborted(3_600_000, controller.signal), false);
});
