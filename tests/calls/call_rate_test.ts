import assert from "assert";
import { TinctError } from "../../src/errors.ts";
import type { ListTrainingJobsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_training_jobs_response.ts";
import { CallRate } from "../../src/calls/call_rate.ts";
import { ending, Scene } from "../service/scene.ts";

/** How many calls pass, and the error that ends them. */
function drain(rate: CallRate, client: string): { passed: number; error: TinctError } {
  for (let passed = 0;; passed++) {
    try {
      rate.take(client);
    } catch (error) {
      if (!(error instanceof TinctError)) throw error;
      return { passed, error };
    }
  }
}

Deno.test("CallRate lets each client make a burst of two seconds' calls, then so many a second", () => {
  let nowMs = 0;
  const rate = new CallRate(10, () => nowMs);
  const first = drain(rate, "ada");
  assert.deepEqual([first.passed, first.error.code], [20, "resource_exhausted"]);
  assert.equal(first.error.retryDelayMs, 100);
  nowMs = 550;
  const second = drain(rate, "ada");
  assert.deepEqual([second.passed, second.error.retryDelayMs], [5, 50]);
  assert.equal(drain(rate, "bob").passed, 20, "another client has calls of its own");
  nowMs = 1e6;
  assert.equal(drain(rate, "ada").passed, 20);
});

Deno.test("CallRate of less than one call a second lets one through", () => {
  const rate = new CallRate(0.1, () => 0);
  assert.deepEqual(drain(rate, "ada").passed, 1);
  assert.equal(drain(rate, "ada").error.retryDelayMs, 10_000);
});

Deno.test("CallRate forgets clients that rest, so that many of them fill no memory", () => {
  let nowMs = 0;
  const rate = new CallRate(1, () => nowMs);
  drain(rate, "ada");
  for (let index = 0; index < 30_000; index++) {
    nowMs += 0.05;
    rate.take(`client ${index}`);
  }
  assert.equal(drain(rate, "ada").passed, 1, "1.5 seconds made one call, forgotten or not");
});

Deno.test("a client that calls too often is told when to call again", async () => {
  await using scene = await Scene.open({ maxCallsPerSecond: 1 });
  const call = () =>
    ending<ListTrainingJobsResponse__Output>((back) => scene.jobs.listTrainingJobs({}, back));
  const endings = [await call(), await call(), await call(), await call()];
  const refused = endings.filter((each) => "error" in each);
  assert.ok(refused.length >= 1 && "ok" in endings[0]!, JSON.stringify(endings));
  for (const { error } of refused) {
    assert.equal(error.code, "RESOURCE_EXHAUSTED");
    assert.match(error.message, /127\.0\.0\.1 makes more than 1 calls per second/);
    assert.ok(error.retryDelayMs !== undefined && error.retryDelayMs <= 1000);
  }
});
