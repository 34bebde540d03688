import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import sharp, { type Sharp } from "sharp";

/** The folder of the photos that tests read. */
export const PHOTOS = fileURLToPath(new URL("../testdata/photos/", import.meta.url));

/** A test photo's path. */
export function photoPath(name: string): string {
  return PHOTOS + name;
}

/** A test photo's bytes. */
export function photoBytes(name: string): Promise<Buffer<ArrayBuffer>> {
  return readFile(photoPath(name));
}

/** The path of a file of testdata/photo_files: no photo of a dataset, but odd, or of several pages. */
export function photoFilePath(name: string): string {
  return fileURLToPath(new URL(`../testdata/photo_files/${name}`, import.meta.url));
}

/** Its bytes. */
export function photoFile(name: string): Promise<Buffer<ArrayBuffer>> {
  return readFile(photoFilePath(name));
}

/**
 * The cat's mean red, green and blue in its upper left, upper right, lower left and lower right
 * quarter, as Pillow decodes it.
 */
export const CAT_QUARTERS = [[142, 106, 79], [141, 108, 87], [156, 114, 85], [152, 118, 96]];

/** Mean red, green and blue of a picture's quarters, in the same order. */
export function quarterMeans(
  { width, height, rgb }: { width: number; height: number; rgb: Uint8Array },
): number[][] {
  const halfWidth = Math.floor(width / 2);
  const halfHeight = Math.floor(height / 2);
  return [[0, 0], [halfWidth, 0], [0, halfHeight], [halfWidth, halfHeight]].map(([left, top]) => {
    const sums = [0, 0, 0];
    for (let y = top!; y < top! + halfHeight; y++) {
      for (let x = left!; x < left! + halfWidth; x++) {
        for (let channel = 0; channel < 3; channel++) {
          sums[channel]! += rgb[(y * width + x) * 3 + channel]!;
        }
      }
    }
    return sums.map((sum) => sum / (halfWidth * halfHeight));
  });
}

/** The largest difference between two lists of the same length. */
export function largestDifference(a: Iterable<number>, b: Iterable<number>): number {
  const others = [...b];
  return [...a].reduce((largest, value, at) => Math.max(largest, Math.abs(value - others[at]!)), 0);
}

/** Peak signal to noise ratio of two pictures of 8 bits, in dB. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  a.forEach((value, at) => sum += (value - b[at]!) ** 2);
  return 10 * Math.log10(255 ** 2 / (sum / a.length));
}

/** A picture whose pixels are given by a function of x and y. */
export function paint(
  width: number,
  height: number,
  color: (x: number, y: number) => readonly [number, number, number],
): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    rgb.set(color(pixel % width, Math.floor(pixel / width)), pixel * 3);
  }
  return rgb;
}

/** A pipeline over raw pixels, to write test files with. */
export function fromRaw(rgb: Uint8Array, width: number, height: number): Sharp {
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}

/** A JPEG of which only the first bytes are there, and which claims to be that large. */
export async function jpegClaiming(
  width: number,
  height: number,
  sizeBytes: number,
): Promise<Buffer<ArrayBuffer>> {
  const jpeg = await photoBytes("cat.jpg");
  for (let at = 2; at < jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    if (jpeg[at + 1] !== 0xc0) continue;
    jpeg.writeUInt16BE(height, at + 5);
    jpeg.writeUInt16BE(width, at + 7);
    break;
  }
  return jpeg.subarray(0, sizeBytes);
}

/** A file with bytes put into it. */
export function insertedAfter(file: Uint8Array, at: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([file.subarray(0, at), bytes, file.subarray(at)]);
}

/** A chunk of a PNG. */
export function pngChunkOf(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
