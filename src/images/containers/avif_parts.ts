import type { FoundMetadata } from "../metadata/photo_metadata.ts";
import { mediaBoxes } from "./media_boxes.ts";
import { itemPlaces, type MediaItem, mediaItems } from "./media_items.ts";
import { MAX_XMP_BYTES, type PhotoParts } from "./photo_parts.ts";

/** EXIF and XMP are items beside the picture, as are types that only their makers know. */
const isMetadata = ({ type }: MediaItem) => ["Exif", "mime", "uri "].includes(type);

/**
 * Takes an AVIF apart. Items cannot leave without all the others moving, so those that are no picture
 * get a type that decoders pass over. An AVIF is turned by its own properties, not by EXIF.
 */
export function takeAvifApart(file: Uint8Array): PhotoParts {
  const boxes = mediaBoxes(file, 0, file.length);
  const meta = boxes.find(({ type }) => type === "meta");
  const items = meta === undefined ? [] : mediaItems(file, meta).filter(isMetadata);
  if (meta === undefined || items.length === 0) return { picture: file, metadata: {} };
  const table = mediaBoxes(file, meta.contentAt + 4, meta.end).find(({ type }) => type === "iloc");
  const places = table && itemPlaces(file, table) || [];
  let found: FoundMetadata = {};
  const picture = new Uint8Array(file); // a Buffer's slice() would share its bytes
  for (const { id, type, typeAt, contentType } of items) {
    picture.set([0x66, 0x72, 0x65, 0x65], typeAt); // "free"
    const place = places.find((place) => place.id === id);
    const [extent] = place?.method === 0 ? place.extents : [];
    if (extent === undefined || extent.length > MAX_XMP_BYTES) continue;
    const data = file.subarray(extent.offset, extent.offset + extent.length);
    if (type === "Exif" && data.length > 4) {
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      found = { exif: data.subarray(4 + view.getUint32(0)), ...found };
    } else if (contentType === "application/rdf+xml") found = { xmp: data, ...found };
  }
  return { picture, metadata: found };
}
