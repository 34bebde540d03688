import { MAX_XMP_BYTES } from "../containers/photo_parts.ts";

/**
 * What XMP says of parts of the file that a result does not have: gain maps, films beside the photo,
 * depth. A reader that believed it would look for them.
 */
const OF_OTHER_PARTS = /(?:hdrgm|GContainer|Container|GCamera|GDepth|GImage|xmpG?Img):\w/;

/**
 * XMP for a result, which is upright.
 *
 * @param packet as it was found.
 * @returns undefined where it is none that may be kept: not UTF-8, too large, about parts of the file.
 */
export function keptXmp(packet: Uint8Array): Uint8Array | undefined {
  if (packet.length > MAX_XMP_BYTES) return undefined;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(packet);
  } catch {
    return undefined;
  }
  if (
    !/<(?:\w+:)?RDF\b/.test(text) || OF_OTHER_PARTS.test(text) || /<!(?:DOCTYPE|ENTITY)/.test(text)
  ) {
    return undefined;
  }
  const upright = text
    .replace(/(\btiff:Orientation\s*=\s*)(["'])\d+\2/g, "$1$21$2")
    .replace(/(<tiff:Orientation\b[^>]*>)\s*\d+\s*(<)/g, "$11$2")
    .replace(/[\s\0]+$/, "");
  return new TextEncoder().encode(upright);
}
