/** Means over squares of 2 reach + 1 pixels; beyond the edges its pixels repeat. [size, size]. */
export function boxBlur(values: Float32Array, size: number, reach: number): Float32Array {
  return blurRows(blurRows(values, size, reach), size, reach); // each turns it, so both axes are done
}

/** Blurs along rows and gives back the columns as rows. */
function blurRows(values: Float32Array, size: number, reach: number): Float32Array {
  const result = new Float32Array(values.length);
  const last = size - 1;
  const part = 1 / (2 * reach + 1);
  for (let y = 0; y < size; y++) {
    const row = y * size;
    let sum = values[row]! * (reach + 1);
    for (let x = 1; x <= reach; x++) sum += values[row + (x < last ? x : last)]!;
    for (let x = 0; x < size; x++) {
      result[x * size + y] = sum * part;
      const ahead = x + reach + 1;
      const behind = x - reach;
      sum += values[row + (ahead < last ? ahead : last)]! -
        values[row + (behind > 0 ? behind : 0)]!;
    }
  }
  return result;
}
