/** One field of a TIFF or EXIF directory. */
export interface DirectoryField {
  readonly tag: number;
  /** As TIFF 6.0 numbers types: 2 text, 3 short, 4 long, 5 rational … */
  readonly type: number;
  readonly count: number;
  /** Its value, in little-endian order whatever the file's. */
  readonly value: Uint8Array;
}

/** Bytes of one value of each type (TIFF 6.0, section 2; 13 is an offset, of Adobe's note 1). */
const TYPE_BYTES: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];
/** How far the numbers within a value reach, by which their bytes are turned. */
const UNIT_BYTES: readonly number[] = [0, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8, 4];

/** Cameras write some 60. */
const MAX_FIELDS = 512;
/** The most that is read of a directory's fields; EXIF in a JPEG has 64 KiB for them. */
const MAX_VALUE_BYTES = 256 * 1024;

/** What was read of a directory. */
interface Directory {
  readonly fields: readonly DirectoryField[];
  /** Where the next one of the chain is; 0: nowhere. */
  readonly next: number;
}

/**
 * Reads the directories of classic TIFF, which EXIF is as well. It follows no pointer by itself, so
 * what points at itself costs nothing; fields that reach past the bytes are passed over.
 */
export class DirectoryReader {
  readonly #view: DataView;
  readonly #isLittle: boolean;
  #bytesLeft = 0;
  /** Where the first directory is. */
  readonly first: number;

  private constructor(view: DataView, isLittle: boolean) {
    this.#view = view;
    this.#isLittle = isLittle;
    this.first = view.getUint32(4, isLittle);
  }

  /** @returns undefined for what is no classic TIFF. */
  static open(bytes: Uint8Array): DirectoryReader | undefined {
    if (bytes.length < 8) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const order = view.getUint16(0);
    const isLittle = order === 0x4949;
    if (!isLittle && order !== 0x4d4d) return undefined;
    return view.getUint16(2, isLittle) === 42 ? new DirectoryReader(view, isLittle) : undefined;
  }

  /**
   * The directory at an offset; undefined where there can be none.
   *
   * @param only the one tag that is wanted; all of them when left out.
   */
  read(offset: number, only?: number): Directory | undefined {
    this.#bytesLeft = MAX_VALUE_BYTES;
    const { byteLength } = this.#view;
    if (offset < 8 || offset + 2 > byteLength) return undefined;
    const count = this.#view.getUint16(offset, this.#isLittle);
    if (count > MAX_FIELDS) return undefined;
    const fields: DirectoryField[] = [];
    for (let index = 0; index < count; index++) {
      const at = offset + 2 + 12 * index;
      if (at + 12 > byteLength) break;
      if (only !== undefined && this.#view.getUint16(at, this.#isLittle) !== only) continue;
      const field = this.#field(at);
      if (field !== undefined) fields.push(field);
    }
    const end = offset + 2 + 12 * count;
    return { fields, next: end + 4 > byteLength ? 0 : this.#view.getUint32(end, this.#isLittle) };
  }

  #field(at: number): DirectoryField | undefined {
    const view = this.#view;
    const type = view.getUint16(at + 2, this.#isLittle);
    const count = view.getUint32(at + 4, this.#isLittle);
    const bytes = (TYPE_BYTES[type] ?? 0) * count;
    if (bytes === 0 || bytes > this.#bytesLeft) return undefined;
    const from = bytes <= 4 ? at + 8 : view.getUint32(at + 8, this.#isLittle);
    if (from + bytes > view.byteLength) return undefined;
    this.#bytesLeft -= bytes;
    const value = new Uint8Array(view.buffer, view.byteOffset + from, bytes).slice();
    if (!this.#isLittle) turn(value, UNIT_BYTES[type]!);
    return { tag: view.getUint16(at, this.#isLittle), type, count, value };
  }
}

/** The first number of a field of shorts, longs or offsets; undefined for one of another type. */
export function numberOf(field: DirectoryField | undefined): number | undefined {
  if (field === undefined) return undefined;
  const { buffer, byteOffset, byteLength } = field.value;
  const view = new DataView(buffer, byteOffset, byteLength);
  if (field.type === 3) return view.getUint16(0, true);
  return field.type === 4 || field.type === 13 ? view.getUint32(0, true) : undefined;
}

/** The first number of a field of rationals; undefined for one of another type, and for x/0. */
export function ratioOf(field: DirectoryField | undefined): number | undefined {
  if (field?.type !== 5) return undefined;
  const { buffer, byteOffset, byteLength } = field.value;
  const view = new DataView(buffer, byteOffset, byteLength);
  const divisor = view.getUint32(4, true);
  return divisor === 0 ? undefined : view.getUint32(0, true) / divisor;
}

/** Turns the bytes of each number around, in place. */
function turn(value: Uint8Array, unit: number): void {
  for (let at = 0; unit > 1 && at < value.length; at += unit) {
    value.subarray(at, at + unit).reverse();
  }
}
