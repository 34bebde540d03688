import assert from "assert";
import { once } from "node:events";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readEnvironment } from "../../src/config.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runTinct } from "./run_tinct.ts";

const pem = (name: string) => fileURLToPath(new URL(`../testdata/tls/${name}`, import.meta.url));

/** Says UNIMPLEMENTED to every call, which is an answer. */
function answering<T extends Http2Server | Http2SecureServer>(server: T): T {
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => {});
    const headers = { ":status": 200, "content-type": "application/grpc", "grpc-status": "12" };
    stream.respond(headers, { endStream: true });
  });
  return server;
}

async function listening<T extends Server>(server: T, path?: string): Promise<T> {
  if (path === undefined) server.listen(0, "127.0.0.1");
  else server.listen(path);
  await once(server, "listening");
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** The variables that name proxies, all at once and each alone. */
const variables = ["grpc_proxy", "https_proxy", "http_proxy", "all_proxy"]
  .flatMap((name) => [name, name.toUpperCase()]);
const none = Object.fromEntries(
  [...variables, "no_proxy", "NO_PROXY", "no_grpc_proxy"].map((name) => [name, undefined]),
);
const dead = "http://user:secret@127.0.0.1:9"; // nobody listens on the port "discard"

async function health(server: string, environment: Record<string, string | undefined>) {
  return await runTinct(["health", "--server", server], {
    environment: { ...none, ...environment },
  });
}

Deno.test("servers of this machine are never reached through a proxy", async (t) => {
  await using folder = await TemporaryFolder.create();
  const server = await listening(answering(createServer()));
  const socket = await listening(answering(createServer()), folder.join("tinct.sock"));
  try {
    const all = Object.fromEntries(variables.map((name) => [name, dead]));
    const loopback = `127.0.0.1:${portOf(server)}`;
    const tries: [string, string, Record<string, string>][] = [
      ...variables.map((name): typeof tries[number] => [name, loopback, { [name]: dead }]),
      ["all of them", loopback, all],
      ["a name", `localhost:${portOf(server)}`, all],
      ["a socket", `unix:${folder.join("tinct.sock")}`, all],
    ];
    for (const [what, address, environment] of tries) {
      await t.step(what, async () => {
        const { code, stderr } = await health(address, environment);
        assert.equal(code, 1);
        assert.doesNotMatch(stderr, /No server answers|proxy/); // it was the server that answered
        assert.equal(stderr.trim(), "");
      });
    }
  } finally {
    server.close();
    socket.close();
  }
});

Deno.test("where a proxy is in the way of a server elsewhere, the message names it", async (t) => {
  const proxy = await listening(createHttp());
  proxy.on("connect", (_request, socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
  const refusing = `http://user:secret@127.0.0.1:${portOf(proxy)}`;
  const elsewhere = "192.0.2.1:50051"; // TEST-NET-1 (RFC 5737): nothing is sent there
  try {
    for (
      const [what, environment, says] of [
        ["that refuses", { http_proxy: refusing }, /that http_proxy names \(status 403\)/],
        ["that is not there", { grpc_proxy: dead }, /that grpc_proxy names \(.*ECONNREFUSED/],
      ] as const
    ) {
      await t.step(what, async () => {
        const { code, stderr } = await health(elsewhere, environment);
        assert.equal(code, 1);
        assert.match(
          stderr,
          /^192\.0\.2\.1:50051 cannot be reached through the proxy 127\.0\.0\.1:/,
        );
        assert.match(stderr, says);
        assert.match(stderr, /no_proxy/);
        assert.doesNotMatch(stderr, /secret/);
        assert.equal(stderr.trim().split("\n").length, 1, stderr);
      });
    }
  } finally {
    proxy.close();
  }
});

Deno.test("readEnvironment() finds the proxy that gRPC would take", () => {
  const proxyOf = (variables: Record<string, string>) => readEnvironment(variables).proxy;
  assert.equal(proxyOf({}), undefined);
  assert.equal(proxyOf({ http_proxy: "socks5://a:1" }), undefined);
  assert.equal(proxyOf({ http_proxy: "no address" }), undefined);
  assert.deepEqual(proxyOf({ http_proxy: "http://a:1", https_proxy: "http://u:p@b:2/" }), {
    variable: "https_proxy",
    address: "b:2",
    exemptions: "no_proxy",
  });
});

Deno.test("a client that speaks otherwise than the server is told so", async (t) => {
  const [cert, key, ca] = [
    await readFile(pem("server.crt")),
    await readFile(pem("server.key")),
    await readFile(pem("authority.crt")),
  ];
  const plain = await listening(answering(createServer()));
  const secure = await listening(answering(createSecureServer({ cert, key })));
  const asking = await listening(
    answering(createSecureServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true })),
  );
  asking.on("tlsClientError", () => {});
  const page = await listening(createHttp((_request, response) => response.end()));
  const securePage = await listening(
    createHttps({ cert, key }, (_request, response) => response.end()),
  );
  const stranger = ["--ca", pem("stranger.crt")], trusted = ["--ca", pem("authority.crt")];
  const nothing: RegExp = /^$/; // the answer is UNIMPLEMENTED, without words
  try {
    const tries: [string, Server, string, string[], RegExp][] = [
      ["in the clear", plain, "127.0.0.1", [], nothing],
      ["TLS by name", secure, "localhost", trusted, nothing],
      ["TLS by address", secure, "127.0.0.1", trusted, nothing],
      ["no TLS where it is spoken", secure, "127.0.0.1", [], /speaks TLS: give --ca FILE .*--tls/],
      ["TLS where it is not", plain, "localhost", trusted, /does not speak TLS: leave out --tls/],
      ["another authority", secure, "localhost", stranger, /certificate .* is not trusted/],
      ["another authority, by address", secure, "127.0.0.1", stranger, /is not trusted/],
      ["pages' address", page, "127.0.0.1", [], /speaks HTTP\/1\.1.*`serve --listen`/],
      ["pages' address, with TLS", page, "localhost", trusted, /speaks HTTP\/1\.1/],
      ["secure pages' address", securePage, "localhost", trusted, /speaks HTTP\/1\.1/],
      [
        "no certificate",
        asking,
        "localhost",
        trusted,
        /certificate.*: give --cert and --key/,
      ],
    ];
    for (const [what, server, host, flags, says] of tries) {
      await t.step(what, async () => {
        const address = `${host}:${portOf(server)}`;
        const { code, stderr } = await runTinct(["health", "--server", address, ...flags]);
        assert.equal(code, 1);
        assert.match(stderr.trim(), says);
      });
    }
  } finally {
    for (const server of [plain, secure, asking, page, securePage]) server.close();
  }
});

Deno.test("--server asks for HOST:PORT before anything is tried", async () => {
  for (const address of ["50051", "127.0.0.1", "http://127.0.0.1:50051", "host:0", "unix:", ":1"]) {
    const { code, stderr } = await runTinct(["health", "--server", address]);
    assert.equal(code, 2, address);
    assert.match(
      stderr,
      /^--server must be HOST:PORT, such as 127\.0\.0\.1:50051, or unix:PATH, not/,
    );
  }
});
