import { Buffer } from "node:buffer";
import sharp from "sharp";
import { decodePhoto } from "../../src/images/decode.ts";
import { encodePhoto } from "../../src/images/encode.ts";
import { photoBytes, photoFile } from "../images/test_photos.ts";
import { type Dice, spoil } from "./hostile_photos.ts";

const FORMATS = ["jpeg", "png", "webp", "tiff", "avif"] as const;

/** Photos with EXIF, XMP and a color profile, of each format that has a place for them. */
export async function tellingPhotos(): Promise<Uint8Array[]> {
  const rich = await decodePhoto(await photoFile("scans/rich.jpg"), { fitWithin: 120 });
  const told = await Promise.all(
    FORMATS.map((format) => encodePhoto(rich, { format, metadata: rich.metadata })),
  );
  // By another writer, with a profile: the library's own.
  const scan = sharp(await photoFile("scans/rich.jpg")).resize(120).keepExif().keepXmp()
    .withIccProfile("p3");
  const profiled = await Promise.all(
    FORMATS.map((format) => scan.clone().toFormat(format).toBuffer()),
  );
  return [...told, ...profiled];
}

/** What EXIF, XMP and profiles begin with, in one container or another. */
const BEGINNINGS = [
  "Exif\0",
  "eXIf",
  "EXIF",
  "II*\0",
  "MM\0*",
  "<rdf:RDF",
  "ICC_PROFILE",
  "iCCP",
  "ICCP",
  "acsp",
  "colr",
];

/** A photo that was spoiled within what it says of itself. */
export function spoilMetadata(photo: Uint8Array, dice: Dice): Buffer {
  const bytes = Buffer.from(photo);
  const places = BEGINNINGS.flatMap((text) => {
    const at = bytes.indexOf(text, 4, "latin1");
    return at < 0 ? [] : [at];
  });
  if (places.length === 0) return spoil(photo, dice);
  const from = places[dice.roll(places.length)]!;
  const at = () => Math.min(bytes.length - 4, from + dice.roll(400));
  switch (dice.roll(5)) {
    case 0: // bytes
      for (let count = 1 + dice.roll(20); count > 0; count--) bytes[at()] = dice.roll(256);
      break;
    case 1: // sizes and offsets that are far too large, or nothing
      for (let count = 1 + dice.roll(4); count > 0; count--) {
        bytes.writeUInt32LE([0, 0xffff_ffff, 0x7fff_ffff, 8][dice.roll(4)]!, at());
      }
      break;
    case 2: // pointers back to the beginning
      for (let count = 1 + dice.roll(8); count > 0; count--) {
        bytes.writeUInt32LE(dice.roll(64), at());
      }
      break;
    case 3: { // a piece of it in another place
      const piece = Buffer.from(bytes.subarray(from, from + dice.roll(200)));
      piece.copy(bytes, at());
      break;
    }
    default: // a checksum or a length that no longer fits: cut out
      return Buffer.concat([bytes.subarray(0, at()), bytes.subarray(at())]);
  }
  return bytes;
}

/** A file of a format, and how long what it begins with is. */
interface FormatBody {
  readonly name: string;
  readonly file: Buffer;
  readonly magicBytes: number;
  readonly isPhoto: boolean;
}

/** A small file of each format that is read, and of others that decoders of pictures know. */
export async function bodiesByFormat(): Promise<FormatBody[]> {
  const scan = sharp(await photoBytes("scan.tiff")).resize(32);
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  const photo = async (
    name: "jpeg" | "png" | "webp" | "tiff" | "gif" | "avif",
    magicBytes: number,
  ) => ({
    name,
    file: await scan.clone().toFormat(name).toBuffer(),
    magicBytes,
    isPhoto: true,
  });
  const other = (name: string, text: string, magicBytes: number) => ({
    name,
    file: Buffer.from(text, "latin1"),
    magicBytes,
    isPhoto: false,
  });
  return [
    ...await Promise.all([
      photo("jpeg", 3),
      photo("png", 8),
      photo("webp", 12),
      photo("tiff", 4),
      photo("gif", 6),
      photo("avif", 24),
    ]),
    other("an SVG", svg, 0),
    other("an SVG with an XML head", `<?xml version="1.0"?>${svg}`, 5),
    other("a comment as a box", `<!--ftypavif-->${svg}`, 15),
    other("a box of AVIF before an SVG", `\0\0\0\x14ftypavif\0\0\0\0avif${svg}`, 20),
    other("HEIC", `\0\0\0\x18ftypheic\0\0\0\0mif1heic${svg}`, 24),
    other("a PDF", `%PDF-1.7\n${svg}`, 8),
    other("a page", `<!DOCTYPE html><html>${svg}</html>`, 15),
    other("a ZIP", `PK\x03\x04${svg}`, 4),
    other("a BMP", `BM${"\0".repeat(60)}${svg}`, 2),
    other("a Photoshop document", `8BPS${svg}`, 4),
    other("JPEG XL", `\xff\n${svg}`, 2),
    other("a Radiance picture", `#?RADIANCE\n${svg}`, 11),
    other("a PPM", `P6\n1 1\n255\nabc${svg}`, 2),
  ];
}
