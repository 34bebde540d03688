import { readFile } from "node:fs/promises";
import { type Contour, TrueTypeFont } from "./truetype.ts";

/** Where and how a line of text is set. Lengths are in pixels. */
interface TextStyle {
  /** Where the text's anchor is. */
  x: number;
  /** The line that the letters stand on. */
  y: number;
  /** The em; capital letters are 0.73 of it tall. */
  size: number;
  /** Which part of the text is at x; "start" when left out. */
  anchor?: "start" | "middle" | "end";
  /** Heavier strokes, for titles. */
  bold?: boolean;
  /** An SVG colour; nearly black when left out. */
  color?: string;
  /** Turned to run upwards, as along a vertical axis. */
  upwards?: boolean;
}

const files = {
  regular: "@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf",
  bold: "@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf",
};

let loaded: Promise<Lettering> | undefined;

/**
 * Sets text as outlines for SVG, in the typeface Inter (SIL Open Font License), which comes as a
 * package: so pictures have the same labels on every machine, also on one without any fonts.
 */
export class Lettering {
  readonly #regular: TrueTypeFont;
  readonly #bold: TrueTypeFont;

  private constructor(regular: TrueTypeFont, bold: TrueTypeFont) {
    this.#regular = regular;
    this.#bold = bold;
  }

  /** Reads the fonts, at the first call only. */
  static load(): Promise<Lettering> {
    loaded ??= Promise.all([readFont(files.regular), readFont(files.bold)])
      .then(([regular, bold]) => new Lettering(regular, bold));
    return loaded;
  }

  /** How wide a line of text is, in pixels, at an em of `size` pixels. */
  width(text: string, size: number, bold = false): number {
    const font = bold ? this.#bold : this.#regular;
    let units = 0;
    for (const codePoint of codePointsOf(text)) units += font.glyph(codePoint).advance;
    return units * size / font.unitsPerEm;
  }

  /** The text, or as much of its beginning as fits into `width` pixels with an ellipsis. */
  fit(text: string, width: number, size: number, bold = false): string {
    if (this.width(text, size, bold) <= width) return text;
    const characters = [...text];
    while (characters.length > 0) {
      characters.pop();
      const shorter = `${characters.join("").trimEnd()}…`;
      if (this.width(shorter, size, bold) <= width) return shorter;
    }
    return "";
  }

  /** A line of text as an SVG `path` element. Characters that the font lacks become boxes. */
  svg(text: string, style: TextStyle): string {
    const { x, y, size, anchor = "start", bold = false, color = "#1d1d1f", upwards = false } =
      style;
    const font = bold ? this.#bold : this.#regular;
    const scale = size / font.unitsPerEm;
    const width = this.width(text, size, bold);
    let pen = anchor === "start" ? 0 : anchor === "middle" ? -width / 2 : -width;
    let path = "";
    for (const codePoint of codePointsOf(text)) {
      const glyph = font.glyph(codePoint);
      for (const contour of glyph.contours) path += outline(contour, scale, pen);
      pen += glyph.advance * scale;
    }
    const turn = upwards ? " rotate(-90)" : "";
    return `<path transform="translate(${x.toFixed(2)} ${y.toFixed(2)})${turn}" ` +
      `fill="${color}" d="${path}"/>`;
  }
}

async function readFont(specifier: string): Promise<TrueTypeFont> {
  return new TrueTypeFont(await readFile(new URL(import.meta.resolve(specifier))));
}

/** The characters of one line: line breaks and tabs become spaces. */
function codePointsOf(text: string): number[] {
  return [...text.replace(/\s/g, " ")].map((character) => character.codePointAt(0) ?? 0);
}

/** A contour as SVG path data: scaled, moved right by `pen`, y turned downwards. */
function outline(contour: Contour, scale: number, pen: number): string {
  const at = (x: number, y: number) => `${(pen + x * scale).toFixed(2)} ${(-y * scale).toFixed(2)}`;
  const first = contour[0], last = contour.at(-1);
  if (first === undefined || last === undefined) return "";
  // A contour may begin off its line: then it begins halfway to its last point.
  const start = first.onLine
    ? first
    : last.onLine
    ? last
    : { x: (first.x + last.x) / 2, y: (first.y + last.y) / 2 };
  let path = `M${at(start.x, start.y)}`;
  let control: { x: number; y: number } | undefined = first.onLine ? undefined : first;
  for (const point of contour.slice(1)) {
    if (point.onLine) {
      path += control === undefined
        ? `L${at(point.x, point.y)}`
        : `Q${at(control.x, control.y)} ${at(point.x, point.y)}`;
      control = undefined;
      continue;
    }
    if (control !== undefined) {
      const middle = at((control.x + point.x) / 2, (control.y + point.y) / 2);
      path += `Q${at(control.x, control.y)} ${middle}`;
    }
    control = point;
  }
  if (control !== undefined) path += `Q${at(control.x, control.y)} ${at(start.x, start.y)}`;
  return `${path}Z`;
}
