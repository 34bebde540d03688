import assert from "assert";
import { connect } from "node:http2";
import { inTime } from "../in_time.ts";
import { Besieged } from "./besieged.ts";
import { RawPeer } from "./raw_peer.ts";

Deno.test("a browser or curl on the port gets a sentence, and the connection ends", async (t) => {
  await using server = await Besieged.open();
  for (const request of ["GET / HTTP/1.1\r\nHost: tinct\r\n\r\n", "POST /x HTTP/1.0\r\n\r\n"]) {
    await t.step(`HTTP/1: ${request.slice(0, 8)}`, async () => {
      using peer = await RawPeer.dial(server.address);
      peer.write(Buffer.from(request));
      await inTime(peer.closed, "the server closes the connection");
      const answer = Buffer.concat(peer.received).toString();
      assert.match(answer, /^HTTP\/1\.1 426 Upgrade Required\r\n/);
      assert.match(answer, /\r\n\r\nThis port speaks gRPC \(HTTP\/2\)/);
      assert.ok(answer.length < 500);
    });
  }
  await t.step("noise gets nothing", async () => {
    using peer = await RawPeer.dial(server.address);
    peer.write(Buffer.from("GAT / HTTP/1.1\r\n\r\n"));
    await inTime(peer.closed, "the server closes the connection");
    assert.equal(peer.receivedBytes, 0);
  });
  await t.step("HTTP/2", async () => {
    const session = connect(`http://${server.address}`);
    try {
      const stream = session.request({ ":path": "/" });
      let text = "";
      let status: unknown;
      stream.setEncoding("utf8").on("data", (part: string) => text += part);
      stream.on("response", (headers) => status = headers[":status"]);
      const ended = new Promise((resolve, reject) => {
        stream.once("end", resolve).once("error", reject);
        session.once("error", reject);
      });
      await inTime(ended, "the server answers");
      assert.equal(status, 415);
      assert.match(text, /^This port speaks gRPC/);
    } finally {
      session.destroy();
    }
  });
});
