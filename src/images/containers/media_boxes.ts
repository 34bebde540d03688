import { joined } from "../metadata/exif.ts";

/** A box of an ISO media file (ISO/IEC 14496-12, 4.2). */
export interface MediaBox {
  readonly type: string;
  /** Where the box begins, and where its content does. */
  readonly at: number;
  readonly contentAt: number;
  readonly end: number;
}

/** The boxes between two places, as far as they fit there. */
export function mediaBoxes(file: Uint8Array, from: number, to: number): MediaBox[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const boxes: MediaBox[] = [];
  for (let at = from; at + 8 <= to && boxes.length < MAX_BOXES;) {
    let size = view.getUint32(at);
    let contentAt = at + 8;
    if (size === 1 && at + 16 <= to) {
      size = Number(view.getBigUint64(at + 8));
      contentAt = at + 16;
    } else if (size === 0) size = to - at;
    const end = at + size;
    if (end < contentAt || end > to) return boxes;
    boxes.push({ type: typeAt(file, at + 4), at, contentAt, end });
    at = end;
  }
  return boxes;
}

/** Pictures have some ten, with two for each of their items. */
const MAX_BOXES = 10_000;

/** Four letters. */
export function typeAt(file: Uint8Array, at: number): string {
  return String.fromCharCode(...file.subarray(at, at + 4));
}

/** Makes a box. */
export function mediaBox(type: string, ...contents: readonly Uint8Array[]): Uint8Array {
  const head = new Uint8Array(8);
  const size = contents.reduce((sum, { length }) => sum + length, 8);
  new DataView(head.buffer).setUint32(0, size);
  head.set([...type].map((letter) => letter.charCodeAt(0)), 4);
  return joined([head, ...contents]);
}
