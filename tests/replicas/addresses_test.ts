import assert from "assert";
import {
  controlAddress,
  freeLoopbackAddresses,
  parseReplicaAddresses,
  splitAddress,
} from "../../src/replicas/addresses.ts";
import { failsWith } from "../checkpoints/small_run.ts";

Deno.test("parseReplicaAddresses() reads hosts, IPv4 and IPv6 addresses", () => {
  const parsed = parseReplicaAddresses("node-a.local:4100, 10.0.0.2:4100,[fd00::2]:4100", 2);
  assert.deepEqual(parsed, {
    addresses: ["node-a.local:4100", "10.0.0.2:4100", "[fd00::2]:4100"],
    rank: 2,
  });
  assert.deepEqual(controlAddress(parsed), { host: "node-a.local", port: 4101 });
  assert.deepEqual(splitAddress("[fd00::2]:4100"), { host: "fd00::2", port: 4100 });
});

const refusals: [list: string, rank: number, says: RegExp][] = [
  ["", 0, /^--replica-addresses needs two to 256 addresses, .* not \.$/],
  ["a:1", 0, /needs two to 256 addresses/],
  ["a:1,b", 0, /has "b", which is not a HOST:PORT/],
  ["a:1,b:65535", 0, /has "b:65535", which is not a HOST:PORT/],
  ["a:0,b:1", 0, /has "a:0"/],
  ["a:1,b:1,b:1", 0, /has b:1 twice/],
  ["a:1,a:2", 0, /has a:2 twice \(rank 0 takes the next port, too\)/],
  ["a:1,b:1", 2, /^--rank 2 is not among 2 addresses: it is 0 to 1\.$/],
];

for (const [list, rank, says] of refusals) {
  Deno.test(`parseReplicaAddresses() refuses ${JSON.stringify(list)} for rank ${rank}`, () => {
    assert.throws(() => parseReplicaAddresses(list, rank), failsWith("invalid_argument", says));
  });
}

Deno.test("freeLoopbackAddresses() gives distinct ports, and leaves rank 0 the next one", async () => {
  const addresses = await freeLoopbackAddresses(40);
  const parsed = parseReplicaAddresses(addresses.join(), 0); // refuses an address that is there twice
  assert.equal(parsed.addresses.length, 40);
  for (const address of addresses) assert.match(address, /^127\.0\.0\.1:\d+$/);
});

Deno.test("freeLoopbackAddresses() gives callers at the same time different ports", async () => {
  const lists = await Promise.all(Array.from({ length: 40 }, () => freeLoopbackAddresses(5)));
  const ports = lists.flatMap((list) =>
    list.flatMap((address, rank) => {
      const port = Number(address.split(":")[1]);
      return rank === 0 ? [port, port + 1] : [port];
    })
  );
  assert.equal(new Set(ports).size, 40 * 6);
});
