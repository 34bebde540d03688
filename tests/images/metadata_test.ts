import assert from "assert";
import sharp from "sharp";
import { takeApart } from "../../src/images/containers/take_apart.ts";
import { decodePhoto } from "../../src/images/decode.ts";
import { encodePhoto } from "../../src/images/encode.ts";
import { strippedMetadata } from "../../src/images/metadata/kept_metadata.ts";
import type { DirectoryField } from "../../src/images/metadata/directory_reader.ts";
import type { PhotoMetadata } from "../../src/images/metadata/photo_metadata.ts";
import { photoBytes, photoFile } from "./test_photos.ts";

const FORMATS = ["jpeg", "png", "webp", "tiff", "avif"] as const;

const textOf = (fields: readonly DirectoryField[] = [], tag: number) => {
  const value = fields.find((field) => field.tag === tag)?.value;
  return value && new TextDecoder().decode(value).replace(/\0$/, "");
};

function assertNear(actual: number | undefined, wanted: number, what: string): void {
  assert.ok(actual !== undefined && Math.abs(actual - wanted) < 0.01, `${what}: ${actual}`);
}

/** As Pillow wrote it: see testdata/photos/README.md. */
function assertRich({ exif, resolution, xmp }: PhotoMetadata, what: string): void {
  // It is turned by a quarter, and its 300 pixels an inch of width with it.
  assertNear(resolution?.x, 200, what);
  assertNear(resolution?.y, 300, what);
  assert.equal(textOf(exif?.picture, 0x10e), "A cat", what);
  assert.equal(textOf(exif?.picture, 0x132), "2024:05:01 10:00:00", what);
  assert.equal(textOf(exif?.taken, 0x9003), "2024:05:01 09:00:00", what);
  assert.equal(textOf(exif?.place, 1), "N", what);
  // 48, 8 and 1.5 as they were written: the numbers, in little-endian order.
  const latitude = exif?.place.find(({ tag }) => tag === 2)?.value;
  const numbers = latitude && [...new Uint32Array(latitude.slice().buffer)];
  assert.deepEqual(
    numbers?.map((_, at) => numbers[at]! / numbers[at + 1]!).filter((_, at) => at % 2 === 0),
    [48, 8, 1.5],
  );
  const packet = new TextDecoder().decode(xmp);
  assert.match(packet, /<rdf:li>Ansel<\/rdf:li>/, what);
  assert.match(packet, /tiff:Orientation="1"/, what);
  for (const dropped of [0x927c, 0xa002, 0x112]) {
    assert.equal([...exif!.picture, ...exif!.taken].find(({ tag }) => tag === dropped), undefined);
  }
}

for (const format of FORMATS) {
  Deno.test(`${format} keeps a photo's resolution, EXIF and XMP, and the same pixels`, async () => {
    const photo = await decodePhoto(await photoFile("scans/rich.jpg"));
    assert.deepEqual([photo.width, photo.height], [300, 451], "it is turned upright");
    assertRich(photo.metadata, "read");
    const file = await encodePhoto(photo, { format, metadata: photo.metadata });
    const again = await decodePhoto(file);
    assertRich(again.metadata, "kept");
    assert.deepEqual(again.rgb, (await decodePhoto(await encodePhoto(photo, { format }))).rgb);
    // Others read it, too: what libexif found is in what libvips hands on.
    const seen = await sharp(file).metadata();
    assert.deepEqual([seen.width, seen.height], [300, 451]);
    assert.ok((seen.orientation ?? 1) === 1, `${seen.orientation}`);
    if (format !== "tiff") assert.match(seen.exif!.toString("latin1"), /2024:05:01 09:00:00/);
    assert.match(seen.xmp!.toString(), /Ansel/);
    if (format !== "webp" && format !== "avif") assert.equal(Math.round(seen.density!), 200);
  });

  Deno.test(`${format} without metadata says nothing of its own`, async () => {
    const photo = await decodePhoto(await photoBytes("alpha.png"));
    assert.equal(photo.metadata.resolution, undefined);
    const file = await encodePhoto(photo, { format });
    const { metadata } = await decodePhoto(file);
    assert.equal(metadata.resolution, undefined, "no resolution is made up");
    assert.equal(metadata.xmp, undefined);
    assert.doesNotMatch(Buffer.from(file).toString("latin1"), /Exif\0|eXIf|pHYs/);
  });

  Deno.test(`${format} of a stripped photo keeps the resolution alone`, async () => {
    const photo = await decodePhoto(await photoFile("scans/rich.jpg"));
    const metadata = strippedMetadata(photo.metadata);
    const file = await encodePhoto(photo, { format, metadata });
    assert.doesNotMatch(Buffer.from(file).toString("latin1"), /2024:05:01|A cat|Ansel/);
    const kept = (await decodePhoto(file)).metadata;
    assertNear(kept.resolution?.x, 200, format);
    assert.deepEqual([...kept.exif?.picture ?? [], ...kept.exif?.place ?? []], []);
  });
}

for (const file of ["scan.jpg", "scan.png", "scan.tiff"]) {
  Deno.test(`${file} has 600 pixels an inch, and half as many scaled down to half`, async () => {
    const bytes = await photoFile(`scans/${file}`);
    const { metadata, width } = await decodePhoto(bytes);
    assertNear(metadata.resolution?.x, 600, file);
    if (file !== "scan.png") {
      assert.equal(textOf(metadata.exif?.picture, 0x13b), "A. Photographer");
    }
    const half = await decodePhoto(bytes, { fitWithin: width / 2 });
    assertNear(half.metadata.resolution?.x, 300, file);
    assertNear(half.metadata.resolution?.y, 300, file);
  });
}

/** What may be in a file and must not reach a decoder. */
const SECRET = "points at itself";

Deno.test("what a decoder is given has the picture, its orientation and its profile alone", async () => {
  const photo = await decodePhoto(await photoFile("scans/rich.jpg"));
  const value = new TextEncoder().encode(`${SECRET}\0`);
  const secret = { tag: 0x10e, type: 2, count: value.length, value };
  const metadata: PhotoMetadata = {
    exif: { picture: [secret], taken: [], place: [secret] },
    xmp: new TextEncoder().encode(`<rdf:RDF>${SECRET}</rdf:RDF>`),
  };
  for (const format of ["jpeg", "png", "webp"] as const) {
    const file = await encodePhoto(photo, { format, metadata });
    assert.ok(Buffer.from(file).includes(SECRET));
    assert.ok(!Buffer.from(takeApart(file, format).picture).includes(SECRET), format);
    assert.deepEqual((await decodePhoto(file)).width, 300);
  }
  // Its items stay where they are, and are none that a decoder knows.
  const avif = await encodePhoto(photo, { format: "avif", metadata });
  assert.ok((await sharp(avif).metadata()).exif);
  const before = Buffer.from(avif);
  const { exif, xmp } = await sharp(takeApart(Buffer.from(avif.buffer), "avif").picture).metadata();
  assert.deepEqual(Buffer.from(avif), before, "the caller's file is as it was");
  assert.deepEqual([exif, xmp], [undefined, undefined]);
});

Deno.test("EXIF that points at itself reaches no decoder, and is read once", async () => {
  // A directory of 5,000 fields, and all that can point point at it.
  const exif = Buffer.alloc(8 + 2 + 12 * 5000 + 4);
  exif.write("II*\0\x08\0\0\0", "latin1");
  exif.writeUInt16LE(5000, 8);
  for (let field = 0; field < 5000; field++) {
    const at = 10 + 12 * field;
    exif.writeUInt16LE([0x8769, 0x8825, 0xa005, 0x14a][field % 4]!, at);
    exif.writeUInt16LE(4, at + 2);
    exif.writeUInt32LE(1, at + 4);
    exif.writeUInt32LE(8, at + 8);
  }
  const jpeg = await photoFile("odd/base.jpg");
  const head = Buffer.from([0xff, 0xe1, 0, 0, ...Buffer.from("Exif\0\0")]);
  head.writeUInt16BE(exif.length + 8, 2);
  const file = Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
  // No decoder sees it at all, whatever it would cost there.
  assert.deepEqual(Buffer.from(takeApart(file, "jpeg").picture), jpeg);
  const { rgb, metadata } = await decodePhoto(file);
  assert.deepEqual(rgb, (await decodePhoto(jpeg)).rgb);
  assert.deepEqual(metadata.exif?.place ?? [], []);
});

Deno.test("XMP that tells of parts which a result lacks is left out", async () => {
  const { keptXmp } = await import("../../src/images/metadata/xmp_packet.ts");
  const packet = (inside: string) =>
    new TextEncoder().encode(`<x:xmpmeta><rdf:RDF>${inside}</rdf:RDF></x:xmpmeta>`);
  const kept = (inside: string) => {
    const found = keptXmp(packet(inside));
    return found && new TextDecoder().decode(found);
  };
  assert.equal(kept('<a hdrgm:Version="1.0"/>'), undefined);
  assert.equal(kept('<a GCamera:MotionPhoto="1"/>'), undefined);
  assert.equal(kept("<!DOCTYPE a [<!ENTITY b 'c'>]>"), undefined);
  assert.match(kept("<tiff:Orientation>8</tiff:Orientation>")!, />1</);
  assert.match(kept("<a tiff:Orientation = '3'/>")!, /'1'/);
  assert.equal(keptXmp(new Uint8Array([0x3c, 0xff])), undefined);
});
