import assert from "assert";
import { TinctError } from "../../../src/errors.ts";
import { MemoryBudget, PictureRoom, UNREAD_BYTES } from "../../../src/calls/door/memory_budget.ts";
import {
  budgetBytes,
  defaultMemoryMib,
  PROGRAM_MIB,
} from "../../../src/calls/door/memory_limit.ts";
import { connectionsWithin, openFilesOf } from "../../../src/calls/door/open_files.ts";

const MIB = 2 ** 20;

/** How many pieces of a MiB a client gets. */
function fill(budget: MemoryBudget, client: string): number {
  const share = budget.open(client);
  for (let count = 0;; count++) if (!share.tryTake(MIB)) return count;
}

Deno.test("a budget is shared out by what is left: a half, a third, and something for the next", () => {
  const budget = new MemoryBudget(160 * MIB);
  assert.deepEqual([fill(budget, "ada"), fill(budget, "bob"), fill(budget, "eve")], [80, 40, 20]);
  assert.equal(fill(budget, "eve"), 0, "another call of hers gets no more");
  assert.equal(budget.usedBytes, 140 * MIB);
  // A sixteenth is open to each as long as there is any.
  assert.deepEqual([fill(budget, "ivy"), fill(budget, "joe"), fill(budget, "kim")], [10, 10, 0]);
});

Deno.test("who waits for room gets it when some is given back, the oldest first", async () => {
  const budget = new MemoryBudget(100 * MIB);
  const holding = budget.open("ada");
  assert.ok(holding.tryTake(50 * MIB));
  const [first, second] = [budget.open("ada"), budget.open("ada")];
  const order: string[] = [];
  const waiting = [
    first.take(20 * MIB, 60_000).then(() => order.push("first")),
    second.take(20 * MIB, 60_000).then(() => order.push("second")),
  ];
  assert.equal(budget.waiting, 0, "not even the room to wait in is left in her half");
  for (const each of await Promise.allSettled(waiting)) assert.equal(each.status, "rejected");
  holding.free(UNREAD_BYTES * 4);
  const again = [
    first.take(20 * MIB, 60_000).then(() => order.push("first")),
    second.take(20 * MIB, 60_000).then(() => order.push("second")),
  ];
  assert.equal(budget.waiting, 2);
  const other = budget.open("bob");
  assert.ok(other.tryTake(20 * MIB), "another client is not held up by her");
  other[Symbol.dispose]();
  holding[Symbol.dispose]();
  await Promise.all(again);
  assert.deepEqual(order, ["first", "second"]);
  first[Symbol.dispose]();
  second[Symbol.dispose]();
  assert.equal(budget.usedBytes, 0);
});

Deno.test("who finds no room in time is told when to try again, and a call that is over takes none", async () => {
  const budget = new MemoryBudget(100 * MIB);
  const holding = budget.open("ada");
  holding.keep(95 * MIB);
  const late = budget.open("bob");
  await assert.rejects(late.take(6 * MIB, 1), (error: unknown) => {
    assert.ok(error instanceof TinctError);
    assert.equal(error.code, "resource_exhausted");
    assert.match(error.message, /no room for 6\.0 MiB more: 95\.1 of 100\.0 MiB/);
    assert.ok((error.retryDelayMs ?? 0) > 0);
    return true;
  });
  assert.equal(late.bytes, 0);
  const over = budget.open("bob");
  const taking = over.take(6 * MIB, 60_000);
  over[Symbol.dispose]();
  holding[Symbol.dispose]();
  await assert.rejects(taking, /ended before there was room/);
  assert.equal(budget.usedBytes, 0, "nothing is left of either");
});

Deno.test("a picture passes where nobody else is, and past the budget none", () => {
  const budget = new MemoryBudget(100 * MIB);
  const ada = budget.open("ada");
  using first = new PictureRoom(ada);
  first.take(150 * MIB);
  assert.equal(budget.usedBytes, 150 * MIB);
  assert.throws(() => new PictureRoom(ada).take(MIB), /There is no room/);
  assert.throws(() => new PictureRoom(budget.open("bob")).take(MIB), /There is no room/);
  first.take(10 * MIB); // the worker was lost: the picture comes anew
  assert.equal(budget.usedBytes, 10 * MIB);
  new PictureRoom(budget.open("bob")).take(80 * MIB);
  assert.throws(() => new PictureRoom(budget.open("eve")).take(20 * MIB), /There is no room/);
});

Deno.test("the budget follows from the memory that there is", () => {
  assert.deepEqual([1, 3, 3.25, 64].map((gib) => defaultMemoryMib(gib * 2 ** 30)), [
    384,
    384,
    416,
    416,
  ]);
  assert.equal(budgetBytes({ maxMemoryMib: 1000, maxReceiveMib: 16 }), (1000 - PROGRAM_MIB) * MIB);
  assert.throws(() => budgetBytes({ maxMemoryMib: 300, maxReceiveMib: 16 }), (error: unknown) => {
    assert.ok(error instanceof TinctError);
    assert.match(error.message, /^--max-memory-mib must be 320 or more .*, not 300: /);
    assert.equal(error.violations[0]?.field, "maxMemoryMib");
    return true;
  });
  assert.equal(budgetBytes({ maxMemoryMib: 0, maxReceiveMib: 1024 }), 4096 * MIB);
});

Deno.test("connections are bounded by the limit of open files, with a sentence", () => {
  const limits = "Max open files            1024                 524288               files     \n";
  assert.equal(openFilesOf(limits), 1024);
  assert.equal(openFilesOf("Max open files            unlimited            unlimited"), Infinity);
  assert.deepEqual(connectionsWithin(800, 1024), { maxConnections: 800, warning: undefined });
  assert.equal(connectionsWithin(448, 1024, 2).warning, undefined);
  assert.match(
    connectionsWithin(2048, 1024, 2).warning ?? "",
    /needs 4224 open files, and this process may open 1024: 448 connections .* at each address\./,
  );
  const { maxConnections, warning } = connectionsWithin(2048, 1024);
  assert.equal(maxConnections, 896);
  assert.match(warning ?? "", /--max-connections 2048 needs 2176 open files.* may open 1024: 896 /);
});

Deno.test("a call that ends while it waits leaves nothing behind, though its own room lets it in", async () => {
  const budget = new MemoryBudget(100 * MIB);
  const others = budget.open("ada");
  others.keep(94 * MIB);
  const share = budget.open("bob");
  share.keep(3 * MIB);
  const waiting = share.take(4 * MIB, 60_000);
  assert.equal(budget.waiting, 1);
  share[Symbol.dispose]();
  await assert.rejects(waiting, { code: "cancelled" });
  assert.deepEqual([share.bytes, budget.heldBy("bob"), budget.usedBytes], [0, 0, 94 * MIB]);
  assert.equal(budget.waiting, 0);
});

Deno.test("a call that ends while it waits is not waited with", async () => {
  const budget = new MemoryBudget(100 * MIB);
  budget.open("ada").keep(97 * MIB);
  const share = budget.open("bob");
  const waiting = share.take(6 * MIB, 60_000);
  share[Symbol.dispose]();
  await assert.rejects(waiting, { code: "cancelled" });
  assert.equal(budget.waiting, 0);
});
