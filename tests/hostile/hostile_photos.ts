import { crc32, deflateSync } from "node:zlib";

/** A chunk of a PNG. */
function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PNG of 8-bit gray whose header claims this size. @param pixels the image data, compressed. */
export function png(width: number, height: number, pixels: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", new Uint8Array()),
  ]);
}

/** A black PNG that is true to its header: 8000 x 8000 take 62 KB, and 64 MB decoded. */
export function blackPng(side: number): Buffer {
  return png(side, side, deflateSync(Buffer.alloc(side * (1 + side))));
}

/** A JPEG with its size overwritten in its frame header. */
export function claiming(jpeg: Uint8Array, width: number, height: number): Buffer {
  const bytes = Buffer.from(jpeg);
  for (let at = 2; at < bytes.length;) {
    const marker = bytes.readUInt16BE(at);
    if (marker >= 0xffc0 && marker <= 0xffc2) {
      bytes.writeUInt16BE(height, at + 5);
      bytes.writeUInt16BE(width, at + 7);
      return bytes;
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  throw new TypeError("This JPEG has no frame header.");
}

/**
 * A gray progressive JPEG of 7000 x 7000 whose scans have nothing to tell: 90 bytes each, and a pass
 * over 765,625 blocks. 5,000 take a decoder half a minute.
 */
export function emptyScans(count: number): Buffer {
  const segment = (marker: number, ...data: number[]) => {
    const head = Buffer.from([0xff, marker, 0, 0]);
    head.writeUInt16BE(data.length + 2, 2);
    return Buffer.concat([head, Buffer.from(data)]);
  };
  const blocks = 875 ** 2;
  const [high, low] = [7000 >> 8, 7000 & 255];
  // The only code, one bit "0": a difference of 0 (table 0), or a run of 16,384 and more blocks that
  // end at once, whose length has 14 more bits (table 16).
  const only = (symbol: number) => [1, ...Array<number>(15).fill(0), symbol];
  const runs = Math.ceil(blocks / 2 ** 14);
  const scan = Buffer.concat([
    segment(0xda, 1, 1, 0, 1, 1, 0),
    Buffer.alloc(Math.ceil(runs * 15 / 8)),
  ]);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, 0, ...Array<number>(64).fill(1)),
    segment(0xc2, 8, high, low, high, low, 1, 1, 0x11, 0),
    segment(0xc4, 0, ...only(0), 16, ...only(0xe0)),
    segment(0xda, 1, 1, 0, 0, 0, 0),
    Buffer.alloc(Math.ceil(blocks / 8)),
    ...Array<Buffer>(count).fill(scan),
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** Draws whole numbers that are the same at every run. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** @returns from 0 up to, not including, `sides`. */
  roll(sides: number): number {
    // Numerical Recipes' generator; its low bits are poor.
    this.#state = Math.imul(this.#state, 1664525) + 1013904223 >>> 0;
    return Math.floor(this.#state / 2 ** 32 * sides);
  }
}

/** A photo that was spoiled in one of the ways that fuzzers know. */
export function spoil(photo: Uint8Array, dice: Dice): Buffer {
  const bytes = Buffer.from(photo);
  const at = () => dice.roll(bytes.length);
  const head = () => dice.roll(Math.min(bytes.length, 200));
  switch (dice.roll(7)) {
    case 0: // flipped bits
      for (let count = 1 + dice.roll(20); count > 0; count--) bytes[at()]! ^= 1 << dice.roll(8);
      return bytes;
    case 1: // bytes of the header, where sizes and offsets are
      for (let count = 1 + dice.roll(4); count > 0; count--) bytes[head()] = dice.roll(256);
      return bytes;
    case 2: // extreme numbers in the header
      bytes.fill(dice.roll(2) === 0 ? 0 : 255, head(), head() + 4);
      return bytes;
    case 3: // cut short
      return bytes.subarray(0, at());
    case 4: { // a piece left out
      const from = at();
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + dice.roll(1000))]);
    }
    case 5: { // a piece twice
      const from = at();
      const piece = bytes.subarray(from, from + dice.roll(1000));
      return Buffer.concat([bytes.subarray(0, from), piece, bytes.subarray(from)]);
    }
    default: { // noise in the middle
      const from = at();
      for (let index = from; index < Math.min(from + 64, bytes.length); index++) {
        bytes[index] = dice.roll(256);
      }
      return bytes;
    }
  }
}
