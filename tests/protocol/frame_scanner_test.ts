import assert from "assert";
import { FrameScanner } from "../../src/protocol/frame_scanner.ts";

/** A frame by RFC 9113, 4.1, its payload full of what looks like headers. */
function frame(type: number, streamId: number, length: number): Buffer {
  const bytes = Buffer.alloc(9 + length, 1);
  bytes.writeUIntBE(length, 0, 3);
  bytes.writeUInt8(type, 3);
  bytes.writeUInt8(0, 4);
  bytes.writeUInt32BE(streamId, 5);
  return bytes;
}

const frames: readonly (readonly [type: number, streamId: number, length: number])[] = [
  [4, 0, 0],
  [1, 1, 34],
  [0, 1, 16384],
  [0, 3, 1],
  [0, 3, 0],
  [8, 2 ** 31 - 1, 4],
];
const bytes = Buffer.concat(frames.map((each) => frame(...each)));

for (const size of [1, 2, 8, 9, 10, 13, 4096, bytes.length]) {
  Deno.test(`FrameScanner finds every frame in chunks of ${size} bytes`, () => {
    const found: [number, number, number][] = [];
    const scanner = new FrameScanner((...each) => found.push(each));
    for (let at = 0; at < bytes.length; at += size) scanner.scan(bytes.subarray(at, at + size));
    assert.deepEqual(found, frames);
  });
}

Deno.test("FrameScanner leaves out the reserved bit of the stream's number", () => {
  const found: number[] = [];
  const scanner = new FrameScanner((_type, streamId) => found.push(streamId));
  const bytes = frame(0, 5, 0);
  bytes.writeUInt8(0x80, 5);
  scanner.scan(bytes);
  assert.deepEqual(found, [5]);
});
