import assert from "assert";
import {
  bytesField,
  doubleField,
  floatField,
  message,
  messageField,
  stringField,
  varintField,
} from "../../src/tensorflow/protobuf.ts";

// The bytes are those of "Encoding" in the protocol buffers documentation, or derived from it:
// a tag is number * 8 + wire type (0 varint, 1 eight bytes, 2 length-delimited).

Deno.test("varintField() writes seven bits a byte, the lowest first", () => {
  const cases: [number: number, value: number | boolean, bytes: number[]][] = [
    [1, 150, [0x08, 0x96, 0x01]],
    [1, 0, [0x08, 0x00]],
    [1, 127, [0x08, 0x7f]],
    [1, 128, [0x08, 0x80, 0x01]],
    [5, true, [0x28, 0x01]],
    [4, false, [0x20, 0x00]],
    [15, 1, [0x78, 0x01]],
    [16, 1, [0x80, 0x01, 0x01]], // the tag takes two bytes from number 16 on
    [31, 1, [0xf8, 0x01, 0x01]],
    [1, 2 ** 32, [0x08, 0x80, 0x80, 0x80, 0x80, 0x10]],
    [1, 2 ** 53 - 1, [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  ];
  for (const [number, value, bytes] of cases) {
    assert.deepEqual([...varintField(number, value)], bytes);
  }
});

Deno.test("varintField() refuses what a varint cannot hold exactly", () => {
  for (const value of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assert.throws(() => varintField(1, value), { name: "RangeError", message: /not / });
  }
});

Deno.test("stringField() counts bytes, not characters", () => {
  assert.deepEqual([...stringField(2, "testing")], [
    0x12,
    7,
    0x74,
    0x65,
    0x73,
    0x74,
    0x69,
    0x6e,
    0x67,
  ]);
  assert.deepEqual([...stringField(1, "é")], [0x0a, 2, 0xc3, 0xa9]);
  assert.deepEqual([...stringField(1, "")], [0x0a, 0]);
  assert.deepEqual([...stringField(1, "x".repeat(300)).slice(0, 4)], [0x0a, 0xac, 0x02, 0x78]);
});

Deno.test("messageField() puts the fields behind their length", () => {
  assert.deepEqual([...messageField(3, varintField(1, 150))], [0x1a, 3, 0x08, 0x96, 0x01]);
  assert.deepEqual([...messageField(10)], [0x52, 0]);
});

Deno.test("floatField() and doubleField() write the lowest byte first", () => {
  assert.deepEqual([...floatField(2, 1)], [0x15, 0, 0, 0x80, 0x3f]); // 0x3f800000
  assert.deepEqual([...floatField(2, 0.1)], [0x15, 0xcd, 0xcc, 0xcc, 0x3d]); // rounded
  assert.deepEqual([...doubleField(1, 1)], [0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
});

Deno.test("bytesField() copies bytes as they are", () => {
  assert.deepEqual([...bytesField(4, Uint8Array.of(0, 255, 8))], [0x22, 3, 0, 255, 8]);
});

Deno.test("message() puts fields one after the other", () => {
  assert.deepEqual(
    message(varintField(1, 1), varintField(2, 2)),
    Uint8Array.of(0x08, 1, 0x10, 2),
  );
  assert.deepEqual(message(), new Uint8Array(0));
});
