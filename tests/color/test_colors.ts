import type { Tensor } from "@tensorflow/tfjs";
import type { Engine } from "../../src/engine/engine.ts";

/** Every 5th level of each channel: 140,608 colours. */
export function colorGrid(): number[][] {
  const levels = Array.from({ length: 52 }, (_, i) => 5 * i);
  return levels.flatMap((r) => levels.flatMap((g) => levels.map((b) => [r, g, b])));
}

/** Colours as one row of pixels, uint8 [1, 1, N, 3]. */
export function bytesTensor(engine: Engine, pixels: readonly (readonly number[])[]): Tensor {
  return engine.uint8Tensor(Uint8Array.from(pixels.flat()), [1, 1, pixels.length, 3]);
}
