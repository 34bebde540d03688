import assert from "assert";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import { AccessControl } from "../../src/access/access_control.ts";
import { parseAccessFile } from "../../src/access/access_file.ts";
import { noPages } from "../../src/web_door/pages.ts";
import { inTime } from "../in_time.ts";
import { Scene } from "../service/scene.ts";

const list = "/tinct.v1.TrainingJobService/ListTrainingJobs";

/** Sends bytes as they are. @returns what is said up to an answer's end, or the connection's. */
async function send(url: string, bytes: Uint8Array | string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = "";
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("error", () => {}).once("close", () => resolve()).on("data", (part: Buffer) => {
    text += part.toString("latin1");
    const [, length] = /content-length: (\d+)/i.exec(text) ?? [];
    const head = text.indexOf("\r\n\r\n");
    if (head >= 0 && length !== undefined && text.length >= head + 4 + Number(length)) resolve();
    if (/\r\n0\r\n\r\n$/.test(text)) resolve();
  });
  socket.write(bytes);
  await inTime(promise, "it is answered or cut");
  socket.destroy();
  return text;
}

/** A call with these headers and this body. */
function post(
  headers: Readonly<Record<string, string>>,
  body: Uint8Array = Buffer.alloc(0),
  path = list,
) {
  const all = { "host": "127.0.0.1", "content-length": `${body.length}`, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines}\r\n`), body]);
}

const json = { "content-type": "application/json" };

/** What is sent, and what is answered: a status, and what it says; undefined: the connection is cut. */
const odd: Readonly<
  Record<string, readonly [sent: Uint8Array | string, status: string, says: RegExp]>
> = {
  "60 MB of zeros, as gzip": [
    post({ ...json, "content-encoding": "gzip" }, gzipSync(Buffer.alloc(60_000_000))),
    "429",
    /"code":"resource_exhausted","message":"[^"]*16777216/,
  ],
  "bad gzip": [post({ ...json, "content-encoding": "gzip" }, Buffer.from("no gzip")), "400", /./],
  "an encoding that nobody knows": [
    post({ ...json, "content-encoding": "lzw" }, Buffer.from("{}")),
    "400|501|415",
    /./,
  ],
  "JSON 20,000 levels deep": [
    post(json, Buffer.from("[".repeat(20_000) + "]".repeat(20_000))),
    "400",
    /./,
  ],
  "JSON objects 20,000 levels deep": [
    post(json, Buffer.from(`{"a":`.repeat(20_000) + "1" + "}".repeat(20_000))),
    "400",
    /./,
  ],
  "no UTF-8": [post(json, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])), "400", /./],
  "a field called __proto__": [post(json, Buffer.from('{"__proto__":{"pageSize":1}}')), "400", /./],
  "a field twice": [post(json, Buffer.from('{"pageSize":1,"page_size":2}')), "400", /./],
  "a frame that claims 2 GB": [
    post(
      { "content-type": "application/grpc-web+proto" },
      Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]),
    ),
    "200",
    /grpc-status: (?:3|8)/,
  ],
  "a connect-timeout-ms that is none": [
    post({ ...json, "connect-timeout-ms": "soon" }, Buffer.from("{}")),
    "400",
    /not a connect-timeout-ms/,
  ],
  "a grpc-timeout that is none": [
    post({ "content-type": "application/grpc-web+proto", "grpc-timeout": "soon" }, Buffer.alloc(5)),
    "200",
    /grpc-status: 3/,
  ],
  "two lengths": [
    `POST ${list} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
    "400",
    /./,
  ],
  "a length and chunks": [
    `POST ${list} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    "400",
    /./,
  ],
  "a chunk's length that is none": [
    `POST ${list} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n`,
    "400",
    /./,
  ],
  "no host": [`GET / HTTP/1.1\r\n\r\n`, "400", /./],
  "a line break within a header": [
    `GET / HTTP/1.1\r\nHost: x\r\nX-A: a\n b: c\r\n\r\n`,
    "400|404",
    /./,
  ],
  "CONNECT": ["CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n", "", /^$/],
  "an upgrade": [
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    "404",
    /./,
  ],
  "HTTP/2's greeting": ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400|505", /./],
  "12 KB of headers": [
    post({ ...json, "x-long": "m".repeat(12_000) }, Buffer.from("{}")),
    "429",
    /metadata has \d+ bytes/,
  ],
  "70 KB of headers": [
    post({ ...json, "x-long": "m".repeat(70_000) }, Buffer.from("{}")),
    "431|429",
    /./,
  ],
  "a path of 60 KB": [`GET /${"a".repeat(60_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, "431|414|404", /./],
  "noise": [Buffer.alloc(10_000, 0xa5), "400", /./],
};

Deno.test("odd requests are answered as they ought to be, and harm nobody else", async (t) => {
  await using scene = await Scene.open({}, undefined, { pages: noPages });
  const url = scene.server.webUrl;
  for (const [what, [sent, status, says]] of Object.entries(odd)) {
    await t.step(what, async () => {
      const answer = await send(url, sent);
      if (status === "") assert.equal(answer, "");
      else assert.match(answer, new RegExp(`^HTTP/1\\.1 (?:${status}) `));
      assert.match(answer, says);
      assert.ok(!/\bat \S+:\d+:\d+|node_modules|file:\/\//.test(answer), answer);
      const other = await fetch(`${url}${list}`, { method: "POST", headers: json, body: "{}" });
      assert.equal(await other.text(), "{}");
    });
  }
  const errors = scene.logged.filter((line) => JSON.parse(line).level === "error");
  assert.deepEqual(errors, []);
});

Deno.test("without a token not a byte of a photo is taken, however many come", async () => {
  const sha256 = createHash("sha256").update("ada").digest("hex");
  const tokens = [{ name: "ada", sha256, scopes: ["admin"] }];
  const control = new AccessControl(parseAccessFile(JSON.stringify({ tokens }), "access.json"));
  const access = { control, tls: undefined, [Symbol.dispose]: () => {} };
  await using scene = await Scene.open({}, undefined, { pages: noPages, access });
  const colorize = "/tinct.v1.ColorizationService/Colorize";
  // Each says that 15 MiB come, and is answered without them.
  const head = post({ ...json, "content-length": `${15 * 2 ** 20}` }, undefined, colorize);
  const answers = await Promise.all(
    Array.from({ length: 240 }, () => send(scene.server.webUrl, head)),
  );
  for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 (?:401|429) /);
});
