import { setImmediate } from "node:timers/promises";
import { joined } from "./metadata/exif.ts";

/** How long it works at a time before others get their turn. */
const TURN_MS = 20;

/**
 * Removes what some cameras, those that watch places above all, write between the data of a restart
 * interval and the next restart marker to bring it to a round size: zeros, or one byte many times.
 * libjpeg passes over it with the same warning that it gives for data it has lost its way in, so the
 * data is read here: only if every block of every interval is there, and nothing but padding is over,
 * is the picture whole.
 *
 * @param picture a JPEG whose header ends with its first scan.
 * @returns the JPEG without padding; undefined where there is none, for damaged data, and for kinds of
 *   JPEG in which it was not seen: progressive, arithmetic, in several scans.
 */
export async function withoutPadding(
  picture: Uint8Array,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const layout = readLayout(picture);
  if (layout === undefined) return undefined;
  const pieces = [picture.subarray(0, layout.dataAt)];
  let isPadded = false;
  let at = layout.dataAt;
  let turnEndsMs = performance.now() + TURN_MS;
  for (let left = layout.units; left > 0; left -= layout.unitsPerInterval) {
    const end = nextMarker(picture, at);
    if (end === undefined) return undefined;
    const data = picture.subarray(at, end.at);
    const used = bytesUsed(data, Math.min(left, layout.unitsPerInterval), layout.blocks);
    if (used === undefined) return undefined;
    const over = data.subarray(used);
    if (!isPadding(over)) return undefined;
    isPadded ||= over.length > 0;
    pieces.push(data.subarray(0, used), picture.subarray(end.at, end.after));
    at = end.after;
    if (performance.now() < turnEndsMs) continue;
    await setImmediate();
    signal?.throwIfAborted();
    turnEndsMs = performance.now() + TURN_MS;
  }
  pieces.push(picture.subarray(at));
  return isPadded ? joined(pieces) : undefined;
}

/** One byte alone that is not zero may as well be what is left of damaged data. */
function isPadding(bytes: Uint8Array): boolean {
  const [first] = bytes;
  return bytes.every((byte) => byte === first) && (first === 0 || bytes.length !== 1);
}

interface Layout {
  /** Where the scan's data begins. */
  readonly dataAt: number;
  /** How many units (MCU) the picture and a restart interval have. */
  readonly units: number;
  readonly unitsPerInterval: number;
  /** The blocks of a unit, each with the codes of its first and of its other coefficients. */
  readonly blocks: readonly { readonly first: Codes; readonly others: Codes }[];
}

/** For every 16 bits: how many of them are the code, times 256, and its symbol; 0: none. */
type Codes = Uint16Array;

/** What of the header says how the data is laid out (ITU-T T.81, B.2); undefined for other kinds. */
function readLayout(jpeg: Uint8Array): Layout | undefined {
  const codes = new Map<number, Codes>();
  let frame: Uint8Array | undefined;
  let interval = 0;
  for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === 0xff;) {
    const marker = jpeg[at + 1]!;
    const length = jpeg[at + 2]! * 256 + jpeg[at + 3]!;
    const data = jpeg.subarray(at + 4, at + 2 + length);
    if (marker === 0xc4 && !readCodes(data, codes)) return undefined;
    else if (marker === 0xc0 || marker === 0xc1) frame = data;
    else if (marker === 0xdd) interval = data[0]! * 256 + data[1]!;
    else if (marker === 0xda) {
      return frame && interval > 0
        ? layoutOf(frame, data, interval, codes, at + 2 + length)
        : undefined;
    }
    at += 2 + length;
  }
  return undefined;
}

function layoutOf(
  frame: Uint8Array,
  scan: Uint8Array,
  unitsPerInterval: number,
  codes: ReadonlyMap<number, Codes>,
  dataAt: number,
): Layout | undefined {
  const [height, width] = [frame[1]! * 256 + frame[2]!, frame[3]! * 256 + frame[4]!];
  const count = frame[5]!;
  if (scan[0] !== count || frame.length < 6 + 3 * count) return undefined;
  const blocks: { first: Codes; others: Codes }[] = [];
  let [mostAcross, mostDown] = [1, 1];
  for (let index = 0; index < count; index++) {
    const sampling = frame[7 + 3 * index]!;
    const [across, down] = count === 1 ? [1, 1] : [sampling >> 4, sampling & 15];
    const tables = scan[2 + 2 * index]!;
    const first = codes.get(tables >> 4), others = codes.get(16 + (tables & 15));
    if (!first || !others || !across || !down || across > 4 || down > 4) return undefined;
    for (let block = 0; block < across * down; block++) blocks.push({ first, others });
    [mostAcross, mostDown] = [Math.max(mostAcross, across), Math.max(mostDown, down)];
  }
  const units = Math.ceil(width / 8 / mostAcross) * Math.ceil(height / 8 / mostDown);
  return { dataAt, units, unitsPerInterval, blocks };
}

/**
 * The code tables of a DHT segment (B.2.4.2), by class times 16 and place; false where one is there
 * already, which no encoder writes and which would make work without end.
 */
function readCodes(data: Uint8Array, codes: Map<number, Codes>): boolean {
  for (let at = 0; at + 17 <= data.length;) {
    if (codes.has(data[at]!)) return false;
    const table = new Uint16Array(65_536);
    let symbolAt = at + 17;
    let from = 0;
    for (let bits = 1; bits <= 16; bits++) {
      for (let count = data[at + bits]!; count > 0; count--) {
        const to = from + 2 ** (16 - bits);
        table.fill(bits * 256 + (data[symbolAt++] ?? 0), from, to);
        from = to;
      }
    }
    codes.set(data[at]!, table);
    at = symbolAt;
  }
  return true;
}

/** The next marker of a scan, with the fill bytes before it; undefined where there is none. */
function nextMarker(jpeg: Uint8Array, from: number): { at: number; after: number } | undefined {
  for (let at = jpeg.indexOf(0xff, from); at >= 0; at = jpeg.indexOf(0xff, at + 1)) {
    let code = at + 1;
    while (jpeg[code] === 0xff) code++;
    if (jpeg[code] === undefined) return undefined;
    if (jpeg[code] !== 0) return { at, after: code + 1 };
    at = code;
  }
  return undefined;
}

/** How many bytes so many units take; undefined where the data is none, or ends before they do. */
function bytesUsed(
  data: Uint8Array,
  units: number,
  blocks: Layout["blocks"],
): number | undefined {
  const bits = new BitReader(data);
  for (let unit = 0; unit < units; unit++) {
    for (const { first, others } of blocks) {
      const length = bits.symbol(first);
      if (length === undefined || length > 16) return undefined;
      bits.skip(length);
      for (let coefficient = 1; coefficient < 64;) {
        const symbol = bits.symbol(others);
        if (symbol === undefined) return undefined;
        if (symbol === 0) break;
        bits.skip(symbol & 15);
        coefficient += (symbol >> 4) + 1;
        if (coefficient > 64) return undefined;
      }
    }
  }
  return bits.bytesUsed();
}

/** Reads a scan's data bit by bit; a zero behind 0xff is not part of it. */
class BitReader {
  readonly #data: Uint8Array;
  #at = 0;
  /** The next bits, the first one uppermost of `#count`. */
  #bits = 0;
  #count = 0;
  /** How many bits were made up, past the end of the data. */
  #madeUp = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  #fill(): void {
    while (this.#count <= 16) {
      const byte = this.#data[this.#at];
      if (byte === undefined) this.#madeUp += 8;
      else this.#at += byte === 0xff ? 2 : 1;
      this.#bits = (this.#bits << 8 | (byte ?? 0)) & 0xff_ffff;
      this.#count += 8;
    }
  }

  /** The symbol that the next bits stand for; undefined where they stand for none. */
  symbol(codes: Codes): number | undefined {
    this.#fill();
    const found = codes[this.#bits >> (this.#count - 16) & 0xffff]!;
    if (found === 0 || this.#madeUp > this.#count) return undefined;
    this.skip(found >> 8);
    return found & 255;
  }

  skip(count: number): void {
    this.#fill();
    this.#count -= count;
  }

  /** Bytes from the beginning to the last one that bits were taken of; undefined: past the end. */
  bytesUsed(): number | undefined {
    if (this.#madeUp > this.#count) return undefined;
    let at = this.#at;
    for (let unused = Math.floor((this.#count - this.#madeUp) / 8); unused > 0; unused--) {
      at -= this.#data[at - 1] === 0 && this.#data[at - 2] === 0xff ? 2 : 1;
    }
    return at;
  }
}
