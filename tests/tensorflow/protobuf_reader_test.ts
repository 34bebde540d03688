import assert from "assert";
import { message, messageField, stringField, varintField } from "../../src/tensorflow/protobuf.ts";
import { readFields, readIntegers, readText } from "../../src/tensorflow/protobuf_reader.ts";
import { failsWith } from "../checkpoints/small_run.ts";

Deno.test("what protobuf.ts writes is read back", () => {
  const fields = readFields(
    message(varintField(1, 300), stringField(2, "grün"), messageField(3, varintField(1, true))),
  );
  assert.deepEqual(fields.map(({ number }) => number), [1, 2, 3]);
  assert.equal(fields[0]?.value, 300);
  assert.equal(readText(fields, 2), "grün");
  assert.equal(readFields(fields[2]!.bytes)[0]?.value, 1);
  assert.equal(readText(fields, 9), "");
});

Deno.test("the examples of the encoding's documentation are read", () => {
  // protobuf.dev, "Encoding": 150; -2 as int64; a packed 3, 270, 86942; a fixed32 and a fixed64.
  assert.equal(readFields(Uint8Array.of(0x08, 0x96, 0x01))[0]?.value, 150);
  const minusTwo = [0x08, 0xfe, ...Array(8).fill(0xff), 0x01];
  assert.equal(readFields(Uint8Array.from(minusTwo))[0]?.value, -2);
  const packed = Uint8Array.of(0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05);
  assert.deepEqual(readIntegers(readFields(packed), 6), [3, 270, 86942]);
  const unpacked = message(varintField(6, 3), varintField(6, 270));
  assert.deepEqual(readIntegers(readFields(unpacked), 6), [3, 270]);
  const floats = new Uint8Array(5 + 9);
  floats[0] = 1 * 8 + 5;
  new DataView(floats.buffer).setFloat32(1, 0.5, true);
  floats[5] = 2 * 8 + 1;
  new DataView(floats.buffer).setFloat64(6, -1.25, true);
  assert.deepEqual(readFields(floats).map(({ value }) => value), [0.5, -1.25]);
});

Deno.test("bytes that are no message, or cut short, are refused", () => {
  const whole = message(stringField(1, "a text"), varintField(2, 1 << 20));
  for (let length = 1; length < whole.length; length++) {
    if (length === 8) continue; // the first field alone is a message, too
    assert.throws(() => readFields(whole.subarray(0, length)), failsWith("data_loss", /cut short/));
  }
  for (const bytes of [[0x0b], Array(11).fill(0xff), [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]]) {
    assert.throws(() => readFields(Uint8Array.from(bytes)), failsWith("data_loss", /cut short/));
  }
});
