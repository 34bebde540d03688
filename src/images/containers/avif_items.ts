import { joined } from "../metadata/exif.ts";
import { type MediaBox, mediaBox, mediaBoxes } from "./media_boxes.ts";
import { type ItemPlace, itemPlaces, mediaItems } from "./media_items.ts";

interface NewItem {
  readonly type: "Exif" | "mime";
  readonly data: Uint8Array;
}

/**
 * Adds EXIF and XMP to an AVIF that the library has written, each as an item that describes the picture
 * (HEIF, ISO/IEC 23008-12, annex A). Their bytes come last in the file; what lies behind the growing
 * meta box moves, and the places of all items with it.
 */
export function addAvifItems(
  file: Uint8Array<ArrayBuffer>,
  exif: Uint8Array | undefined,
  xmp: Uint8Array | undefined,
): Uint8Array<ArrayBuffer> {
  const added: NewItem[] = [
    ...(exif ? [{ type: "Exif" as const, data: joined([new Uint8Array(4), exif]) }] : []),
    ...(xmp ? [{ type: "mime" as const, data: xmp }] : []),
  ];
  if (added.length === 0) return file;
  const meta = mediaBoxes(file, 0, file.length).find(({ type }) => type === "meta");
  const inside = meta ? mediaBoxes(file, meta.contentAt + 4, meta.end) : [];
  const find = (type: string) => inside.find((box) => box.type === type);
  const [table, list, main] = [find("iloc"), find("iinf"), find("pitm")];
  const places = table && itemPlaces(file, table);
  if (!meta || !places || !list || !main || places.some(({ method }) => method !== 0)) {
    throw new TypeError("The library wrote an AVIF of another make.");
  }
  const content = (box: MediaBox) => file.subarray(box.contentAt, box.end);
  const mainId = numberAt(content(main), 4, content(main)[0] === 0 ? 2 : 4);
  const firstId = Math.max(...mediaItems(file, meta).map(({ id }) => id)) + 1;
  const ids = added.map((_, index) => firstId + index);
  const references = find("iref");
  const build = (shift: number) => {
    let at = file.length + shift + 8;
    const own = added.map(({ data }, index): ItemPlace => {
      const place = { id: ids[index]!, method: 0, extents: [{ offset: at, length: data.length }] };
      at += data.length;
      return place;
    });
    const moved = places.map((place) => ({
      ...place,
      extents: place.extents.map(({ offset, length }) => ({
        offset: offset >= meta.end ? offset + shift : offset,
        length,
      })),
    }));
    const boxes = inside.filter(({ type }) => type !== "iref").map((box) =>
      box === table
        ? placesBox([...moved, ...own])
        : box === list
        ? listBox(content(list), added, ids)
        : file.subarray(box.at, box.end)
    );
    boxes.push(referencesBox(references && content(references), ids, mainId));
    return mediaBox("meta", file.subarray(meta.contentAt, meta.contentAt + 4), ...boxes);
  };
  const shift = build(0).length - (meta.end - meta.at);
  return joined([
    file.subarray(0, meta.at),
    build(shift),
    file.subarray(meta.end),
    mediaBox("mdat", ...added.map(({ data }) => data)),
  ]);
}

function numberAt(bytes: Uint8Array, at: number, size: number): number {
  return bytes.subarray(at, at + size).reduce((sum, byte) => sum * 256 + byte, 0);
}

function bytesOf(number: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => number / 256 ** (size - 1 - index) & 255);
}

/** Places with offsets and lengths of four bytes. */
function placesBox(places: readonly ItemPlace[]): Uint8Array {
  return mediaBox(
    "iloc",
    new Uint8Array([0, 0, 0, 0, 0x44, 0]),
    bytesOf(places.length, 2),
    ...places.flatMap(({ id, extents }) => [
      bytesOf(id, 2),
      bytesOf(0, 2),
      bytesOf(extents.length, 2),
      ...extents.flatMap(({ offset, length }) => [bytesOf(offset, 4), bytesOf(length, 4)]),
    ]),
  );
}

function listBox(
  content: Uint8Array,
  added: readonly NewItem[],
  ids: readonly number[],
): Uint8Array {
  const size = content[0] === 0 ? 2 : 4;
  const text = (letters: string) => new TextEncoder().encode(letters);
  return mediaBox(
    "iinf",
    content.subarray(0, 4),
    bytesOf(numberAt(content, 4, size) + added.length, size),
    content.subarray(4 + size),
    ...added.map(({ type }, index) =>
      mediaBox(
        "infe",
        // Version 2, and nobody need show it.
        new Uint8Array([2, 0, 0, 1]),
        bytesOf(ids[index]!, 2),
        bytesOf(0, 2),
        text(type),
        text(type === "mime" ? "\0application/rdf+xml\0" : "\0"),
      )
    ),
  );
}

/** Each added item describes ("cdsc") the picture. */
function referencesBox(
  content: Uint8Array | undefined,
  ids: readonly number[],
  mainId: number,
): Uint8Array {
  const size = content === undefined || content[0] === 0 ? 2 : 4;
  return mediaBox(
    "iref",
    content ?? new Uint8Array(4),
    ...ids.map((id) => mediaBox("cdsc", bytesOf(id, size), bytesOf(1, 2), bytesOf(mainId, size))),
  );
}
