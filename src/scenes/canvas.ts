import { unit } from "./noise.ts";

/** A colour in sRGB as it is displayed, each channel 0 to 1. */
export interface Ink {
  r: number;
  g: number;
  b: number;
}

/** An ink to paint with, black at first. */
export function newInk(): Ink {
  return { r: 0, g: 0, b: 0 };
}

/** Sets `ink` to the colour at (x, y) and returns how much of the pixel is covered, 0 to 1. */
type Shade = (x: number, y: number, ink: Ink) => number;

/** The colours of one material from its darkest to its lightest tone. */
export type Ramp = (tone: number, ink: Ink) => void;

/**
 * Builds a material: colours at evenly spaced tones from 0 to 1, straight lines between. Because a
 * material's colour depends on nothing but its tone, its colour follows from its lightness.
 *
 * @param stops hexadecimal colours, such as 0x2e7d32, from the darkest to the lightest; two or more.
 */
export function ramp(...stops: number[]): Ramp {
  const last = stops.length - 1;
  if (last < 1) throw new RangeError("A ramp needs two colours or more.");
  const channel = (shift: number) =>
    Float32Array.from(stops, (stop) => ((stop >> shift) & 255) / 255);
  const red = channel(16), green = channel(8), blue = channel(0);
  return (tone, ink) => {
    const at = unit(tone) * last;
    const from = at < last ? Math.floor(at) : last - 1;
    const t = at - from;
    const r = red[from] ?? 0, g = green[from] ?? 0, b = blue[from] ?? 0;
    ink.r = r + ((red[from + 1] ?? 0) - r) * t;
    ink.g = g + ((green[from + 1] ?? 0) - g) * t;
    ink.b = b + ((blue[from + 1] ?? 0) - b) * t;
  };
}

/** Moves a colour towards white, as a highlight does; `amount` 0 to 1. */
export function whiten(ink: Ink, amount: number): void {
  ink.r += (1 - ink.r) * amount;
  ink.g += (1 - ink.g) * amount;
  ink.b += (1 - ink.b) * amount;
}

/** Moves a colour towards another one; `amount` 0 to 1. */
export function blend(ink: Ink, other: Ink, amount: number): void {
  ink.r += (other.r - ink.r) * amount;
  ink.g += (other.g - ink.g) * amount;
  ink.b += (other.b - ink.b) * amount;
}

/**
 * A square picture that is painted from back to front. Places are in units of its side: (0, 0) is the
 * upper left corner, (1, 1) the lower right one, whatever the number of pixels.
 */
export class Canvas {
  /** Pixels along a side. */
  readonly size: number;
  /** The light's colour: what is painted is multiplied by it. */
  readonly light: Ink = { r: 1, g: 1, b: 1 };
  readonly #pixels: Float32Array; // [size, size, 3], 0 to 1
  readonly #ink = newInk();

  constructor(size: number) {
    this.size = size;
    this.#pixels = new Float32Array(size * size * 3);
  }

  /** Coverage of a pixel by a shape whose edge is `distance` away (inside is negative): antialiasing. */
  cover(distance: number): number {
    return unit(0.5 - distance * this.size);
  }

  /** Paints every pixel of the box whose coverage is more than 0. The box may reach over the edges. */
  paint(left: number, top: number, right: number, bottom: number, shade: Shade): void {
    const { size, light } = this;
    const pixels = this.#pixels, ink = this.#ink;
    const fromX = Math.max(0, Math.floor(left * size)),
      toX = Math.min(size, Math.ceil(right * size));
    const fromY = Math.max(0, Math.floor(top * size)),
      toY = Math.min(size, Math.ceil(bottom * size));
    for (let row = fromY; row < toY; row++) {
      const y = (row + 0.5) / size;
      for (let column = fromX; column < toX; column++) {
        const coverage = shade((column + 0.5) / size, y, ink);
        if (coverage <= 0) continue;
        const at = (row * size + column) * 3;
        const r = pixels[at] ?? 0, g = pixels[at + 1] ?? 0, b = pixels[at + 2] ?? 0;
        pixels[at] = r + (ink.r * light.r - r) * coverage;
        pixels[at + 1] = g + (ink.g * light.g - g) * coverage;
        pixels[at + 2] = b + (ink.b * light.b - b) * coverage;
      }
    }
  }

  /** A soft shadow: an ellipse that darkens what lies below it, by `strength` in its middle. */
  shadow(x: number, y: number, width: number, height: number, strength: number): void {
    this.paint(x - width, y - height, x + width, y + height, (px, py, ink) => {
      const u = (px - x) / width, v = (py - y) / height;
      const inside = 1 - u * u - v * v;
      ink.r = ink.g = ink.b = 0;
      return inside <= 0 ? 0 : strength * inside * (2 - inside);
    });
  }

  /** The picture as bytes: RGB, row by row, size * size * 3 of them. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#pixels.length);
    for (let i = 0; i < bytes.length; i++) {
      bytes[i] = Math.floor(unit(this.#pixels[i] ?? 0) * 255 + 0.5);
    }
    return bytes;
  }
}
