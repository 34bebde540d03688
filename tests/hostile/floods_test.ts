import assert from "assert";
import { inTime } from "../in_time.ts";
import { Besieged } from "./besieged.ts";
import { END_HEADERS, END_STREAM, frame, frames, headersOf, RawPeer } from "./raw_peer.ts";

const list = "/tinct.v1.TrainingJobService/ListTrainingJobs";

/** Waits for the server to close a connection. */
async function cutOff(peer: RawPeer, what: string): Promise<void> {
  await inTime(peer.closed, `${what}: the server closes the connection`, 30);
}

/** What is sent again and again, and never by a client in good order. */
const floods: readonly (readonly [what: string, part: Buffer])[] = [
  ["pings", frame(frames.ping, 0, 0, Buffer.alloc(8))],
  ["acknowledgements of pings", frame(frames.ping, 1, 0, Buffer.alloc(8))],
  ["settings", frame(frames.settings, 0, 0)],
  ["priorities", frame(frames.priority, 0, 1, Buffer.from([0, 0, 0, 0, 1]))],
  ["frames of no known type", frame(200, 0, 0, Buffer.alloc(1))],
];

Deno.test("floods on a connection are cut off, and other clients go on", async (t) => {
  await using server = await Besieged.open();
  for (const [what, part] of floods) {
    await t.step(what, async () => {
      const { calls } = await server.attack(what, async (address) => {
        using peer = await RawPeer.greet(address);
        const many = Buffer.concat(Array.from({ length: 100 }, () => part));
        await peer.flood(many, 1000);
        await cutOff(peer, what);
      });
      assert.ok(calls > 0);
    });
  }

  await t.step("10 connections of pings one after the other", async () => {
    const { calls, longestMs } = await server.attack("pings", async (address) => {
      const many = Buffer.concat(Array.from({ length: 600 }, () => floods[0]![1]));
      for (let index = 0; index < 10; index++) {
        using peer = await RawPeer.greet(address);
        peer.write(many);
        await cutOff(peer, "pings");
      }
    });
    assert.ok(calls > 0 && longestMs < 5000, `${calls} calls, the longest ${longestMs} ms`);
  });

  await t.step("1,000 calls, each reset at once", async () => {
    await server.attack("resets", async (address) => {
      using peer = await RawPeer.greet(address);
      const headers = headersOf(list);
      for (let index = 0; index < 1000 && peer.isOpen; index++) {
        const stream = 2 * index + 1;
        peer.write(
          frame(frames.headers, END_HEADERS, stream, headers),
          frame(frames.reset, 0, stream, Buffer.from([0, 0, 0, 8])),
        );
      }
      await cutOff(peer, "resets");
    });
  });

  await t.step("headers that never end", async () => {
    await server.attack("headers", async (address) => {
      using peer = await RawPeer.greet(address);
      peer.write(frame(frames.headers, 0, 1, headersOf(list)));
      await peer.flood(frame(frames.continuation, 0, 1, Buffer.alloc(1000)), 100);
      await cutOff(peer, "headers");
    });
  });

  await t.step("windows that are opened without end", async () => {
    await server.attack("windows", async (address) => {
      using peer = await RawPeer.greet(address);
      await peer.flood(frame(frames.windowUpdate, 0, 0, Buffer.from([0, 0, 0, 1])), 100_000);
      await cutOff(peer, "windows");
    });
  });
});

Deno.test("a client that gives up 100 watches at once is not taken for a flood", async () => {
  await using server = await Besieged.open();
  await server.attack("100 resets", async (address) => {
    using peer = await RawPeer.greet(address);
    for (let index = 0; index < 100; index++) {
      const stream = 2 * index + 1;
      peer.write(
        frame(frames.headers, END_HEADERS | END_STREAM, stream, headersOf(list)),
        frame(frames.reset, 0, stream, Buffer.from([0, 0, 0, 8])),
      );
    }
    const token = Buffer.from("are you?");
    peer.write(frame(frames.ping, 0, 0, token));
    const answered = new Promise<void>((resolve) =>
      peer.socket.on("data", () => {
        if (Buffer.concat(peer.received).includes(token)) resolve();
      })
    );
    await Promise.race([answered, cutOff(peer, "")]);
    assert.ok(peer.isOpen, "it was cut");
  });
});
