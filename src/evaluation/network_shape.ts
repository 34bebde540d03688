import { TinctError } from "../errors.ts";

/**
 * How a network takes pictures.
 *
 * @param shape of its input; -1 where any size fits, undefined where it is open.
 * @param path names the file in errors.
 * @returns the side in pixels, undefined where it is open; whether channels come before rows.
 * @throws TinctError `invalid_argument` for another shape.
 */
export function pictureShape(
  shape: readonly number[] | undefined,
  path: string,
): { readonly size: number | undefined; readonly channelsFirst: boolean } {
  if (shape === undefined) return { size: undefined, channelsFirst: false };
  const [, first, , last] = shape;
  const channelsFirst = first === 3 && last !== 3;
  const [height, width] = channelsFirst ? shape.slice(2) : shape.slice(1, 3);
  const isSquare = height === width || height === -1 || width === -1;
  if (shape.length !== 4 || (channelsFirst ? first : last) !== 3 || !isSquare) {
    throw new TinctError(
      "invalid_argument",
      `${path} takes tensors of the shape [${shape}]; it must take [B, H, H, 3] or [B, 3, H, H].`,
    );
  }
  const size = Math.max(height ?? -1, width ?? -1);
  return { size: size > 0 ? size : undefined, channelsFirst };
}

/** @throws TinctError `invalid_argument` where an output is not there, or there are several. */
export function chooseOutput(
  names: readonly string[],
  wanted: string | undefined,
  path: string,
): string {
  const [only] = names;
  const chosen = wanted ?? (names.length === 1 ? only : undefined);
  if (chosen !== undefined && names.includes(chosen)) return chosen;
  throw new TinctError(
    "invalid_argument",
    `${path} gives ${names.join(", ")}: ` +
      (wanted === undefined
        ? "choose one with --inception-output."
        : `there is no output ${wanted}.`),
  );
}
