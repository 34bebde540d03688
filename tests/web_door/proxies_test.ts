import assert from "assert";
import { noPages } from "../../src/web_door/pages.ts";
import { jobIn } from "../jobs/small_job.ts";
import { inTime } from "../in_time.ts";
import { Scene } from "../service/scene.ts";
import { Nginx, nginxPath } from "./nginx.ts";
import { TcpProxy } from "./tcp_proxy.ts";

/** A proxy's limit of silence, in seconds. */
const IDLE_SECONDS = 6;

/** Opens a stream of a job's events by Connect, from one on that has not happened yet. */
async function watch(url: string): Promise<Response> {
  const json = new TextEncoder().encode(JSON.stringify({ jobId: "job-a", fromSequence: 3 }));
  const body = Buffer.concat([Buffer.from([0, 0, 0, 0, json.length]), json]);
  const headers = { "content-type": "application/connect+json" };
  const path = "tinct.v1.ColorizationService/StreamMetrics";
  return await fetch(`${url}/${path}`, { method: "POST", headers, body });
}

/** The messages of a stream, up to its end; throws where it is cut. */
async function* messagesOf(answer: Response): AsyncGenerator<Record<string, unknown>> {
  let held = Buffer.alloc(0);
  for await (const piece of answer.body!) {
    held = Buffer.concat([held, piece]);
    while (held.length >= 5 && held.length >= 5 + held.readUInt32BE(1)) {
      const end = 5 + held.readUInt32BE(1);
      yield JSON.parse(held.subarray(5, end).toString("utf8"));
      held = held.subarray(end);
    }
  }
}

/** Proxies in front of a door, with that limit. */
const proxies: Readonly<
  Record<string, ((url: string) => Promise<AsyncDisposable & { readonly url: string }>) | undefined>
> = {
  "a proxy": (url) => TcpProxy.open(url, { idleMs: IDLE_SECONDS * 1000 }),
  nginx: nginxPath === undefined ? undefined : (url) => Nginx.open(nginxPath!, url, IDLE_SECONDS),
};

for (const [name, open] of Object.entries(proxies)) {
  Deno.test({
    name: open ? `${name} with a limit of silence` : `${name} (skipped: it is not on the PATH)`,
    ignore: open === undefined,
    async fn(t) {
      await t.step("leaves a silent stream alone, and passes its events on at once", async () => {
        await using scene = await Scene.open({}, undefined, {
          pages: noPages,
          webSignEveryMs: 250,
        });
        await jobIn(scene.store, "job-a", "RUNNING");
        await using proxy = await open!(scene.server.webUrl);
        const startedMs = performance.now();
        const answer = await inTime(watch(proxy.url), "the headers come before any event");
        const messages = messagesOf(answer);
        const next = async () => (await inTime(messages.next(), "a message comes")).value;
        while (performance.now() < startedMs + 1.5 * IDLE_SECONDS * 1000) {
          assert.deepEqual(await next(), {}, "a sign of life, without an event");
        }
        // Nothing holds it back until there is more: the stream stays open behind it.
        await scene.store.events.append("job-a", [{ kind: "losses", payload: { step: 7 } }]);
        let event = await next();
        while (event?.["sequence"] === undefined) event = await next();
        assert.deepEqual([event["sequence"], event["losses"]], ["3", { step: "7" }]);
        await messages.return(undefined);
      });
      await t.step("cuts it where there are no signs of life", async () => {
        await using scene = await Scene.open({}, undefined, {
          pages: noPages,
          webSignEveryMs: 600_000,
        });
        await jobIn(scene.store, "job-a", "RUNNING");
        await using proxy = await open!(scene.server.webUrl);
        const cut = (async () => {
          const answer = await watch(proxy.url); // nginx answers by itself where no headers came
          for await (const message of messagesOf(answer)) assert.deepEqual(message, {});
          assert.equal(answer.status, 200, "cut before the headers");
        })();
        await inTime(assert.rejects(cut), "the proxy cuts it");
      });
    },
  });
}

Deno.test("every answer of a call tells proxies to hold nothing back", async () => {
  await using scene = await Scene.open({}, undefined, { pages: noPages });
  await jobIn(scene.store, "job-a", "SUCCEEDED");
  const answer = await watch(scene.server.webUrl);
  await answer.body?.cancel();
  assert.equal(answer.headers.get("x-accel-buffering"), "no");
  assert.equal(answer.headers.get("cache-control"), "no-store");
});
