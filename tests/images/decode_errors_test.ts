import assert from "assert";
import { randomBytes } from "node:crypto";
import sharp from "sharp";
import { TinctError } from "../../src/errors.ts";
import { type DecodeOptions, decodePhoto, decodeResized } from "../../src/images/decode.ts";
import { PhotoError } from "../../src/images/photo_error.ts";
import {
  fromRaw,
  jpegClaiming,
  paint,
  photoBytes,
  photoFile,
  photoPath,
  PHOTOS,
} from "./test_photos.ts";

interface BadPhoto {
  what: string;
  bytes: () => Promise<Uint8Array>;
  reason: RegExp;
  options?: DecodeOptions;
}

const text = (content: string) => () => Promise.resolve(new TextEncoder().encode(content));
const png = (width: number, height: number) => () =>
  fromRaw(paint(width, height, () => [1, 2, 3]), width, height).png().toBuffer();

async function cutShort(file: string): Promise<Uint8Array> {
  const bytes = await photoBytes(file);
  return bytes.subarray(0, Math.floor(bytes.length * 0.6));
}

async function damagedInTheMiddle(file: string): Promise<Uint8Array> {
  const bytes = await photoBytes(file);
  const middle = Math.floor(bytes.length / 2);
  for (let at = 0; at < 512; at++) bytes[middle + at] = (at * 197 + 31) & 0xff;
  return bytes;
}

const BAD_PHOTOS: BadPhoto[] = [
  { what: "an empty file", bytes: text(""), reason: /is empty \(0 bytes\); copy it again/ },
  {
    what: "random bytes",
    bytes: () => Promise.resolve(new Uint8Array([1, 2, 3, 250, ...randomBytes(500)])),
    reason: /is of no known format \(it begins with 01 02 03 fa .*Tinct reads JPEG, PNG/,
  },
  {
    what: "an SVG drawing",
    bytes: text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    reason: /is an SVG drawing/,
  },
  {
    what: "an SVG drawing behind an XML line",
    bytes: text(
      '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    ),
    reason: /is an SVG drawing or other XML/,
  },
  { what: "a PDF", bytes: text("%PDF-1.7\n"), reason: /is a PDF document/ },
  { what: "HEIC", bytes: text("\0\0\0\x18ftypheic\0\0\0\0mif1heic"), reason: /is a HEIC photo/ },
  { what: "a film", bytes: text("\0\0\0\x18ftypisom\0\0\0\0isomavc1"), reason: /is a video/ },
  {
    what: "an SVG drawing whose comment looks like a box of AVIF",
    bytes: () => photoFile("odd/svg-as-avif.avif"),
    reason: /is an SVG drawing or other XML/,
  },
  {
    what: "a page of a server in a photo's place",
    bytes: text("<!DOCTYPE html><html><body>404 not found</body></html>"),
    reason: /is a web page \(HTML\); Tinct reads/,
  },
  {
    what: "a pointer of Git LFS",
    bytes: text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\n"),
    reason: /is a pointer of Git LFS and not the file itself \(git lfs pull gets it\)/,
  },
  { what: "a letter", bytes: text("Liebe Großmutter,\ndanke für"), reason: /is text; Tinct reads/ },
  {
    what: "an AVIF whose first box claims to be 1 GB",
    bytes: async () => {
      const avif = await sharp(await photoBytes("scan.tiff")).avif().toBuffer();
      avif[0] = 0x3c;
      return avif;
    },
    reason: /is a video/,
  },
  { what: "a BMP", bytes: text("BM....."), reason: /is a BMP picture/ },
  {
    what: "a JPEG's first two bytes",
    bytes: async () => (await photoBytes("cat.jpg")).subarray(0, 2),
    reason: /no known format/,
  },
  {
    what: "a JPEG's first 20 bytes",
    bytes: async () => (await photoBytes("cat.jpg")).subarray(0, 20),
    reason: /damaged or cut short/,
  },
  {
    what: "742 bytes that claim 20000 x 20000",
    bytes: () => jpegClaiming(20_000, 20_000, 742),
    reason:
      /claims 20000 x 20000 = 400,000,000 pixels, over the limit of 50,000,000 and 20,000 a side; scale it down/,
  },
  {
    what: "742 bytes that claim 100 x 100",
    bytes: () => jpegClaiming(100, 100, 742),
    reason: /is damaged or cut short \(.+\); replace it/,
  },
  {
    what: "a side that is too long",
    bytes: png(120, 2),
    options: { maxSide: 100 },
    reason: /claims 120 x 2 = 240 pixels, over the limit of 50,000,000 and 100 a side/,
  },
  {
    what: "too many pixels",
    bytes: png(11, 10),
    options: { maxPixels: 109 },
    reason: /claims 11 x 10 = 110 pixels, over the limit of 109 /,
  },
  {
    what: "a JPEG cut short",
    bytes: () => cutShort("cat.jpg"),
    reason: /cut short \(its file ends before the picture does\)/,
  },
  {
    what: "a PNG cut short",
    bytes: () => cutShort("coffee.png"),
    reason: /cut short \(its file ends before the picture does\)/,
  },
  {
    what: "a WebP cut short",
    bytes: () => cutShort("pixel.webp"),
    reason: /cut short \(its file ends before the picture does\)/,
  },
  { what: "a TIFF cut short", bytes: () => cutShort("scan.tiff"), reason: /damaged or cut short/ },
  {
    what: "a GIF cut short",
    bytes: async () => {
      const gif = await sharp(await photoBytes("scan.tiff")).gif().toBuffer();
      return gif.subarray(0, gif.length * 0.6);
    },
    reason: /cut short \(its file ends before the picture does\)/,
  },
  {
    what: "an AVIF cut short",
    bytes: async () => {
      const avif = await sharp(await photoBytes("scan.tiff")).avif().toBuffer();
      return avif.subarray(0, avif.length * 0.6);
    },
    reason: /cut short \(its file ends before the picture does\)/,
  },
  {
    what: "a JPEG damaged in its middle",
    bytes: () => damagedInTheMiddle("cat.jpg"),
    reason: /damaged or cut short \(Corrupt JPEG data/,
  },
  {
    what: "a PNG damaged in its middle",
    bytes: () => damagedInTheMiddle("coffee.png"),
    reason: /damaged or cut short/,
  },
  {
    what: "a JPEG whose last quarter is missing",
    bytes: () => photoFile("odd/cut.jpg"),
    reason: /cut short \(its file ends before the picture does\)/,
  },
  {
    what: "a JPEG of 12 bits",
    bytes: () => photoFile("odd/12bit-header.jpg"),
    reason:
      /^has 12 bits per color, which Tinct does not read in a JPEG; save it with 8, or as PNG/,
  },
  {
    what: "a lossless JPEG",
    bytes: async () => {
      const jpeg = await photoBytes("cat.jpg");
      jpeg[jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 1] = 0xc3;
      return jpeg;
    },
    reason: /^is a lossless JPEG, .*; save it as an ordinary JPEG/,
  },
  {
    what: "a TIFF in L*a*b*",
    bytes: () => photoFile("odd/lab.tiff"),
    reason: /^is in CIE L\*a\*b\*, which Tinct does not read; save it as RGB/,
  },
  {
    what: "floating-point samples",
    bytes: () => photoBytes("float.tiff"),
    reason: /has samples of type float; save it with 8 or 16 bits/,
  },
];

// Where one of them may be read now, READER in src/prepared/prepare_photos.ts has to go up.
for (const { what, bytes, reason, options } of BAD_PHOTOS) {
  Deno.test(`decoding ${what} fails with a sentence that names the photo`, async () => {
    const source = await bytes();
    const named = { ...options, name: "trip/IMG_1.jpg" };
    for (
      const decode of [() => decodePhoto(source, named), () => decodeResized(source, 32, named)]
    ) {
      await assert.rejects(decode, (error) => {
        assert.ok(error instanceof PhotoError, String(error));
        assert.equal(error.code, "invalid_argument");
        assert.match(error.reason, reason);
        assert.equal(error.message, `trip/IMG_1.jpg ${error.reason}.`);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    }
  });
}

Deno.test("decodePhoto() refuses by the header alone what it would find damaged", async () => {
  // The same 742 bytes under a limit that lets them pass: only then is a pixel looked for.
  const bytes = await jpegClaiming(20_000, 20_000, 742);
  await assert.rejects(decodePhoto(bytes), /claims 20000 x 20000/);
  await assert.rejects(decodePhoto(bytes, { maxPixels: 1e9 }), /damaged or cut short/);
});

Deno.test("decodePhoto() reads a JPEG that is odd but whole", async () => {
  const jpeg = await photoBytes("cat.jpg");
  const { rgb } = await decodePhoto(jpeg);
  const end = jpeg.subarray(-2);
  const stray = Buffer.concat([jpeg.subarray(0, -2), Buffer.from([0, 17, 34]), end]);
  const trailing = Buffer.concat([jpeg, Buffer.from("what a phone appends")]);
  assert.deepEqual((await decodePhoto(stray)).rgb, rgb);
  assert.deepEqual((await decodePhoto(trailing)).rgb, rgb);
});

Deno.test("decodePhoto() reads a photo whose profile is rubbish", async () => {
  const jpeg = await photoBytes("cat.jpg");
  const icc = Buffer.concat([Buffer.from("ICC_PROFILE\0\x01\x01", "latin1"), Buffer.alloc(200, 7)]);
  const head = Buffer.from([0xff, 0xe2, 0, 0]);
  head.writeUInt16BE(icc.length + 2, 2);
  const odd = Buffer.concat([jpeg.subarray(0, 2), head, icc, jpeg.subarray(2)]);
  assert.deepEqual((await decodePhoto(odd)).rgb, (await decodePhoto(jpeg)).rgb);
});

const BAD_PATHS = [
  {
    what: "a missing file",
    path: photoPath("none.jpg"),
    code: "not_found",
    message: /^none\.jpg does not exist; /,
  },
  {
    what: "a path through a file",
    path: photoPath("cat.jpg/x.jpg"),
    code: "not_found",
    message: /^x\.jpg does not exist; /,
  },
  {
    what: "a folder",
    path: PHOTOS,
    code: "invalid_argument",
    message: /^photos is (a folder|no file); /,
  },
] as const;

for (const { what, path, code, message } of BAD_PATHS) {
  Deno.test(`decodePhoto() says so of ${what}`, async () => {
    await assert.rejects(decodePhoto(path), (error) => {
      assert.ok(error instanceof TinctError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("decodePhoto() stops at its signal with the signal's reason", async () => {
  const reason = new Error("the caller has left");
  await assert.rejects(
    decodePhoto(photoPath("cat.jpg"), { signal: AbortSignal.abort(reason) }),
    reason,
  );
  const controller = new AbortController();
  const decoding = decodePhoto(await photoBytes("coffee.png"), { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(decoding, reason);
});
