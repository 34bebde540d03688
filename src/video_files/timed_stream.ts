import { Buffer } from "node:buffer";

/**
 * Raw frames with their time stamps as a stream that ffmpeg reads: Matroska (RFC 9559) with one track
 * of uncompressed RGB, a cluster for each frame, time stamps in microseconds.
 */
export const timedStream = {
  /** What the stream begins with. @param rate frames a second, about. */
  header(
    { width, height, rate }: {
      readonly width: number;
      readonly height: number;
      readonly rate: number;
    },
  ): Buffer {
    const ebml = element("1a45dfa3", [
      element("4286", unsigned(1)), // version
      element("42f7", unsigned(1)),
      element("42f2", unsigned(4)), // longest id
      element("42f3", unsigned(8)), // longest size
      element("4282", Buffer.from("matroska")),
      element("4287", unsigned(4)),
      element("4285", unsigned(2)),
    ]);
    const info = element("1549a966", [
      element("2ad7b1", unsigned(1000)), // nanoseconds of a unit
      element("4d80", Buffer.from("tinct")),
      element("5741", Buffer.from("tinct")),
    ]);
    const track = element("ae", [
      element("d7", unsigned(1)), // number
      element("73c5", unsigned(1)), // unique id
      element("83", unsigned(1)), // video
      element("22b59c", Buffer.from("und")), // language; English where there is none
      element("86", Buffer.from("V_UNCOMPRESSED")),
      element("23e383", unsigned(Math.round(1e9 / rate))),
      element("e0", [
        element("b0", unsigned(width)),
        element("ba", unsigned(height)),
        element("2eb524", Buffer.from("RGB\x18")),
      ]),
    ]);
    const segment = Buffer.from("1853806701ffffffffffffff", "hex"); // of unknown size
    return Buffer.concat([ebml, segment, info, element("1654ae6b", track)]);
  },

  /** What stands before a frame's bytes. @param time seconds. */
  frameHeader(time: number, sizeBytes: number): Buffer {
    const stamp = element("e7", unsigned(Math.round(time * 1e6)));
    const block = Buffer.from([0x81, 0, 0, 0x80]); // track 1, at the cluster's time, a key frame
    const blockHead = head("a3", block.length + sizeBytes);
    const clusterBytes = stamp.length + blockHead.length + block.length + sizeBytes;
    return Buffer.concat([head("1f43b675", clusterBytes), stamp, blockHead, block]);
  },
};

function element(id: string, content: Buffer | readonly Buffer[]): Buffer {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.concat(content);
  return Buffer.concat([head(id, bytes.length), bytes]);
}

/** An element's id and size, the size in eight bytes. */
function head(id: string, sizeBytes: number): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(sizeBytes) | 1n << 56n);
  return Buffer.concat([Buffer.from(id, "hex"), size]);
}

function unsigned(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
