import assert from "assert";
import process from "node:process";
import { releaseBuffer } from "../../src/protocol/release_buffer.ts";

Deno.test("a released buffer's memory is given back at once", () => {
  const before = process.memoryUsage().external;
  const bytes = Buffer.allocUnsafeSlow(2 ** 26);
  const view = bytes.subarray(5);
  assert.ok(process.memoryUsage().external - before >= 2 ** 26);
  releaseBuffer(view);
  assert.ok(process.memoryUsage().external - before < 2 ** 20);
  assert.equal(bytes.length, 0);
  releaseBuffer(view); // twice is the same as once
});

Deno.test("a buffer that others may use, or a small one, is left alone", () => {
  const bytes = new Uint8Array(2 ** 16);
  releaseBuffer(bytes.subarray(0, 2 ** 15 - 1));
  assert.equal(bytes.length, 2 ** 16);
  const small = Buffer.from("of the pool that small buffers share");
  releaseBuffer(small);
  assert.equal(small.toString(), "of the pool that small buffers share");
});
