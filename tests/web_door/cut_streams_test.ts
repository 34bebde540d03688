import assert from "assert";
import {
  type DescMethodServerStreaming,
  fromJson,
  type JsonObject,
  toJson,
} from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import * as forWeb from "@connectrpc/connect-web";
import { readContractImage } from "../../src/protocol/contract.ts";
import { descriptorsOf } from "../../src/web_door/descriptors.ts";
import { noPages } from "../../src/web_door/pages.ts";
import { jobIn } from "../jobs/small_job.ts";
import { inTime } from "../in_time.ts";
import { Scene } from "../service/scene.ts";
import { TcpProxy } from "./tcp_proxy.ts";

const descriptors = descriptorsOf(readContractImage());
const method = descriptors.getService("tinct.v1.ColorizationService")!
  .method["streamMetrics"] as DescMethodServerStreaming;

/** Opens the stream of a job's events from one on; it throws where it is cut. */
type Watch = (jobId: string, fromSequence: number) => AsyncIterable<JsonObject>;

/** By Connect's library for browsers. */
function byLibrary(transport: ReturnType<typeof forWeb.createConnectTransport>): Watch {
  return async function* (jobId, fromSequence) {
    const request = fromJson(method.input, { jobId, fromSequence });
    const requests = async function* () {
      yield await Promise.resolve(request);
    };
    const { message } = await transport.stream(
      method,
      undefined,
      undefined,
      undefined,
      requests(),
    );
    for await (const each of message) yield toJson(method.output, each) as JsonObject;
  };
}

/** By fetch alone: each message has a byte of flags and its length before it, the last one flag 2. */
function byFetch(url: string): Watch {
  return async function* (jobId, fromSequence) {
    const json = new TextEncoder().encode(JSON.stringify({ jobId, fromSequence }));
    const body = Buffer.concat([Buffer.from([0, 0, 0, 0, json.length]), json]);
    const headers = { "content-type": "application/connect+json" };
    const path = "tinct.v1.ColorizationService/StreamMetrics";
    const answer = await fetch(`${url}/${path}`, { method: "POST", headers, body });
    assert.equal(answer.status, 200);
    let held = Buffer.alloc(0);
    for await (const piece of answer.body!) {
      held = Buffer.concat([held, piece]);
      while (held.length >= 5 && held.length >= 5 + held.readUInt32BE(1)) {
        const [flags, end] = [held[0]!, 5 + held.readUInt32BE(1)];
        const message = JSON.parse(held.subarray(5, end).toString("utf8"));
        held = held.subarray(end);
        if ((flags & 2) === 0) yield message;
        else if (message.error) throw new ConnectError(message.error.message);
        else return;
      }
    }
    throw new Error("The answer broke off.");
  };
}

/** How each client watches through a proxy. */
function watchers(baseUrl: string): Readonly<Record<string, Watch>> {
  return {
    "connect-web, JSON": byLibrary(forWeb.createConnectTransport({ baseUrl })),
    "connect-web, binary": byLibrary(
      forWeb.createConnectTransport({ baseUrl, useBinaryFormat: true }),
    ),
    "connect-web, gRPC-Web": byLibrary(forWeb.createGrpcWebTransport({ baseUrl })),
    "fetch": byFetch(baseUrl),
  };
}

const sequenceOf = (event: JsonObject) => Number(event["sequence"] ?? 0);

/** Watches a job to its end, from one past the newest event on after each cut, as clients are told to. */
async function follow(watch: Watch, jobId: string, onEvent: (event: JsonObject) => void) {
  const events: JsonObject[] = [];
  let connections = 0;
  for (;;) {
    connections++;
    try {
      for await (
        const event of watch(jobId, (events.length ? sequenceOf(events.at(-1)!) : 0) + 1)
      ) {
        if (sequenceOf(event) === 0) continue; // a sign of life
        events.push(event);
        onEvent(event);
      }
      return { events, connections };
    } catch (error) {
      // A cut is not an answer of the server's.
      assert.ok(!(error instanceof assert.AssertionError), error as Error);
      assert.ok(connections < 1000, `it comes to no end: ${error}`);
    }
  }
}

Deno.test("a stream that is cut in the middle of anything goes on without gap or duplicate", async (t) => {
  await using scene = await Scene.open({}, undefined, { pages: noPages });
  await jobIn(scene.store, "job-a", "RUNNING");
  for (let step = 1; step <= 60; step++) {
    await scene.store.events.append("job-a", [
      { kind: "losses", payload: { step, lossGL1: 1 / step } },
    ]);
  }
  await scene.store.jobs.trigger("job-a", "succeeded");
  const whole = await follow(byFetch(scene.server.webUrl), "job-a", () => {});
  assert.equal(whole.connections, 1);
  assert.deepEqual(whole.events.map(sequenceOf), Array.from({ length: 63 }, (_, at) => at + 1));
  for (const name of Object.keys(watchers(""))) {
    await t.step(name, async () => {
      // In headers, in the middle of a length, of a message: at every 37th byte from 100 on, and again.
      const cutAfter = Array.from({ length: 60 }, (_, at) => 100 + 37 * at);
      await using proxy = await TcpProxy.open(scene.server.webUrl, { cutAfter });
      const watch = watchers(proxy.url)[name]!;
      const { events, connections } = await follow(watch, "job-a", () => {});
      assert.deepEqual(events, whole.events);
      assert.ok(proxy.cuts > 8, `${proxy.cuts} cuts`);
      // Fetch itself dials again where not even the headers came.
      assert.ok(connections > 8 && connections <= proxy.cuts + 1, `${connections} connections`);
    });
  }
});

Deno.test("what happens while a watcher is cut off is told when it is back", async (t) => {
  for (const name of Object.keys(watchers(""))) {
    await t.step(name, async () => {
      await using scene = await Scene.open({}, undefined, { pages: noPages });
      await jobIn(scene.store, "job-a", "RUNNING");
      await using proxy = await TcpProxy.open(scene.server.webUrl);
      let step = 0;
      const next = async () => {
        if (++step > 6) return;
        if (step === 6) return void await scene.store.jobs.trigger("job-a", "succeeded");
        proxy.cut(); // of what it has read, and of what is under way
        await scene.store.events.append("job-a", [{
          kind: "losses",
          payload: { step, lossGL1: 1 },
        }]);
      };
      const acting: Promise<void>[] = [];
      const following = follow(watchers(proxy.url)[name]!, "job-a", (event) => {
        if (sequenceOf(event) >= 2) acting.push(next());
      });
      const { events, connections } = await inTime(following, "the job's end is told");
      await Promise.all(acting);
      assert.deepEqual(events.map(sequenceOf), [1, 2, 3, 4, 5, 6, 7, 8]);
      assert.equal(connections, 1 + proxy.cuts);
      assert.equal(proxy.cuts, 5);
    });
  }
});
