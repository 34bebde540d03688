import assert from "assert";
import { ResourceOrder } from "../../src/engine/resource_order.ts";
import type { Node } from "../../src/tensorflow/graph.ts";

/** Addresses that stand for nodes; the order only compares and lists them. */
function nodes(count: number): Node[] {
  return Array.from({ length: count }, (_, i) => Deno.UnsafePointer.create(BigInt(i + 1))!);
}

const [first, second, third, fourth] = nodes(4) as [Node, Node, Node, Node];

Deno.test("the first access of a variable comes after nothing", () => {
  const order = new ResourceOrder();
  assert.deepEqual(order.before(1, "read"), []);
  assert.deepEqual(order.before(1, "write"), []);
  assert.deepEqual(order.lastWrites(), []);
});

Deno.test("a read comes after the last write only, not after other reads", () => {
  const order = new ResourceOrder();
  order.note(1, "write", first);
  order.note(1, "write", second);
  order.note(1, "read", third);
  assert.deepEqual(order.before(1, "read"), [second]);
});

Deno.test("a write comes after the last write and every read since", () => {
  const order = new ResourceOrder();
  order.note(1, "write", first);
  order.note(1, "read", second);
  order.note(1, "read", third);
  assert.deepEqual(order.before(1, "write"), [second, third, first]);
  order.note(1, "write", fourth);
  assert.deepEqual(order.before(1, "write"), [fourth]);
  assert.deepEqual(order.before(1, "read"), [fourth]);
});

Deno.test("variables do not wait for one another", () => {
  const order = new ResourceOrder();
  order.note(1, "write", first);
  order.note(2, "read", second);
  assert.deepEqual(order.before(2, "read"), []);
  assert.deepEqual(order.before(2, "write"), [second]);
  assert.deepEqual(order.before(1, "read"), [first]);
});

Deno.test("lastWrites() lists the last write of each variable once", () => {
  const order = new ResourceOrder();
  order.note(1, "write", first);
  order.note(1, "write", second);
  order.note(2, "write", second); // one operation that writes two variables
  order.note(3, "read", third);
  order.note(4, "write", fourth);
  order.note(4, "read", third);
  assert.deepEqual(order.lastWrites(), [second, fourth]);
});
