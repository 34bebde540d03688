import { labOf } from "./lab.ts";
import { base64Of } from "./base64.ts";

/** A picture whose palette results get. */
export interface Reference {
  readonly id: number;
  readonly name: string;
  /** The picture as an address of this page. */
  readonly url: string;
  /** The picture, smaller, in base64. */
  readonly base64: string;
  /** Colours that it has much of, a* and b*, the most frequent first. */
  readonly swatches: readonly (readonly [number, number])[];
}

/** Longer side of a reference as it is sent: a distribution of colours needs no more. */
const REFERENCE_SIDE = 768;

/** Chroma that a cell of the histogram spans. */
const CELL = 18;

let newest = 0;

/** Makes a picture a reference. @throws {Error} the browser cannot read it, or it is gray. */
export async function referenceOf(file: File): Promise<Reference> {
  const canvas = await smallPicture(file, REFERENCE_SIDE);
  const swatches = swatchesOf(pixelsOf(canvas));
  if (swatches.length === 0) throw new Error(`${file.name} is gray: it has no palette to give.`);
  const blob = await canvas.convertToBlob({ type: "image/png" });
  const url = URL.createObjectURL(blob);
  return { id: ++newest, name: file.name, url, base64: await base64Of(blob), swatches };
}

/** How far the colours of two pictures of one photo are apart, in a*b*, in the mean. */
export async function disagreement(one: Blob, other: Blob): Promise<number> {
  const [a, b] = await Promise.all([one, other].map(async (blob) => {
    return pixelsOf(await smallPicture(blob, 96));
  })) as [Uint8ClampedArray, Uint8ClampedArray];
  const length = Math.min(a.length, b.length);
  let sum = 0;
  for (let at = 0; at < length; at += 4) {
    const [, a1, b1] = labAt(a, at);
    const [, a2, b2] = labAt(b, at);
    sum += Math.hypot(a1 - a2, b1 - b2);
  }
  return sum / (length / 4);
}

/** A picture, upright, at most so large, on a canvas. @throws {Error} the browser cannot read it. */
export async function smallPicture(blob: Blob, side: number): Promise<OffscreenCanvas> {
  const bitmap = await createImageBitmap(blob).catch(() => {
    const name = blob instanceof File ? blob.name : "The picture";
    throw new Error(`${name} is no picture that this browser can read: choose a JPEG or PNG.`);
  });
  try {
    const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    if (!context) throw new Error(`This browser gives no canvas of ${width} × ${height} pixels.`);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, width, height);
    return canvas;
  } finally {
    bitmap.close();
  }
}

/** R, G, B and alpha of the pixels. */
function pixelsOf(canvas: OffscreenCanvas): Uint8ClampedArray {
  const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
  return data ?? new Uint8ClampedArray();
}

/** The colours of up to eight cells of chroma that have most pixels; none: it is gray. */
function swatchesOf(pixels: Uint8ClampedArray): [number, number][] {
  const cells = new Map<string, { count: number; a: number; b: number }>();
  for (let at = 0; at < pixels.length; at += 4 * 7) {
    const [, a, b] = labAt(pixels, at);
    if (Math.hypot(a, b) < CELL / 2) continue;
    const key = `${Math.round(a / CELL)},${Math.round(b / CELL)}`;
    const cell = cells.get(key) ?? { count: 0, a: 0, b: 0 };
    cells.set(key, { count: cell.count + 1, a: cell.a + a, b: cell.b + b });
  }
  return [...cells.values()].toSorted((one, other) => other.count - one.count).slice(0, 8)
    .map(({ count, a, b }) => [Math.round(a / count), Math.round(b / count)]);
}

function labAt(pixels: Uint8ClampedArray, at: number): [number, number, number] {
  return labOf(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
}
