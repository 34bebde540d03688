import assert from "assert";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { inTime, until } from "../in_time.ts";
import { jobIn } from "../jobs/small_job.ts";
import { noPages } from "../../src/web_door/pages.ts";
import type { ServiceSettings } from "../../src/config/service.ts";
import { Scene } from "../service/scene.ts";

const path = "/tinct.v1.TrainingJobService/ListTrainingJobs";

/** A server with a door, and somebody else who calls there. */
async function opened(settings: Partial<ServiceSettings> = {}) {
  const scene = await Scene.open(settings, undefined, {
    pages: noPages,
    leastLogged: "info",
  });
  const url = scene.server.webUrl;
  const { hostname, port, host } = new URL(url);
  const dial = async (localAddress = "127.0.0.1"): Promise<Socket> => {
    const to = { port: Number(port), host: hostname, localAddress };
    const socket = connect(to).on("error", () => {}).resume();
    await inTime(once(socket, "connect"), "the door accepts a connection");
    return socket;
  };
  const head = (rest: string) =>
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n${rest}\r\n`;
  const call = async () => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${url}${path}`, { method: "POST", headers, body: "{}" });
    return [answer.status, await answer.text()];
  };
  return { scene, dial, head, call };
}

/** Waits for a connection's end, however it comes. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) =>
    socket.closed ? resolve() : socket.once("close", () => resolve())
  );
}

/** What a connection says, up to its end or to what is waited for. */
async function said(socket: Socket, wanted: RegExp): Promise<string> {
  let text = "";
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("data", (part: Buffer) => {
    text += part.toString("latin1");
    if (wanted.test(text)) resolve();
  }).once("close", () => resolve());
  await inTime(promise, `the door says ${wanted}`);
  return text;
}

Deno.test("1,000 connections that say nothing, half a head or half a body keep nobody out", async () => {
  const { scene, dial, head, call } = await opened();
  await using _scene = scene;
  const openings = ["", "POST /x HTTP/1.1\r\nHost: x\r\n", head("Content-Length: 1000\r\n") + "{"];
  const held: Socket[] = [];
  try {
    for (let index = 0; index < 1000; index++) {
      const socket = await dial();
      socket.write(openings[index % openings.length]!);
      held.push(socket);
      if (index % 100 === 99) assert.deepEqual(await call(), [200, "{}"]);
    }
    // 256 of an address at a time: the oldest went for those that followed.
    await inTime(
      Promise.all(held.slice(0, 600).map((each) => each.closed || once(each, "close"))),
      "gone",
    );
    assert.deepEqual(await call(), [200, "{}"]);
  } finally {
    for (const socket of held) socket.destroy();
  }
});

Deno.test("a body of 1 GB is refused by its length, before a byte of it is read", async (t) => {
  const { scene, dial, head, call } = await opened();
  await using _scene = scene;
  await t.step("which is said", async () => {
    const socket = await dial();
    socket.write(head("Content-Length: 1073741824\r\n"));
    const answer = await said(socket, /\}$/);
    assert.match(answer, /^HTTP\/1\.1 429 /);
    assert.match(answer, /has 1073741824 bytes, and the limit is 16777216/);
    assert.match(answer, /google\.rpc\.QuotaFailure/);
    if (!socket.closed) await inTime(once(socket, "close"), "the connection is cut");
  });
  await t.step("which is not even asked for", async () => {
    const socket = await dial();
    socket.write(head("Content-Length: 1073741824\r\nExpect: 100-continue\r\n"));
    const answer = await said(socket, /\}$/);
    assert.ok(!answer.includes("100 Continue"), answer);
    socket.destroy();
  });
  await t.step("which is not said", async () => {
    const socket = await dial();
    socket.write(head("Transfer-Encoding: chunked\r\n"));
    const chunk = Buffer.concat([
      Buffer.from("100000\r\n"),
      Buffer.alloc(2 ** 20),
      Buffer.from("\r\n"),
    ]);
    const answered = said(socket, /\}$/);
    let isAnswered = false;
    let wake = () => {};
    void answered.then(() => {
      isAnswered = true;
      wake();
    });
    socket.on("drain", () => wake()).once("close", () => wake());
    while (!isAnswered && !socket.destroyed) {
      if (!socket.write(chunk)) await new Promise<void>((resolve) => wake = resolve);
    }
    const answer = await answered;
    assert.match(answer, /^HTTP\/1\.1 429 /);
    assert.match(answer, /has more than 16777216 bytes, and the limit is 16777216/);
    await inTime(closing(socket), "the connection is cut");
    // What the system holds on the way comes to it: some MiB on each side.
    assert.ok(socket.bytesWritten < 64 * 2 ** 20, `${socket.bytesWritten} bytes were taken`);
  });
  assert.deepEqual(await call(), [200, "{}"]);
});

Deno.test("a client that sends all of its photo before it reads is told why it is refused", async () => {
  const { scene, dial } = await opened();
  await using _scene = scene;
  const socket = await dial();
  const errors: string[] = [];
  socket.on("error", ({ message }) => errors.push(message));
  const answered = said(socket, /\}$/);
  socket.write(
    "POST /tinct.v1.ColorizationService/Colorize HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
      "Sec-Fetch-Site: cross-site\r\nContent-Type: application/proto\r\n" +
      `Content-Length: ${8 * 2 ** 20}\r\n\r\n`,
  );
  const closed = once(socket, "close");
  socket.write(Buffer.alloc(8 * 2 ** 20));
  assert.match(await answered, /^HTTP\/1\.1 403 /);
  await inTime(closed, "the connection ends");
  assert.deepEqual(errors, []); // such as ECONNRESET, which takes the answer from a client that has not read it
});

Deno.test("a client that asks on and on without waiting for answers is cut", async () => {
  const { scene, dial, head, call } = await opened();
  await using _scene = scene;
  const get = "GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  const attackers = "127.0.0.2";
  for (const one of [get, head("Content-Length: 2\r\n") + "{}"]) {
    const bystander = await dial(attackers);
    const socket = await dial(attackers);
    socket.write(one.repeat(5000));
    await inTime(closing(socket), "it is cut");
    await inTime(closing(bystander), "what waits for no answer at its address is cut, too");
    assert.deepEqual(await call(), [200, "{}"]);
    // It has to wait, for two seconds, and then is let in like others.
    await inTime(closing(await dial(attackers)), "its address is shut out");
    await until(async () => {
      const again = await dial(attackers);
      const answer = said(again, /404/);
      again.write(get);
      const isLetIn = /404/.test(await answer);
      again.destroy();
      return isLetIn;
    }, "its address is let in again");
  }
});

/** Requests in the bytes of one connection, each with a name that its answer repeats. */
function pipelined(host: string, names: readonly string[]): Buffer {
  return Buffer.concat(names.map((jobId, index) => {
    const body = JSON.stringify({ jobId });
    const head = "POST /tinct.v1.TrainingJobService/GetTrainingJob HTTP/1.1\r\n" +
      `Host: ${host}\r\nContent-Type: application/json\r\n`;
    // A body of a length that is said, or one in chunks, by turns.
    return Buffer.from(
      index % 2 === 0
        ? `${head}Content-Length: ${body.length}\r\n\r\n${body}`
        : `${head}Transfer-Encoding: chunked\r\n\r\n3\r\n${body.slice(0, 3)}\r\n` +
          `${(body.length - 3).toString(16)}\r\n${body.slice(3)}\r\n0\r\n\r\n`,
    );
  }));
}

const sixteen = Array.from({ length: 16 }, (_, index) => `job-${String.fromCharCode(97 + index)}`);

Deno.test("requests in one connection's bytes are answered in their order", async (t) => {
  const { scene, dial, call } = await opened();
  await using _scene = scene;
  const bytes = pipelined("127.0.0.1", sixteen);
  const answersTo = async (write: (socket: Socket) => Promise<void> | void) => {
    const socket = await dial();
    const text = said(socket, /(?:There is no job [^]*){16}/);
    await write(socket);
    const named = (await text).matchAll(/There is no job (job-\w)/g).map(([, name]) => name);
    socket.destroy();
    return [...new Set(named)];
  };
  await t.step("all at once", async () => {
    assert.deepEqual(await answersTo((socket) => void socket.write(bytes)), sixteen);
  });
  await t.step("cut anywhere", async () => {
    const named = await answersTo(async (socket) => {
      socket.setNoDelay();
      for (let at = 0; at < bytes.length; at += 97) {
        const isTaken = socket.write(bytes.subarray(at, at + 97));
        if (!isTaken) await inTime(once(socket, "drain"), "the bytes are taken");
      }
    });
    assert.deepEqual(named, sixteen);
  });
  assert.deepEqual(await call(), [200, "{}"]);
});

Deno.test("requests in one connection's bytes count as calls like others", async () => {
  // One at first, and another one every ten seconds.
  const { scene, dial } = await opened({ maxCallsPerSecond: 0.1 });
  await using _scene = scene;
  const socket = await dial();
  const text = said(socket, /(?:(?:There is no job|calls per second) [^]*){16}/);
  const startedMs = performance.now();
  socket.write(pipelined("127.0.0.1", sixteen));
  const statuses = (await text).match(/(?<=HTTP\/1\.1 )\d{3}/g) ?? [];
  const seconds = (performance.now() - startedMs) / 1000;
  socket.destroy();
  assert.deepEqual([...new Set(statuses)].toSorted(), ["404", "429"]);
  assert.equal(statuses[0], "404");
  const passed = statuses.filter((status) => status === "404").length;
  assert.ok(passed <= 1 + 0.1 * seconds, `${passed} passed in ${seconds} s`);
});

Deno.test("a body that does not come in time, and a client that reads nothing, lose the call", async (t) => {
  const { scene, dial, head, call } = await opened({
    maxArrivalSeconds: 0.5,
    maxStallSeconds: 0.5,
  });
  await using _scene = scene;
  await t.step("a slow body", async () => {
    const socket = await dial();
    socket.write(head("Content-Length: 1000\r\n") + "{");
    if (!socket.closed) await inTime(once(socket.resume(), "close"), "the connection is cut");
  });
  await t.step("a stream that nobody reads", async () => {
    // More than the system holds between the two: 24 MB.
    await jobIn(scene.store, "job-a", "RUNNING");
    const line = {
      kind: "log",
      payload: { level: "LOG_LEVEL_INFO", message: "m".repeat(4000) },
    } as const;
    for (let index = 0; index < 12; index++) {
      await scene.store.events.append("job-a", Array(500).fill(line));
    }
    const path = "/tinct.v1.ColorizationService/StreamMetrics";
    const json = JSON.stringify({ jobId: "job-a" });
    const socket = await dial();
    socket.pause();
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/connect+json\r\n` +
        `Content-Length: ${5 + json.length}\r\n\r\n\0\0\0\0${
          String.fromCharCode(json.length)
        }${json}`,
    );
    const isCut = () => scene.logged.some((each) => each.includes("StreamMetrics"));
    await until(isCut, "the call is ended");
    const ended = JSON.parse(scene.logged.find((each) => each.includes("StreamMetrics"))!);

    assert.equal(ended.code, "RESOURCE_EXHAUSTED");
    assert.match(ended.reason, /0\.5 s/);
    await inTime(closing(socket.resume()), "the connection is cut");
  });
  assert.equal((await call())[0], 200);
});
