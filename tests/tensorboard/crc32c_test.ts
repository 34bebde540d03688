import assert from "assert";
import { crc32c, maskedCrc32c } from "../../src/tensorboard/crc32c.ts";

const ascending = Uint8Array.from({ length: 32 }, (_, at) => at);

/** RFC 3720, appendix B.4, whose CRCs are listed by bytes; the last one is the usual check value. */
const published: readonly [what: string, bytes: Uint8Array, crc: number][] = [
  ["32 bytes of zeros", new Uint8Array(32), 0x8a9136aa],
  ["32 bytes of ones", new Uint8Array(32).fill(255), 0x62a8ab43],
  ["32 bytes that ascend", ascending, 0x46dd794e],
  ["32 bytes that descend", ascending.toReversed(), 0x113fdb5c],
  ["123456789", new TextEncoder().encode("123456789"), 0xe3069283],
  ["nothing", new Uint8Array(0), 0],
];

for (const [what, bytes, crc] of published) {
  Deno.test(`CRC32C of ${what} is the published one`, () => {
    assert.equal(crc32c(bytes).toString(16), crc.toString(16));
  });
}

Deno.test("the mask is undone by TensorFlow's inverse", () => {
  for (const [, bytes, crc] of published) {
    const rotated = (maskedCrc32c(bytes) - 0xa282ead8) >>> 0; // crc32c.h, Unmask
    assert.equal(((rotated >>> 17) | (rotated << 15)) >>> 0, crc);
  }
});
