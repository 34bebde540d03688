import { Canvas } from "./canvas.ts";
import { compositions } from "./compositions.ts";
import { Random } from "./random.ts";

/** Which scenes these are: one more whenever an index and seed begin to give another picture. */
export const scenesVersion = 1;

/** Which scenes, and how large. */
interface SceneOptions {
  /** Names a whole set of scenes: another seed gives other ones. An integer; 0 when left out. */
  seed?: number;
  /** Pixels along a side, 8 to 2048; 96 when left out. */
  size?: number;
}

/**
 * Paints one little scene: sky and sea, meadows, mountains, houses, flowers, fruit on a table. Its
 * colours follow from what is seen in it, as in photos: a kind of thing has one colour, whatever chance
 * placed it where. So a network can learn to colorize them from lightness alone, and be judged on
 * scenes that it has never seen.
 *
 * The same index, seed and size give the same bytes, on every machine.
 *
 * @param index which scene of the set, an integer from 0; there are as many as one likes.
 * @returns RGB, size * size * 3 bytes, row by row; the caller's own.
 * @throws {RangeError} for an index, seed or size that is no integer or out of range.
 */
export function renderScene(
  index: number,
  { seed = 0, size = 96 }: SceneOptions = {},
): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new RangeError(`The index of a scene is an integer from 0, not ${index}.`);
  }
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`The seed of the scenes is an integer, not ${seed}.`);
  }
  if (!Number.isSafeInteger(size) || size < 8 || size > 2048) {
    throw new RangeError(`The size of a scene is 8 to 2048 pixels, not ${size}.`);
  }
  const random = new Random(seed, index);
  const canvas = new Canvas(size);
  random.pick(compositions)(canvas, random);
  return canvas.toBytes();
}
