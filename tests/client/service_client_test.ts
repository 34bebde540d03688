import assert from "assert";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { TinctError } from "../../src/errors.ts";
import { ServiceClient } from "../../src/client/service_client.ts";
import { receive } from "../../src/protocol/receive.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

Deno.test("a connection that the server ends in the middle of a call is UNAVAILABLE: call again", async () => {
  const server = createServer();
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
    // As grpc-js does where a client's signs of life do not come in time.
    stream.session?.ping(() => stream.session?.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    using client = new ServiceClient({ server: `127.0.0.1:${port}` }, { token: undefined });
    const call = client.colorization.streamMetrics({ jobId: "job-1" });
    const reading = (async () => {
      for await (const _ of receive(call)); // there is nothing to read
    })();
    const error = await reading.then(() => undefined, (cause) => client.explain(cause));
    assert.ok(error instanceof TinctError, String(error));
    assert.equal(error.code, "unavailable", error.message);
  } finally {
    server.close();
  }
});

Deno.test("files for TLS that hold no certificate or key are refused before the server is called", async () => {
  await using folder = await TemporaryFolder.create();
  const text = folder.join("text.txt");
  await writeFile(text, "I am no certificate.\n");
  const server = "localhost:1";
  const pem = folder.join("pem");
  await writeFile(pem, "-----BEGIN CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\n");
  const cases = [
    [{ ca: text }, /^TinctError: --ca \S+text\.txt holds no certificate: give a PEM file/],
    [{ tls: true, cert: text, key: pem }, /--cert \S+text\.txt holds no certificate/],
    [
      { tls: true, cert: pem, key: text },
      /--key \S+text\.txt holds no private key: .*PRIVATE KEY-----/,
    ],
  ] as const;
  for (const [files, sentence] of cases) {
    assert.throws(() => new ServiceClient({ server, ...files }, { token: undefined }), sentence);
  }
});
