import { photoLibrary } from "../images/photo_library.ts";

/** A drawing as pixels. */
interface Drawing {
  readonly width: number;
  readonly height: number;
  /** [height, width, 4]: RGB, not multiplied by alpha, and alpha. */
  readonly rgba: Uint8Array;
}

/**
 * Draws an SVG of our own making: charts and labels. It is drawn by resvg as WebAssembly, which comes
 * with imagescript and reaches neither files nor fonts. The photo library could draw SVG too, but must
 * not be able to in a process that decodes strangers' photos.
 *
 * @param svg a whole document with a width and a height in pixels.
 */
export async function drawSvg(svg: string): Promise<Drawing> {
  const { Image } = await import("imagescript"); // loads modules of its own, so only when it is needed
  const { width, height, bitmap } = await Image.renderSVG(svg, 1, Image.SVG_MODE_SCALE);
  return { width, height, rgba: divideByAlpha(bitmap) };
}

/** Draws an opaque SVG, and gives it as the bytes of a PNG; all else as in drawSvg. */
export async function drawPng(svg: string): Promise<Uint8Array> {
  const { width, height, rgba } = await drawSvg(svg);
  return await photoLibrary()(rgba, { raw: { width, height, channels: 4 } })
    .removeAlpha().png({ compressionLevel: 6 }).toBuffer();
}

/** Turns colors that were multiplied by their alpha back, in place. */
function divideByAlpha({ buffer, byteOffset, length }: Uint8ClampedArray): Uint8Array {
  const rgba = new Uint8Array(buffer, byteOffset, length);
  for (let at = 0; at < length; at += 4) {
    const alpha = rgba[at + 3]!;
    if (alpha === 0 || alpha === 255) continue;
    for (let channel = at; channel < at + 3; channel++) {
      rgba[channel] = Math.min(255, Math.round(rgba[channel]! * 255 / alpha));
    }
  }
  return rgba;
}
