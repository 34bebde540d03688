import assert from "assert";
import { FrameScanner } from "../../src/protocol/frame_scanner.ts";
import { until } from "../in_time.ts";
import { Besieged } from "./besieged.ts";
import { END_HEADERS, frame, frames, headersOf, RawPeer } from "./raw_peer.ts";

const upload = "/tinct.v1.DatasetService/UploadDataset";
const WINDOW_UPDATE = frame(frames.windowUpdate, 0, 0, Buffer.from([0, 0, 0, 1]));

Deno.test("a client that sends on keeps its connection without an answer to a ping, and a silent one is cut", async () => {
  const limits = ["--keepalive-seconds", "1", "--keepalive-timeout-seconds", "1"];
  await using server = await Besieged.open(limits);
  using peer = await RawPeer.greet(server.address);
  let pings = 0;
  let pinged = () => {};
  const scanner = new FrameScanner((type) => {
    if (type !== frames.ping) return;
    pings++;
    pinged();
  });
  for (const chunk of peer.received) scanner.scan(chunk);
  peer.socket.on("data", (chunk: Buffer) => scanner.scan(chunk));
  const ping = async (count: number) => {
    while (pings < count && peer.isOpen) {
      const next = new Promise<void>((resolve) => pinged = resolve);
      await Promise.race([next, peer.closed]);
    }
    assert.ok(peer.isOpen, `it was cut after ${pings} pings`);
  };
  peer.write(frame(frames.headers, END_HEADERS, 1, headersOf(upload)));
  for (let count = 1; count <= 3; count++) {
    await ping(count);
    peer.write(WINDOW_UPDATE);
  }
  await ping(4);
  await peer.closed;
  const cut = () =>
    server.served.lines.filter(({ message }) => /answer a ping/.test(String(message))).length;
  await until(() => cut() > 0, "the log says why it was cut");
  assert.equal(cut(), 1);
});
