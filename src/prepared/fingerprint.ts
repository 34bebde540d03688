/** Cells along a side of the grid that a picture is averaged to. */
const GRID = 9;

/** Differences between neighbours: 9 rows of 8 from left to right, and 8 rows of 9 downwards. */
export const FINGERPRINT_BITS = 2 * GRID * (GRID - 1);

const BIT_BYTES = FINGERPRINT_BITS / 8;

/** 18 bytes of differences and 12 of mean colours: red, green and blue of each quarter. */
export const FINGERPRINT_BYTES = BIT_BYTES + 12;

/** In levels of 255: what noise and recompression may change in the mean of a cell. */
const LEAST_DIFFERENCE = 1;

/** So many pixels of a cell are looked at along each side at most. */
const MAX_SAMPLES = 16;

/**
 * A picture's fingerprint, by which copies are known that were scaled, recompressed or slightly
 * changed: a difference hash (dHash: N. Krawetz, "Kind of Like That", 2013) in both directions, of 144
 * bits, and the mean colours of the picture's quarters, which tell apart what has no differences. It
 * does not know a picture again that was mirrored, turned or cropped.
 *
 * A bit says whether a cell of a 9 x 9 grid is brighter than the one before by more than a level, so
 * that the bits of a flat sky are the same in every copy.
 *
 * @param rgb [size, size, 3]; a photo squashed to a square, as for training.
 * @returns `FINGERPRINT_BYTES` bytes.
 */
export function fingerprintOf(rgb: Uint8Array, size: number): Uint8Array {
  if (rgb.length !== size * size * 3) {
    throw new RangeError(
      `A picture of side ${size} has ${size * size * 3} bytes, not ${rgb.length}.`,
    );
  }
  const cells = averageCells(rgb, size);
  const luma = new Float64Array(GRID * GRID);
  for (let cell = 0; cell < luma.length; cell++) {
    const [red, green, blue] = cells.subarray(3 * cell, 3 * cell + 3);
    luma[cell] = 0.299 * red! + 0.587 * green! + 0.114 * blue!; // ITU-R BT.601
  }
  const fingerprint = new Uint8Array(FINGERPRINT_BYTES);
  let bit = 0;
  const add = (before: number, after: number) => {
    if (luma[after]! - luma[before]! > LEAST_DIFFERENCE) fingerprint[bit >> 3]! |= 1 << (bit & 7);
    bit++;
  };
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      const cell = row * GRID + column;
      if (column > 0) add(cell - 1, cell);
      if (row > 0) add(cell - GRID, cell);
    }
  }
  fingerprint.set(quarterColors(cells), BIT_BYTES);
  return fingerprint;
}

/** Mean red, green and blue of each cell, row by row: [GRID * GRID, 3]. */
function averageCells(rgb: Uint8Array, size: number): Float64Array {
  const cells = new Float64Array(GRID * GRID * 3);
  const starts = Array.from({ length: GRID + 1 }, (_, i) => Math.floor(i * size / GRID));
  for (let row = 0; row < GRID; row++) {
    const [top, bottom] = cellOf(starts, row, size);
    for (let column = 0; column < GRID; column++) {
      const [left, right] = cellOf(starts, column, size);
      const stepX = Math.max(1, Math.floor((right - left) / MAX_SAMPLES));
      const stepY = Math.max(1, Math.floor((bottom - top) / MAX_SAMPLES));
      let red = 0, green = 0, blue = 0, count = 0;
      for (let y = top; y < bottom; y += stepY) {
        for (let x = left; x < right; x += stepX) {
          const at = 3 * (y * size + x);
          red += rgb[at]!;
          green += rgb[at + 1]!;
          blue += rgb[at + 2]!;
          count++;
        }
      }
      cells.set([red / count, green / count, blue / count], 3 * (row * GRID + column));
    }
  }
  return cells;
}

/** From which pixel to which; at least one, also where a picture has fewer pixels than cells. */
function cellOf(starts: readonly number[], index: number, size: number): [number, number] {
  const start = Math.min(starts[index]!, size - 1);
  return [start, Math.max(start + 1, starts[index + 1]!)];
}

/** Mean red, green and blue of the quarters, which share the middle row and column: 12 bytes. */
function quarterColors(cells: Float64Array): number[] {
  const middle = (GRID - 1) / 2;
  const colors: number[] = [];
  for (const [top, left] of [[0, 0], [0, middle], [middle, 0], [middle, middle]] as const) {
    for (let channel = 0; channel < 3; channel++) {
      let sum = 0;
      for (let row = top; row <= top + middle; row++) {
        for (let column = left; column <= left + middle; column++) {
          sum += cells[3 * (row * GRID + column) + channel]!;
        }
      }
      colors.push(Math.round(sum / (middle + 1) ** 2));
    }
  }
  return colors;
}
