/** A glyph: how far it moves the pen, and its outline, both in font units with y upwards. */
interface Glyph {
  advance: number;
  contours: readonly Contour[];
}

/** A closed line of points; between two that are off the line lies an unwritten one on it. */
export type Contour = readonly OutlinePoint[];

/** A point of an outline: on the line, or the control point of a quadratic Bézier curve. */
interface OutlinePoint {
  x: number;
  y: number;
  onLine: boolean;
}

/** How a part of a composed glyph is placed: (x, y) goes to (xx x + yx y + dx, xy x + yy y + dy). */
interface Placement {
  xx: number;
  xy: number;
  yx: number;
  yy: number;
  dx: number;
  dy: number;
}

/**
 * Reads glyph outlines from a TrueType font (the OpenType specification's `glyf` flavour, characters of
 * the Basic Multilingual Plane). Kerning and hinting are left out: labels do well without.
 */
export class TrueTypeFont {
  /** Font units to the em, the size that letters are set in. */
  readonly unitsPerEm: number;
  readonly #view: DataView;
  readonly #tables = new Map<string, number>(); // offset of each table
  readonly #glyphs = new Map<number, Glyph>(); // by character
  readonly #segments: number; // offset of cmap's format 4
  readonly #longOffsets: boolean;
  readonly #metricsCount: number;

  /**
   * @param bytes the whole font file; kept, not copied.
   * @throws {TypeError} if it is no TrueType font with a Unicode character map.
   */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.byteLength < 12 || view.getUint32(0) !== 0x00010000) {
      throw new TypeError("These bytes are no TrueType font.");
    }
    this.#view = view;
    for (let i = 0; i < view.getUint16(4); i++) {
      const record = 12 + i * 16;
      const tag = String.fromCharCode(...bytes.subarray(record, record + 4));
      this.#tables.set(tag, view.getUint32(record + 8));
    }
    const head = this.#table("head");
    this.unitsPerEm = view.getUint16(head + 18);
    this.#longOffsets = view.getInt16(head + 50) === 1;
    this.#metricsCount = view.getUint16(this.#table("hhea") + 34);
    this.#segments = this.#findSegments();
  }

  /** The glyph of a character, by its code point; a box where the font has none. */
  glyph(codePoint: number): Glyph {
    let glyph = this.#glyphs.get(codePoint);
    if (glyph === undefined) {
      const index = this.#glyphIndex(codePoint);
      glyph = { advance: this.#advance(index), contours: this.#contours(index, 0) };
      this.#glyphs.set(codePoint, glyph);
    }
    return glyph;
  }

  #table(tag: string): number {
    const offset = this.#tables.get(tag);
    if (offset === undefined) throw new TypeError(`This font has no table "${tag}".`);
    return offset;
  }

  /** Finds the character map for Windows' Unicode (platform 3, encoding 1), which is in format 4. */
  #findSegments(): number {
    const view = this.#view, cmap = this.#table("cmap");
    for (let i = 0; i < view.getUint16(cmap + 2); i++) {
      const record = cmap + 4 + i * 8;
      if (view.getUint16(record) !== 3 || view.getUint16(record + 2) !== 1) continue;
      const map = cmap + view.getUint32(record + 4);
      if (view.getUint16(map) === 4) return map;
    }
    throw new TypeError("This font has no Unicode character map in format 4.");
  }

  #glyphIndex(codePoint: number): number {
    const view = this.#view, map = this.#segments;
    const twice = view.getUint16(map + 6); // twice the number of segments
    for (let i = 0; i < twice; i += 2) {
      if (codePoint > view.getUint16(map + 14 + i)) continue;
      const start = view.getUint16(map + 16 + twice + i);
      if (codePoint < start) return 0;
      const delta = view.getUint16(map + 16 + 2 * twice + i);
      const rangeAt = map + 16 + 3 * twice + i, range = view.getUint16(rangeAt);
      if (range === 0) return (codePoint + delta) & 0xffff;
      const index = view.getUint16(rangeAt + range + 2 * (codePoint - start));
      return index === 0 ? 0 : (index + delta) & 0xffff;
    }
    return 0;
  }

  #advance(index: number): number {
    const entry = Math.min(index, this.#metricsCount - 1);
    return this.#view.getUint16(this.#table("hmtx") + entry * 4);
  }

  #contours(index: number, depth: number): Contour[] {
    const view = this.#view, loca = this.#table("loca");
    const offset = (i: number) =>
      this.#longOffsets ? view.getUint32(loca + i * 4) : view.getUint16(loca + i * 2) * 2;
    if (offset(index) === offset(index + 1) || depth > 8) return [];
    const at = this.#table("glyf") + offset(index);
    const count = view.getInt16(at);
    return count < 0 ? this.#composed(at + 10, depth) : this.#simple(at + 10, count);
  }

  #simple(at: number, count: number): Contour[] {
    const view = this.#view;
    const ends = Array.from({ length: count }, (_, i) => view.getUint16(at + i * 2));
    const total = (ends.at(-1) ?? -1) + 1;
    let cursor = at + count * 2 + 2 + view.getUint16(at + count * 2);
    const flags: number[] = [];
    while (flags.length < total) {
      const flag = view.getUint8(cursor++);
      const repeats = flag & 8 ? view.getUint8(cursor++) : 0;
      for (let i = 0; i <= repeats; i++) flags.push(flag);
    }
    const coordinates = (short: number, same: number): number[] => {
      let value = 0;
      return flags.map((flag) => {
        if (flag & short) value += flag & same ? view.getUint8(cursor++) : -view.getUint8(cursor++);
        else if (!(flag & same)) {
          value += view.getInt16(cursor);
          cursor += 2;
        }
        return value;
      });
    };
    const xs = coordinates(2, 16), ys = coordinates(4, 32);
    const points = flags.map((flag, i) => ({
      x: xs[i] ?? 0,
      y: ys[i] ?? 0,
      onLine: (flag & 1) === 1,
    }));
    return ends.map((end, i) => points.slice(i === 0 ? 0 : (ends[i - 1] ?? 0) + 1, end + 1));
  }

  /** A glyph made of others, such as a letter and its accent. */
  #composed(at: number, depth: number): Contour[] {
    const view = this.#view, contours: Contour[] = [];
    for (let more = true; more;) {
      const flags = view.getUint16(at), index = view.getUint16(at + 2);
      const words = (flags & 1) !== 0;
      const place: Placement = { xx: 1, xy: 0, yx: 0, yy: 1, dx: 0, dy: 0 };
      if (flags & 2) {
        place.dx = words ? view.getInt16(at + 4) : view.getInt8(at + 4);
        place.dy = words ? view.getInt16(at + 6) : view.getInt8(at + 5);
      }
      at += words ? 8 : 6;
      const fraction = () => (at += 2, view.getInt16(at - 2) / 16384);
      if (flags & 0x08) place.xx = place.yy = fraction();
      else if (flags & 0x40) [place.xx, place.yy] = [fraction(), fraction()];
      else if (flags & 0x80) {
        [place.xx, place.xy, place.yx, place.yy] = [fraction(), fraction(), fraction(), fraction()];
      }
      for (const contour of this.#contours(index, depth + 1)) {
        contours.push(contour.map((point) => placed(point, place)));
      }
      more = (flags & 0x20) !== 0;
    }
    return contours;
  }
}

function placed({ x, y, onLine }: OutlinePoint, by: Placement): OutlinePoint {
  return { x: by.xx * x + by.yx * y + by.dx, y: by.xy * x + by.yy * y + by.dy, onLine };
}
