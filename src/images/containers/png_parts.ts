import { inflateSync } from "node:zlib";
import { exifOfOrientation, joined, readExif } from "../metadata/exif.ts";
import type { FoundMetadata, Resolution } from "../metadata/photo_metadata.ts";
import { MAX_PROFILE_BYTES, MAX_XMP_BYTES, type PhotoParts } from "./photo_parts.ts";
import { PNG_SIGNATURE_BYTES, pngChunk, pngChunks } from "./png_chunks.ts";

/** What a decoder needs: the picture, transparency, and what its colors are. */
const KEPT = new Set(["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "cICP"]);

const XMP_KEYWORD = "XML:com.adobe.xmp\0";
const INCHES_PER_METER = 1 / 0.0254;

/**
 * Takes a PNG apart: texts, EXIF, further frames and what stands behind its end do not reach the
 * decoder. A file that lacks its last chunk alone gets it.
 */
export function takePngApart(file: Uint8Array): PhotoParts {
  const kept = [file.subarray(0, PNG_SIGNATURE_BYTES)];
  let found: FoundMetadata = {};
  let orientationAt = 1;
  let last = "";
  for (const { type, data, whole, isCut } of pngChunks(file)) {
    if (KEPT.has(type) || (type === "iCCP" && data.length <= MAX_PROFILE_BYTES)) kept.push(whole);
    if (type === "IHDR") orientationAt = kept.length;
    if (isCut) break;
    last = type;
    if (type === "pHYs") found = { ...found, resolution: resolutionOf(data) };
    else if (type === "eXIf") found = { exif: data, ...found };
    else if (type === "iTXt") found = { xmp: xmpOf(data), ...found };
  }
  const isEndAdded = last === "IDAT";
  if (isEndAdded) kept.push(pngChunk("IEND", new Uint8Array()));
  const orientation = found.exif && readExif(found.exif)?.orientation || 1;
  if (orientation > 1) {
    kept.splice(orientationAt, 0, pngChunk("eXIf", exifOfOrientation(orientation)));
  }
  return { picture: joined(kept), metadata: found, isEndAdded };
}

function resolutionOf(data: Uint8Array): Resolution | undefined {
  if (data.length !== 9 || data[8] !== 1) return undefined; // 1: pixels per meter
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [x, y] = [view.getUint32(0) / INCHES_PER_METER, view.getUint32(4) / INCHES_PER_METER];
  return x > 0 && y > 0 ? { x, y } : undefined;
}

/** XMP stands in an iTXt chunk of its own keyword, mostly not compressed. */
function xmpOf(data: Uint8Array): Uint8Array | undefined {
  const keyword = String.fromCharCode(...data.subarray(0, XMP_KEYWORD.length));
  if (keyword !== XMP_KEYWORD) return undefined;
  const isCompressed = data[XMP_KEYWORD.length] === 1;
  const language = data.indexOf(0, XMP_KEYWORD.length + 2);
  const translated = data.indexOf(0, language + 1);
  if (language < 0 || translated < 0) return undefined;
  const text = data.subarray(translated + 1);
  if (!isCompressed) return text;
  try {
    return inflateSync(text, { maxOutputLength: MAX_XMP_BYTES });
  } catch {
    return undefined; // not compressed as it says, or too large: it is not kept
  }
}

/** The chunk for so many pixels an inch. */
export function pngResolution({ x, y }: Resolution): Uint8Array {
  const data = new Uint8Array(9);
  const view = new DataView(data.buffer);
  view.setUint32(0, Math.round(x * INCHES_PER_METER));
  view.setUint32(4, Math.round(y * INCHES_PER_METER));
  data[8] = 1;
  return pngChunk("pHYs", data);
}

/** The chunk for XMP. */
export function pngXmp(xmp: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(`${XMP_KEYWORD}\0\0\0\0`);
  return pngChunk("iTXt", joined([head, xmp]));
}
