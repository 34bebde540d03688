import { type DirectoryField, DirectoryReader } from "./directory_reader.ts";
import { joined, longField, resolutionFields, shortField, writeDirectory } from "./exif.ts";
import type { PhotoMetadata } from "./photo_metadata.ts";

const tags = {
  xmp: 700,
  xResolution: 282,
  yResolution: 283,
  unit: 296,
  taken: 0x8769,
  place: 0x8825,
};

/**
 * Puts metadata into a TIFF that the library has written: its directory is written once more behind all
 * else, with what is added.
 */
export function embedInTiff(
  file: Uint8Array<ArrayBuffer>,
  { exif, xmp, resolution }: PhotoMetadata,
): Uint8Array<ArrayBuffer> {
  const reader = DirectoryReader.open(file);
  const directory = reader?.read(reader.first);
  if (directory === undefined) throw new TypeError("The library wrote no classic TIFF.");
  const own = [tags.xResolution, tags.yResolution, tags.unit];
  const fields: DirectoryField[] = [
    ...directory.fields.filter(({ tag }) => !own.includes(tag)),
    // Without a unit two numbers tell only that pixels are square.
    ...resolutionFields(resolution ?? { x: 1, y: 1 }).map((field) =>
      resolution === undefined && field.tag === tags.unit ? shortField(tags.unit, 1) : field
    ),
    ...(exif?.picture ?? []),
    ...(xmp ? [{ tag: tags.xmp, type: 1, count: xmp.length, value: xmp }] : []),
  ];
  const parts = [file, new Uint8Array(file.length % 2)];
  let at = file.length + file.length % 2;
  for (
    const [tag, others] of [[tags.taken, exif?.taken], [tags.place, exif?.place]] as const
  ) {
    if (!others?.length) continue;
    const written = writeDirectory(others, at);
    fields.push(longField(tag, at));
    parts.push(written);
    at += written.length;
  }
  parts.push(writeDirectory(fields, at));
  const whole = joined(parts);
  new DataView(whole.buffer).setUint32(4, at, true);
  return whole;
}
