import assert from "assert";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { Server, ServerCredentials, type ServiceError, status as codes } from "@grpc/grpc-js";
import { TinctError } from "../../src/errors.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import type { ColorizationServiceHandlers } from "../../src/protocol/generated/tinct/v1/colorization_service.ts";
import { Outlet } from "../../src/protocol/outlet.ts";
import { receive } from "../../src/protocol/receive.ts";
import { insecure, Served, TRANSPORTS } from "./served.ts";

const contract = loadPublicContract();
const service = "tinct.v1.ColorizationService";
const picture = { image: Buffer.alloc(64 * 1024) };

/** A server whose StreamMetrics is `handler`. */
function addMetrics(handler: ColorizationServiceHandlers["StreamMetrics"]) {
  return (server: Server) =>
    contract.serve(server, service, {
      Train: (_call, answer) => answer({ code: codes.UNIMPLEMENTED }),
      Colorize: (_call, answer) => answer({ code: codes.UNIMPLEMENTED }),
      ColorizeStream: (call) => call.end(),
      StreamMetrics: handler,
    });
}

for (const transport of TRANSPORTS) {
  Deno.test(`an outlet stays little ahead of a slow reader over ${transport}`, async () => {
    const total = 500;
    let sent = 0;
    const opened = Promise.withResolvers<{ readonly pendingBytes: number }>();
    const handler: ColorizationServiceHandlers["StreamMetrics"] = async (call) => {
      const outlet = new Outlet(call);
      opened.resolve(outlet);
      while (sent < total) {
        sent++;
        await outlet.send({ sequence: sent, sample: picture });
      }
      call.end();
    };
    await using served = await Served.start(transport, addMetrics(handler));
    const client = contract.connect(service, served.address, insecure());
    let received = 0;
    let ahead = 0;
    for await (const { sequence } of receive(client.streamMetrics({ jobId: "job-1" }))) {
      received++;
      assert.equal(sequence, received);
      ahead = Math.max(ahead, sent - received);
      await setImmediate(); // the sender's turn
    }
    assert.equal(received, total);
    // 256 KiB in the outlet are 4 messages; the rest is what the client takes in before it is asked
    // to. By `write()` and "drain" alone the sender is 490 ahead and more (Deno 2.9.3).
    assert(ahead <= 100, `the sender was ${ahead} messages ahead`);
    assert.equal((await opened.promise).pendingBytes, 0, "all that was handed over has left");
    client.close();
  });
}

Deno.test("an outlet that waits for a reader which goes away is told so", async () => {
  const ending = Promise.withResolvers<{ error: unknown; pendingBytes: number }>();
  const handler: ColorizationServiceHandlers["StreamMetrics"] = async (call) => {
    using outlet = new Outlet(call);
    try {
      for (let sequence = 1;; sequence++) await outlet.send({ sequence, sample: picture });
    } catch (error) {
      ending.resolve({ error, pendingBytes: outlet.pendingBytes });
    }
  };
  await using served = await Served.start("tcp", addMetrics(handler));
  const client = contract.connect(service, served.address, insecure());
  const call = client.streamMetrics({ jobId: "job-1" });
  call.on("error", ({ code }: ServiceError) => assert.equal(code, codes.CANCELLED));
  await once(call, "readable"); // and never read
  call.cancel();
  const { error, pendingBytes } = await ending.promise;
  assert(error instanceof TinctError && error.code === "cancelled", String(error));
  assert(pendingBytes < 512 * 1024, `${pendingBytes} bytes are left in memory`);
  client.close();
});

Deno.test("an outlet stops waiting when its signal says so", async () => {
  const full = Promise.withResolvers<void>();
  const ending = Promise.withResolvers<unknown>();
  const stop = new AbortController();
  const handler: ColorizationServiceHandlers["StreamMetrics"] = async (call) => {
    using outlet = new Outlet(call, { maxPendingBytes: 0 });
    try {
      for (let sequence = 1;; sequence++) {
        const sending = outlet.send({ sequence, sample: picture }, { signal: stop.signal });
        if (sequence === 100) full.resolve();
        await sending;
      }
    } catch (error) {
      ending.resolve(error);
      call.end();
    }
  };
  await using served = await Served.start("tcp", addMetrics(handler));
  const client = contract.connect(service, served.address, insecure());
  const call = client.streamMetrics({ jobId: "job-1" });
  call.on("error", () => {}); // the server goes before all is read
  call.on("data", () => {});
  await full.promise;
  const reason = new Error("The server is stopping.");
  stop.abort(reason);
  assert.equal(await ending.promise, reason);
  client.close();
});

Deno.test("an outlet refuses a connection that it cannot measure", async () => {
  const failure = Promise.withResolvers<unknown>();
  const server = new Server();
  addMetrics((call) => {
    try {
      new Outlet(call);
    } catch (error) {
      failure.resolve(error);
    }
    call.end();
  })(server);
  const { promise: bound, resolve } = Promise.withResolvers<number>();
  const plain = ServerCredentials.createInsecure();
  server.bindAsync("127.0.0.1:0", plain, (_error, port) => resolve(port));
  const client = contract.connect(service, `127.0.0.1:${await bound}`, insecure());
  for await (const _ of receive(client.streamMetrics({}))) assert.fail("nothing is sent");
  const error = await failure.promise;
  assert(error instanceof TypeError);
  assert.match(error.message, /TappedSocket/);
  client.close();
  server.forceShutdown();
});
