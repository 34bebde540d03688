import assert from "assert";
import { once } from "node:events";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServiceError,
  status as codes,
} from "@grpc/grpc-js";
import { TinctError } from "../../src/errors.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import type { ColorizationServiceHandlers } from "../../src/protocol/generated/tinct/v1/colorization_service.ts";
import { Outlet } from "../../src/protocol/outlet.ts";
import { receive } from "../../src/protocol/receive.ts";
import { send } from "../../src/protocol/send.ts";
import { RawPeer } from "../hostile/raw_peer.ts";
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
      ColorizeInPieces: (call) => call.end(),
      ColorizeFrames: (call) => call.end(),
      StreamMetrics: handler,
    });
}

for (const transport of TRANSPORTS) {
  Deno.test(`a sender stays little ahead of a slow reader over ${transport}`, async () => {
    const total = 500;
    let sent = 0;
    const handler: ColorizationServiceHandlers["StreamMetrics"] = async (call) => {
      while (sent < total) {
        sent++;
        await send(call, { sequence: sent, sample: picture });
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
    // 256 KiB on their way are 4 messages; the rest is what the client takes in before it is asked to.
    // By `write()` and "drain" alone the sender is 490 ahead and more (Deno 2.9.3).
    assert(ahead <= 100, `the sender was ${ahead} messages ahead`);
    client.close();
  });
}

Deno.test("messages of many pieces arrive whole, between small ones", async () => {
  const images = [3_000_001, 10, 32 * 1024, 65_537].map((length, seed) =>
    Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) + seed) % 256))
  );
  const handler: ColorizationServiceHandlers["StreamMetrics"] = async (call) => {
    for (const image of images) await send(call, { sample: { image } });
    call.end();
  };
  await using served = await Served.start("tcp", addMetrics(handler));
  const client = contract.connect(service, served.address, insecure());
  const received: Buffer[] = [];
  for await (const { sample } of receive(client.streamMetrics({ jobId: "job-1" }))) {
    received.push(sample?.image ?? Buffer.alloc(0));
  }
  client.close();
  assert.deepEqual(received.map(({ length }) => length), images.map(({ length }) => length));
  assert(received.every((image, index) => image.equals(images[index]!)));
});

Deno.test("a sender that waits for a reader which goes away is told so", async () => {
  const ending = Promise.withResolvers<unknown>();
  const handler: ColorizationServiceHandlers["StreamMetrics"] = async (call) => {
    try {
      for (let sequence = 1;; sequence++) await send(call, { sequence, sample: picture });
    } catch (error) {
      ending.resolve(error);
    }
  };
  await using served = await Served.start("tcp", addMetrics(handler));
  const client = contract.connect(service, served.address, insecure());
  const call = client.streamMetrics({ jobId: "job-1" });
  call.on("error", ({ code }: ServiceError) => assert.equal(code, codes.CANCELLED));
  await once(call, "readable"); // and never read
  call.cancel();
  const error = await ending.promise;
  assert(error instanceof TinctError && error.code === "cancelled", String(error));
  client.close();
});

Deno.test("a sender stops waiting when its signal says so, with one listener for all its messages", async () => {
  const ending = Promise.withResolvers<{ error: unknown; listeners: number[] }>();
  const stop = new AbortController();
  const handler: ColorizationServiceHandlers["StreamMetrics"] = async (call) => {
    const count = () => ["close", "cancelled", "error"].map((event) => call.listenerCount(event));
    const before = count();
    try {
      for (let sequence = 1;; sequence++) {
        await send(call, { sequence, sample: picture }, { signal: stop.signal });
      }
    } catch (error) {
      ending.resolve({ error, listeners: count().map((after, at) => after - (before[at] ?? 0)) });
      call.end();
    }
  };
  await using served = await Served.start("tcp", addMetrics(handler));
  const client = contract.connect(service, served.address, insecure());
  const call = client.streamMetrics({ jobId: "job-1" });
  call.on("error", () => {}); // the server goes before all is read
  await once(call, "readable"); // and never read, so that in the end the sender waits
  const reason = new Error("The server is stopping.");
  stop.abort(reason);
  assert.deepEqual(await ending.promise, { error: reason, listeners: [1, 1, 1] });
  client.close();
});

Deno.test("a reader that takes nothing for too long loses the call, and learns the code", async () => {
  const ending = Promise.withResolvers<unknown>();
  const handler: ColorizationServiceHandlers["StreamMetrics"] = async (call) => {
    try {
      for (let sequence = 1;; sequence++) {
        await send(call, { sequence, sample: picture }, { maxStallMs: 200 });
      }
    } catch (error) {
      ending.resolve(error);
    }
  };
  await using served = await Served.start("tcp", addMetrics(handler));
  const client = contract.connect(service, served.address, insecure());
  const messages = receive(client.streamMetrics({ jobId: "job-1" }));
  for (let at = 0; at < 100; at++) await messages.next(); // as long as it reads it is served
  const error = await ending.promise;
  assert(error instanceof TinctError && error.code === "resource_exhausted", String(error));
  assert.match(error.message, /took nothing for 0.2 s/);
  const reading = (async () => {
    for await (const _ of messages); // what had been on its way
  })();
  await assert.rejects(reading, ({ code }: ServiceError) => code === codes.RESOURCE_EXHAUSTED);
  client.close();
});

Deno.test("a call on which nothing was sent for long is not cut, until it takes nothing itself", async () => {
  const [other, idle] = [Promise.withResolvers<unknown>(), Promise.withResolvers<unknown>()];
  const handler: ColorizationServiceHandlers["StreamMetrics"] = async (call) => {
    const sendAll = async () => {
      for (let sequence = 2;; sequence++) {
        await send(call, { sequence, sample: picture }, { maxStallMs: 200 });
      }
    };
    if (call.request.jobId === "other") return void await sendAll().catch(other.resolve);
    await send(call, { sequence: 1, heartbeat: {} }, { maxStallMs: 200 });
    await other.promise; // so that these 200 ms pass here, too
    await sendAll().catch(idle.resolve);
  };
  await using served = await Served.start("tcp", addMetrics(handler));
  // Over connections of their own: what one does not take would keep the other's back.
  const clients = ["idle", "other"].map((jobId) => {
    const own = { "grpc.use_local_subchannel_pool": 1 };
    const client = contract.connect(service, served.address, insecure(), own);
    return { client, call: client.streamMetrics({ jobId }) };
  });
  const [messages, unread] = clients.map(({ call }) => receive(call));
  await unread!.next();
  const seen = [];
  for (let at = 0; at < 20; at++) seen.push((await messages!.next()).value?.sequence);
  assert.deepEqual(seen, Array.from({ length: 20 }, (_, index) => index + 1));
  for (const ending of [other, idle]) {
    const error = await ending.promise;
    assert(error instanceof TinctError && error.code === "resource_exhausted", String(error));
  }
  for (const ended of [messages, unread]) {
    await assert.rejects(async () => {
      for await (const _ of ended!); // what had been on its way
    }, ({ code }: ServiceError) => code === codes.RESOURCE_EXHAUSTED);
  }
  for (const { client } of clients) client.close();
});

Deno.test("a message that waits for a client which vanishes is let go", async () => {
  const [clients, sizeBytes] = [10, 1_000_000];
  const image = Buffer.alloc(sizeBytes);
  let ending = Promise.withResolvers<unknown>();
  const handler: ColorizationServiceHandlers["StreamMetrics"] = async (call) => {
    await send(call, { sample: { image } }).catch(ending.resolve);
    call.end();
  };
  await using served = await Served.start("tcp", addMetrics(handler));
  const collectGarbage = fullCollection();
  const { path } = contract.service(service).StreamMetrics;
  const kept: number[] = [];
  for (let at = 0; at < clients; at++) {
    ending = Promise.withResolvers();
    using peer = await RawPeer.call(served.address, path, new Uint8Array());
    // It has all that it may be sent before it says that it has room for more (RFC 9113, 6.9.2).
    while (peer.receivedBytes < 65_535) await once(peer.socket, "data");
    peer.socket.destroy();
    assert.equal((await ending.promise as TinctError).code, "cancelled");
    await setImmediate();
    collectGarbage();
    kept.push(process.memoryUsage().external);
  }
  // Deno 2.9.3 keeps the stream of each; the message must not hang on it.
  const grown = kept.at(-1)! - kept[0]!;
  assert(grown < sizeBytes, `${grown} bytes more are kept after ${clients - 1} more clients`);
});

/** What collects all garbage, at once. */
function fullCollection(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

for (const pathOfCall of ["with interceptors", "without"]) {
  Deno.test(`an outlet finds the stream under a call ${pathOfCall}`, async () => {
    const found = Promise.withResolvers<Outlet | undefined>();
    const handler: ColorizationServiceHandlers["StreamMetrics"] = (call) => {
      found.resolve(Outlet.of(call));
      call.end();
    };
    const passing: ServerInterceptor = (_method, call) => new ServerInterceptingCall(call);
    const options = pathOfCall === "without" ? {} : { interceptors: [passing, passing] };
    await using served = await Served.start("unix", addMetrics(handler), options);
    const client = contract.connect(service, served.address, insecure());
    for await (const _ of receive(client.streamMetrics({}))) assert.fail("nothing is sent");
    assert((await found.promise) instanceof Outlet);
    client.close();
  });
}

Deno.test("there is no outlet where the connection cannot be measured", async () => {
  const found = Promise.withResolvers<Outlet | undefined>();
  const server = new Server();
  addMetrics((call) => {
    found.resolve(Outlet.of(call));
    call.end();
  })(server);
  const { promise: bound, resolve } = Promise.withResolvers<number>();
  const plain = ServerCredentials.createInsecure();
  server.bindAsync("127.0.0.1:0", plain, (_error, port) => resolve(port));
  const client = contract.connect(service, `127.0.0.1:${await bound}`, insecure());
  const call = client.streamMetrics({});
  for await (const _ of receive(call)) assert.fail("nothing is sent");
  assert.equal(await found.promise, undefined);
  assert.equal(Outlet.of(call), undefined, "nor is there one on the client's side");
  client.close();
  server.forceShutdown();
});

Deno.test("a server that is shut down in good order finishes its calls first", async () => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
  const handler: ColorizationServiceHandlers["StreamMetrics"] = async (call) => {
    ask();
    await allowed;
    await send(call, { sequence: 1, heartbeat: {} });
    call.end();
  };
  await using served = await Served.start("tcp", addMetrics(handler));
  const client = contract.connect(service, served.address, insecure());
  const reading = receive(client.streamMetrics({})).next();
  await asked;
  const { promise: closed, resolve: close } = Promise.withResolvers<Error | undefined>();
  served.grpc.tryShutdown(close);
  allow();
  assert.equal((await reading).value?.sequence, 1);
  assert.equal(await closed, undefined);
  client.close();
});
