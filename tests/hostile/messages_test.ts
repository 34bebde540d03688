import assert from "assert";
import { gzipSync } from "node:zlib";
import { Besieged } from "./besieged.ts";
import { message, type OddCall, OddClient } from "./odd_call.ts";

const MIB = 2 ** 20;

/** An odd call and the only answers that are right. */
interface Oddity {
  readonly what: string;
  readonly call: OddCall;
  readonly codes: readonly string[];
  readonly says?: RegExp;
}

const gzip = { "grpc-encoding": "gzip" };
const bomb = gzipSync(Buffer.alloc(60 * MIB));

/** Groups within groups, of field 100, which no message has; protobufs without a limit recurse. */
function nested(levels: number): Buffer {
  return Buffer.concat([
    Buffer.alloc(2 * levels, Buffer.of(0xa3, 0x06)),
    Buffer.alloc(2 * levels, Buffer.of(0xa4, 0x06)),
  ]);
}

/** The same noise at every run. */
function garbage(seed: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0; // Numerical Recipes' generator
    bytes[at] = state >>> 24;
  }
  return bytes;
}

const refused = ["INVALID_ARGUMENT"];
const train = "/tinct.v1.ColorizationService/Train";

const oversized: readonly Oddity[] = [
  {
    what: "a message over the limit",
    call: { body: message(Buffer.alloc(16 * MIB + 1)) },
    codes: ["RESOURCE_EXHAUSTED"],
    says: /the limit is 16777216 \(--max-receive-mib\): send .* in pieces/,
  },
  {
    what: "a message that claims 2 GB",
    call: { body: message(Buffer.alloc(100), { length: 2 ** 31 }) },
    codes: ["RESOURCE_EXHAUSTED"],
    says: /the limit is 16777216 \(--max-receive-mib\): send .* in pieces/,
  },
  {
    what: "60 MB of zeros, as gzip",
    call: { headers: gzip, body: message(bomb, { compressed: 1 }) },
    codes: ["RESOURCE_EXHAUSTED"],
    says: /decompresses to too many bytes, and the limit is 16777216/,
  },
];

const oddities: readonly Oddity[] = [
  ...oversized,
  ...["ModelInfer", "ModelStreamInfer"].map((name) => ({
    what: `a message of ${name} over the limit`,
    call: {
      path: `/inference.GRPCInferenceService/${name}`,
      body: message(Buffer.alloc(16 * MIB + 1)),
    },
    codes: ["RESOURCE_EXHAUSTED"],
    says: /the limit is 16777216 \(--max-receive-mib\): send smaller or fewer photos at a time/,
  })),
  {
    what: "garbage",
    call: { path: train, body: message(garbage(1, 5000)) },
    codes: refused,
    says: /not a message of/,
  },
  {
    what: "other garbage",
    call: { path: train, body: message(garbage(7, 64)) },
    codes: refused,
    says: /not a message of/,
  },
  {
    what: "groups 20,000 levels deep",
    call: { path: train, body: message(nested(20_000)) },
    codes: refused,
  },
  {
    what: "a compressed flag without an encoding",
    call: { body: message(new Uint8Array(), { compressed: 1 }) },
    codes: refused,
    says: /marked as compressed/,
  },
  {
    what: "bad gzip",
    call: { headers: gzip, body: message(Buffer.from("no gzip at all"), { compressed: 1 }) },
    codes: refused,
    says: /decompress/,
  },
  {
    what: "gzip that is cut short",
    call: { headers: gzip, body: message(bomb.subarray(0, 40), { compressed: 1 }) },
    codes: refused,
    says: /decompress/,
  },
  {
    what: "a grpc-timeout that is none",
    call: { headers: { "grpc-timeout": "soon" } },
    codes: refused,
    says: /grpc-timeout/,
  },
  {
    what: "an encoding that nobody knows",
    call: {
      headers: { "grpc-encoding": "snappy" },
      body: message(Buffer.from("x"), { compressed: 1 }),
    },
    codes: ["UNIMPLEMENTED"],
    says: /snappy/,
  },
  ...["/tinct.v1.ColorizationService/Nothing", "/nobody.Service/Train", "/__proto__", "/", "//"]
    .map((path) => ({ what: `the path ${path}`, call: { path }, codes: ["UNIMPLEMENTED"] })),
  {
    what: "no message on a unary call",
    call: { body: new Uint8Array() },
    codes: ["UNIMPLEMENTED"],
  },
  {
    what: "two messages on a unary call",
    call: { body: Buffer.concat([message(new Uint8Array()), message(new Uint8Array())]) },
    codes: ["UNIMPLEMENTED"],
  },
  {
    what: "another content type",
    call: { headers: { "content-type": "application/json" } },
    codes: ["HTTP 415", "cut"], // Deno's client may take the answer for a reset
  },
  {
    what: "12 KB of metadata",
    call: { headers: { "x-long": "m".repeat(12_000) } },
    codes: ["RESOURCE_EXHAUSTED"],
    says: /metadata/,
  },
  {
    what: "70 KB of metadata",
    call: { headers: { "x-long": "m".repeat(70_000) } },
    codes: ["cut"],
  },
];

Deno.test("odd messages are answered as they ought to be, and harm nobody else", async (t) => {
  await using server = await Besieged.open();
  for (const { what, call, codes, says = /(?:)/ } of oddities) {
    await t.step(what, async () => {
      await server.attack(what, async (address) => {
        await using client = new OddClient(address);
        const ending = await client.call(call);
        assert.ok(codes.includes(ending.code), `${ending.code}: ${ending.message}`);
        assert.match(ending.message, says);
        assert.ok(ending.milliseconds < 10_000, "it took too long");
      });
    });
  }
});

Deno.test("what aborts servers on later Denos, 20 times over, does not abort this one", async () => {
  await using server = await Besieged.open();
  /** Attacks by one connection. The abort needs some idle time before the ordinary close. */
  const strike = async (address: string, idleMs: number) => {
    await using client = new OddClient(address);
    for (const { what, call, codes } of oversized) {
      const { code, message: said } = await client.call(call);
      assert.ok(codes.includes(code), `${what}: ${code} ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, idleMs));
  };
  for (let round = 0; round < 20; round++) {
    await server.attack(`round ${round}`, (address) => strike(address, 300), {
      growthMib: 160,
    });
  }
  await server.attack("20 at once, idle for 3 s", async (address) => {
    await Promise.all(Array.from({ length: 20 }, () => strike(address, 3000)));
  }, { growthMib: 320 }); // 20 times 16 MiB, which each bomb may come to
});
