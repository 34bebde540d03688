import { promisify } from "node:util";
import { deflate, inflate } from "node:zlib";
import { crc32 } from "node:zlib";
import { TinctError } from "../errors.ts";

const [compress, decompress] = [promisify(deflate), promisify(inflate)];

/** A PNG of our own making. */
export interface Picture {
  readonly file: Uint8Array;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * Scales a sample sheet down by a whole factor, so that it has at most so many pixels and bytes; each
 * pixel is the mean of those it stands for. The server has no image library, on purpose: it reads
 * nothing here but the PNGs that our own workers write (8 bits a channel, not interlaced).
 *
 * @throws {TinctError} data_loss where the file is no such PNG.
 */
export async function fitPicture(
  picture: Picture,
  { maxPixels, maxBytes }: { readonly maxPixels: number; readonly maxBytes: number },
): Promise<Picture> {
  const pixels = picture.width * picture.height;
  if (pixels <= maxPixels && picture.file.byteLength <= maxBytes) return picture;
  const raster = await readPng(picture.file);
  let factor = Math.max(2, Math.ceil(Math.sqrt(pixels / maxPixels)));
  for (;; factor++) {
    const { width, height } = raster;
    const small = shrink(raster, factor);
    const file = await writePng(small);
    const fits = file.byteLength <= maxBytes && small.width * small.height <= maxPixels;
    if (fits || factor >= Math.max(width, height)) {
      return { file, width: small.width, height: small.height };
    }
  }
}

interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Rows one after the other, channels interleaved. */
  readonly data: Uint8Array;
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** PNG (ISO/IEC 15948), colour types 0, 2, 4 and 6. */
async function readPng(file: Uint8Array): Promise<Raster> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (!bytes.subarray(0, 8).equals(signature)) throw damaged("it is no PNG");
  let width = 0, height = 0, channels = 0;
  const parts: Buffer[] = [];
  for (let at = 8; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const name = bytes.toString("latin1", at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (name === "IHDR") {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      channels = new Map([[0, 1], [2, 3], [4, 2], [6, 4]]).get(body.readUInt8(9)) ?? 0;
      if (body.readUInt8(8) !== 8 || channels === 0 || body.readUInt8(12) !== 0) {
        throw damaged("it is of a kind that workers do not write");
      }
    } else if (name === "IDAT") parts.push(body);
    at += 12 + length;
  }
  const stride = width * channels;
  const maxOutputLength = (stride + 1) * height;
  const lines = await decompress(Buffer.concat(parts), { maxOutputLength });
  if (lines.length !== maxOutputLength) throw damaged("it is cut short");
  return { width, height, channels, data: unfilter(lines, stride, height, channels) };
}

/** Undoes the filters of a PNG's lines. */
function unfilter(lines: Uint8Array, stride: number, height: number, channels: number): Uint8Array {
  const data = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = lines[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x >= channels ? data[at - channels] ?? 0 : 0;
      const up = y > 0 ? data[at - stride] ?? 0 : 0;
      const corner = x >= channels && y > 0 ? data[at - stride - channels] ?? 0 : 0;
      const predicted = filter === 1
        ? left
        : filter === 2
        ? up
        : filter === 3
        ? (left + up) >> 1
        : filter === 4
        ? paeth(left, up, corner)
        : 0;
      data[at] = (lines[y * (stride + 1) + 1 + x] ?? 0) + predicted;
    }
  }
  return data;
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(estimate - value));
  if ((toLeft ?? 0) <= (toUp ?? 0) && (toLeft ?? 0) <= (toCorner ?? 0)) return left;
  return (toUp ?? 0) <= (toCorner ?? 0) ? up : corner;
}

function shrink({ width, height, channels, data }: Raster, factor: number): Raster {
  const [w, h] = [
    Math.max(1, Math.floor(width / factor)),
    Math.max(1, Math.floor(height / factor)),
  ];
  const small = new Uint8Array(w * h * channels);
  const [across, down] = [Math.min(factor, width), Math.min(factor, height)];
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let dy = 0; dy < down; dy++) {
          const row = (y * factor + dy) * width + x * factor;
          for (let dx = 0; dx < across; dx++) sum += data[(row + dx) * channels + c] ?? 0;
        }
        small[(y * w + x) * channels + c] = Math.round(sum / (across * down));
      }
    }
  }
  return { width: w, height: h, channels, data: small };
}

async function writePng({ width, height, channels, data }: Raster): Promise<Uint8Array> {
  const stride = width * channels;
  const lines = new Uint8Array((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    lines[y * (stride + 1)] = 1; // "Sub": each byte as the difference to the pixel on its left
    for (let x = 0; x < stride; x++) {
      const left = x >= channels ? data[y * stride + x - channels] ?? 0 : 0;
      lines[y * (stride + 1) + 1 + x] = (data[y * stride + x] ?? 0) - left;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  head[9] = [0, 0, 4, 2, 6][channels] ?? 2;
  const body = await compress(lines);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", body), chunk("IEND")]);
}

function chunk(name: string, body = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(12 + body.length);
  bytes.writeUInt32BE(body.length, 0);
  bytes.write(name, 4, "latin1");
  body.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + body.length)), 8 + body.length);
  return bytes;
}

function damaged(why: string): TinctError {
  return new TinctError("data_loss", `A sample picture cannot be read: ${why}.`);
}
