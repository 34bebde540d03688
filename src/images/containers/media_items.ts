import { type MediaBox, mediaBoxes, typeAt } from "./media_boxes.ts";

/** An item of a picture's file, such as its EXIF (ISO/IEC 14496-12, 8.11.6). */
export interface MediaItem {
  readonly id: number;
  readonly type: string;
  /** Where its type stands in the file. */
  readonly typeAt: number;
  /** Of a "mime" item. */
  readonly contentType: string;
}

/** The items that are named in a file's meta box. */
export function mediaItems(file: Uint8Array, meta: MediaBox): MediaItem[] {
  const list = mediaBoxes(file, meta.contentAt + 4, meta.end).find(({ type }) => type === "iinf");
  if (list === undefined) return [];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const from = list.contentAt + (file[list.contentAt] === 0 ? 6 : 8);
  return mediaBoxes(file, from, list.end).flatMap(({ type, contentAt, end }) => {
    const version = file[contentAt]!;
    // Older versions know no types, and no picture in AVIF is written with them.
    if (type !== "infe" || version < 2 || contentAt + (version === 2 ? 12 : 14) > end) return [];
    const id = version === 2 ? view.getUint16(contentAt + 4) : view.getUint32(contentAt + 4);
    const at = contentAt + (version === 2 ? 8 : 10);
    const [, contentType = ""] = String.fromCharCode(
      ...file.subarray(at + 4, Math.min(end, at + 200)),
    )
      .split("\0");
    return [{ id, type: typeAt(file, at), typeAt: at, contentType }];
  });
}

/** Where an item's bytes are. */
export interface ItemPlace {
  readonly id: number;
  /** 0: from the beginning of the file; others are not followed. */
  readonly method: number;
  readonly extents: readonly { readonly offset: number; readonly length: number }[];
}

/** The places of all items (8.11.3); undefined where the box is not as it should be. */
export function itemPlaces(file: Uint8Array, box: MediaBox): ItemPlace[] | undefined {
  const reader = new NumberReader(file, box.contentAt, box.end);
  const version = reader.take(1);
  reader.take(3);
  const sizes = reader.take(2);
  const [offsetBytes, lengthBytes] = [sizes >> 12, sizes >> 8 & 15];
  const [baseBytes, indexBytes] = [sizes >> 4 & 15, version > 0 ? sizes & 15 : 0];
  const count = reader.take(version < 2 ? 2 : 4);
  const places: ItemPlace[] = [];
  for (let item = 0; item < count && !reader.isOver; item++) {
    const id = reader.take(version < 2 ? 2 : 4);
    const method = version > 0 ? reader.take(2) & 15 : 0;
    reader.take(2);
    const base = reader.take(baseBytes);
    const extents = [];
    for (let left = reader.take(2); left > 0 && !reader.isOver; left--) {
      reader.take(indexBytes);
      extents.push({ offset: base + reader.take(offsetBytes), length: reader.take(lengthBytes) });
    }
    places.push({ id, method, extents });
  }
  return reader.isOver ? undefined : places;
}

/** Takes numbers one after the other; past the end it gives 0 and says so. */
class NumberReader {
  readonly #file: Uint8Array;
  #at: number;
  readonly #end: number;
  isOver = false;

  constructor(file: Uint8Array, at: number, end: number) {
    this.#file = file;
    this.#at = at;
    this.#end = end;
  }

  take(bytes: number): number {
    this.isOver ||= this.#at + bytes > this.#end;
    if (this.isOver) return 0;
    let number = 0;
    for (let count = 0; count < bytes; count++) number = number * 256 + this.#file[this.#at++]!;
    return number;
  }
}
