import { Random } from "./random.ts";
import { renderScene } from "./scenes.ts";

/** Which clip. */
interface ClipOptions {
  /** Pixels along a side. */
  readonly size: number;
  /** Frames of each shot. */
  readonly shotFrames: number;
  /** Names a whole set of clips; 0 when left out. */
  readonly seed?: number;
  /** Standard deviation of the grain, of bytes; 1.5 when left out. */
  readonly grain?: number;
}

/** A frame of a drawn clip. */
interface DrawnFrame {
  /** As a camera has it: with grain, and an exposure that wavers. [size, size, 3]. */
  readonly rgb: Uint8Array<ArrayBuffer>;
  /** Without both; its colours are the true ones. */
  readonly clean: Uint8Array<ArrayBuffer>;
}

/** How much larger than the frame the scene is over which the camera moves. */
const MARGIN = 1.25;

/** How much the exposure wavers, a part of it, to each side. */
const WAVERING = 0.005;

/**
 * Drawn scenes that move: shots of a scene each, past which a disc with part of another scene comes. In
 * every second shot the camera pans, half a pixel a frame. The same numbers give the same frames.
 */
export class DrawnClip {
  readonly #options: Required<ClipOptions>;
  #shot: { readonly index: number; readonly ground: Uint8Array; readonly disc: Uint8Array } | null =
    null;

  constructor({ seed = 0, grain = 1.5, ...rest }: ClipOptions) {
    this.#options = { seed, grain, ...rest };
  }

  /** Draws a frame, an integer from 0; there are as many as one likes. */
  frame(index: number): DrawnFrame {
    const { size, shotFrames, seed, grain } = this.#options;
    const shot = Math.floor(index / shotFrames);
    const time = (index % shotFrames) / shotFrames;
    const side = Math.round(size * MARGIN);
    if (this.#shot?.index !== shot) {
      const [ground, disc] = [0, 1].map((which) =>
        renderScene(2 * shot + which, { seed, size: which === 0 ? side : size })
      );
      this.#shot = { index: shot, ground: ground!, disc: disc! };
    }
    const { ground, disc } = this.#shot;
    const pan = shot % 2 === 0 ? 0 : Math.min((index % shotFrames) / 2, side - size - 1);
    const radius = size * 0.18;
    const at = { x: size * (1.4 * time - 0.2), y: size * (0.5 + 0.15 * Math.sin(6 * time)) };
    const clean = new Uint8Array(size * size * 3);
    const [first, share] = [Math.floor(pan), pan % 1];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const to = 3 * (y * size + x);
        const from = 3 * (y * side + x + first);
        const [dx, dy] = [x - at.x, y - at.y];
        const cover = Math.min(Math.max(radius - Math.hypot(dx, dy) + 0.5, 0), 1);
        const middle = Math.floor(size / 2);
        const own = 3 * ((middle + Math.round(dy)) * size + middle + Math.round(dx));
        for (let channel = 0; channel < 3; channel++) {
          const [a, b] = [ground[from + channel]!, ground[from + 3 + channel]!];
          const behind = a + (b - a) * share;
          clean[to + channel] = behind + cover * ((disc[own + channel] ?? 0) - behind);
        }
      }
    }
    return { clean, rgb: filmed(clean, new Random(seed, index), grain) };
  }
}

/** A frame with grain, the same in all channels, and another exposure. */
function filmed(clean: Uint8Array, random: Random, grain: number): Uint8Array<ArrayBuffer> {
  const exposure = 1 + WAVERING * (2 * random.next() - 1);
  const rgb = new Uint8Array(clean.length);
  for (let at = 0; at < clean.length; at += 3) {
    // Twelve even draws have a variance of one; six of half of it, and are near enough to a bell.
    let sum = -3;
    for (let draw = 0; draw < 6; draw++) sum += random.next();
    const noise = sum * Math.SQRT2 * grain;
    for (let channel = 0; channel < 3; channel++) {
      const value = clean[at + channel]! * exposure + noise;
      rgb[at + channel] = Math.min(Math.max(Math.round(value), 0), 255);
    }
  }
  return rgb;
}
