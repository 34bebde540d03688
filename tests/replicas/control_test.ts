import assert from "assert";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { TinctError } from "../../src/errors.ts";
import {
  controlAddress,
  freeLoopbackAddresses,
  type ReplicaAddresses,
} from "../../src/replicas/addresses.ts";
import { ReplicaFollower } from "../../src/replicas/follower.ts";
import { ReplicaLeader } from "../../src/replicas/leader.ts";
import type { Order } from "../../src/replicas/messages.ts";
import { ReplicaLost } from "../../src/replicas/replica_lost.ts";
import { failsWith } from "../checkpoints/small_run.ts";

const options = { version: "1", silenceMs: 1500 };
const { signal } = new AbortController();
const welcome = { config: { size: 32 }, dataKey: "photos" };

/** Rank 0 of some replicas, and what the others are to say. */
async function lead(count: number) {
  const addresses = await freeLoopbackAddresses(count);
  const leader = await ReplicaLeader.listen({ addresses, rank: 0 }, options);
  const join = (rank: number, given = options, list = addresses) =>
    ReplicaFollower.connect({ addresses: list, rank }, given, { signal, onWaiting: () => {} });
  const gathered = () => leader.gather({ signal, onMissing: () => {} });
  return { leader, addresses, join, gathered };
}

/** Something that connects to rank 0 and is no replica of this program. */
async function stranger(addresses: ReplicaAddresses): Promise<Socket> {
  const socket = connect(controlAddress(addresses));
  await once(socket, "connect");
  return socket;
}

async function ordersOf(follower: ReplicaFollower): Promise<Order[]> {
  const orders: Order[] = [];
  for await (const order of follower.orders()) orders.push(order);
  return orders;
}

Deno.test("replicas gather, do what they are told in order, and end with rank 0", async () => {
  const { leader, join, gathered } = await lead(3);
  using _leader = leader;
  leader.welcome(welcome);
  const missing: string[][] = [];
  const all = leader.gather({ signal, onMissing: (list) => missing.push([...list]) });
  const followers = [await join(1), await join(2)];
  for (const follower of followers) {
    const { config, dataKey } = await follower.welcome(signal);
    assert.deepEqual({ config, dataKey }, welcome);
    follower.ready();
  }
  await all;
  assert.deepEqual(missing[0], leader.addresses.addresses.slice(1));
  const orders: Order[] = [
    { kind: "share", epoch: 2, offset: 8 },
    ...[1, 2, 3].map((step) => ({ kind: "step", step, lrG: 0.1 / step, lrD: 1e-7 }) as const),
  ];
  for (const order of orders) leader.order(order);
  leader.end("done", "");
  // Numbers come through to the last bit.
  for (const follower of followers) assert.deepEqual(await ordersOf(follower), orders);
  await assert.doesNotReject(gathered());
});

const refusals = [
  {
    what: "another version",
    given: { ...options, version: "2" },
    says: /It is version 2, rank 0 is 1: use one version for all/,
  },
  {
    what: "another list",
    list: ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"],
    says: /It was given 3 addresses, rank 0 has 2/,
  },
];

for (const { what, given = options, list, says } of refusals) {
  Deno.test(`rank 0 sends a replica of ${what} away, and waits for the right one`, async () => {
    const { leader, addresses, join, gathered } = await lead(2);
    using _leader = leader;
    leader.welcome(welcome);
    const others = list && [addresses[0]!, ...list.slice(1)];
    using wrong = await join(1, given, others);
    await assert.rejects(wrong.welcome(signal), failsWith("cancelled", says));
    using right = await join(1);
    await right.welcome(signal);
    using twice = await join(1);
    await assert.rejects(
      twice.welcome(signal),
      failsWith("cancelled", /There is a replica of rank 1 already/),
    );
    right.ready();
    await gathered();
    assert.equal(leader.failure, undefined);
  });
}

Deno.test("a replica whose connection closes is lost, which all others are told", async () => {
  const { leader, join, gathered } = await lead(3);
  using _leader = leader;
  leader.welcome(welcome);
  const [first, second] = [await join(1), await join(2)];
  for (const follower of [first, second]) {
    await follower.welcome(signal);
    follower.ready();
  }
  await gathered();
  const told: string[] = [];
  leader.onFailure(({ message }) => told.push(message));
  first[Symbol.dispose]();
  const failure = await leader.settledFailure();
  assert.ok(failure instanceof ReplicaLost);
  assert.match(
    failure.message,
    /^Replica 1 \(127\.0\.0\.1:\d+\) is lost: its connection was closed\.$/,
  );
  assert.deepEqual(told, [failure.message]);
  assert.ok(leader.signal.aborted);
  assert.throws(() => leader.order({ kind: "share", epoch: 0, offset: 0 }), failure);
  await assert.rejects(ordersOf(second), new ReplicaLost(failure.message));
});

Deno.test("a replica that fails says why, and is not lost", async () => {
  const { leader, join, gathered } = await lead(2);
  using _leader = leader;
  leader.welcome(welcome);
  const follower = await join(1);
  await follower.welcome(signal);
  follower.fail(new TinctError("resource_exhausted", "The disk is full."));
  await assert.rejects(
    gathered(),
    failsWith("resource_exhausted", /^Replica 1 .* failed: The disk is full\.$/),
  );
  assert.equal(leader.failure instanceof ReplicaLost, false);
});

Deno.test("a replica that is interrupted has rank 0 stop, without a failure", async () => {
  const { leader, join, gathered } = await lead(2);
  using _leader = leader;
  leader.welcome(welcome);
  using follower = await join(1);
  await follower.welcome(signal);
  follower.ready();
  await gathered();
  follower.interrupt();
  await once(leader.signal, "abort");
  assert.equal(leader.failure, undefined);
  leader.order({ kind: "step", step: 1, lrG: 0, lrD: 0 }); // it may still take its step
});

Deno.test("silence counts as loss, on either side; strangers do not", async () => {
  const { leader, addresses, gathered } = await lead(2);
  using _leader = leader;
  leader.welcome(welcome);
  const rubbish = await stranger(leader.addresses);
  rubbish.on("error", () => {}); // it is cut off
  rubbish.write("GET / HTTP/1.1\r\n\r\n");
  await once(rubbish, "close");
  assert.equal(leader.failure, undefined);

  // One that speaks as a replica does, and then says nothing more.
  const mute = await stranger(leader.addresses);
  mute.on("error", () => {}).resume();
  mute.write('{"kind":"hello","rank":1,"size":2,"version":"1"}\n{"kind":"ready"}\n');
  await gathered();
  leader.order({ kind: "share", epoch: 0, offset: 0 });
  for (const step of [1, 2]) leader.order({ kind: "step", step, lrG: 0, lrD: 0 });
  const startMs = performance.now();
  const failure = await leader.settledFailure();
  // Undefined, had it taken more than twice the time.
  assert.match(
    failure?.message ?? "",
    /Replica 1 .* is lost: it has been silent for \d+ s\.$/,
  );
  assert.ok(performance.now() - startMs > options.silenceMs / 2);
  mute.destroy();
  assert.equal(addresses.length, 2);
});

Deno.test("a replica that says nothing while it loads TensorFlow and traces its first step is not lost", async () => {
  const { leader, join, gathered } = await lead(3);
  using _leader = leader;
  leader.welcome(welcome);
  using first = await join(1);
  await first.welcome(signal);
  first.ready();
  const busy = await stranger(leader.addresses);
  let heard = "";
  busy.setEncoding("utf8").on("data", (text: string) => heard += text).on("error", () => {});
  busy.write('{"kind":"hello","rank":2,"size":3,"version":"1"}\n');
  const alive = () => heard.split('"alive"').length - 1;
  // Rank 0 gives a sign of life four times in the time of silence.
  const silent = async (times: number) => {
    const end = alive() + times;
    while (alive() < end) await once(busy, "data");
  };
  await silent(6);
  assert.equal(leader.failure, undefined);
  busy.write('{"kind":"ready"}\n');
  await gathered();
  leader.order({ kind: "share", epoch: 0, offset: 0 });
  leader.order({ kind: "step", step: 1, lrG: 0, lrD: 0 });
  await silent(6);
  assert.equal(leader.failure, undefined);
  busy.destroy();
  assert.match((await leader.settledFailure())?.message ?? "", /connection was closed/);
});

Deno.test("rank 0 that is gone is lost to the others", async () => {
  const { leader, join } = await lead(2);
  leader.welcome(welcome);
  const follower = await join(1);
  await follower.welcome(signal);
  leader.end("failed", "The disk is full.");
  await assert.rejects(
    ordersOf(follower),
    failsWith("cancelled", /^Rank 0 ended: The disk is full\.$/),
  );
});
