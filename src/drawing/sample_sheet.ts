import type { Image } from "imagescript";
import { drawSvg } from "./draw_svg.ts";
import { Lettering } from "./lettering.ts";
import { photoLibrary } from "../images/photo_library.ts";

/** One row of a sheet: the same scene in every column. */
export interface SheetRow {
  /** One picture a column: RGB bytes, row by row, size * size * 3 of them, all of the same size. */
  pictures: readonly Uint8Array[];
  /** A short text below each picture, such as "24.1 dB"; "" or left out for none. */
  captions?: readonly string[];
  /** A line above the row, and a softer text that goes on after it; left out for none. */
  heading?: string;
  detail?: string;
}

/** What a sample sheet says and how it is laid out. */
interface SheetOptions {
  /** A line above everything. */
  title?: string;
  /** A smaller line below the title. */
  subtitle?: string;
  /** A title for each column; L, colorized and real when left out. */
  columnTitles?: readonly string[];
  /** How many rows stand side by side; as many as make the sheet about as wide as tall when left out. */
  groups?: number;
  /** Rows beyond this many are left out; 24 when left out. */
  maxRows?: number;
  /** How much larger than life pictures are shown, an integer; enough for about 160 pixels when left out. */
  zoom?: number;
}

/** A sheet, and where its pictures are, in pixels. */
export interface DrawnSheet {
  readonly png: Uint8Array;
  /** Width and height of a picture. */
  readonly tile: number;
  /** From the left edge of a picture to that of the next one in its row. */
  readonly pitch: number;
  /** Of each row's first picture, in the order of the rows. */
  readonly places: readonly { readonly left: number; readonly top: number }[];
}

/** A title or caption and where it goes. */
interface Label {
  text: string;
  x: number; // of its left edge, or of its middle
  y: number;
  size: number;
  width: number; // that it must fit into
  color: string;
  bold: boolean;
  centered: boolean;
}

const margin = 28, gap = 6, groupGap = 26;
const titleSize = 22, subtitleSize = 14, headingSize = 15, captionSize = 13;
const ink = "#1d1d1f", softInk = "#6b6b70";

/**
 * The most pixels of a sheet, give or take its titles. It is drawn at four bytes a pixel; sharp takes
 * 268 million.
 */
const MAX_SHEET_PIXELS = 50_000_000;

/** Labels are drawn on so many lines at a time. */
const BAND = 1024;

/**
 * Puts pictures side by side on a white sheet with titles and captions: what a network saw, what it
 * made of it and what was there. Pictures are pasted as they are, pixel for pixel where `zoom` is 1;
 * where the sheet would have more than 50 million pixels, they are shown smaller.
 *
 * @param rows at least one; all pictures square and of one size.
 * @returns the sheet as a PNG file.
 * @throws {RangeError} if there is no row, a row has another number of pictures than there are columns,
 *   or a picture is not square or of another size than the first.
 */
export async function composeSampleSheet(
  rows: readonly SheetRow[],
  options: SheetOptions = {},
): Promise<Uint8Array> {
  return (await drawSampleSheet(rows, options)).png;
}

/** The same sheet, with the places of its pictures. @throws {RangeError} as `composeSampleSheet`. */
export async function drawSampleSheet(
  rows: readonly SheetRow[],
  {
    title = "",
    subtitle = "",
    columnTitles = ["L", "colorized", "real"],
    groups,
    maxRows = 24,
    zoom,
  }: SheetOptions = {},
): Promise<DrawnSheet> {
  const size = sizeOf(rows, columnTitles.length);
  checkCount("groups", groups);
  checkCount("maxRows", maxRows);
  checkCount("zoom", zoom);
  const shown = rows.slice(0, maxRows);
  const scale = zoom ?? Math.max(1, Math.round(160 / size));
  const captions = shown.some((row) => row.captions?.some((caption) => caption !== ""));
  const rowTop = shown.some((row) => row.heading !== undefined) ? headingSize + 13 : 0;
  const layOut = (tile: number) => {
    const rowHeight = rowTop + tile + (captions ? captionSize + 13 : gap);
    const groupWidth = columnTitles.length * (tile + gap) - gap;
    const side = groups ?? squarest(shown.length, groupWidth + groupGap, rowHeight);
    const down = Math.ceil(shown.length / side);
    const used = Math.ceil(shown.length / down);
    const width = 2 * margin + used * (groupWidth + groupGap) - groupGap;
    return { tile, rowHeight, groupWidth, down, used, width };
  };
  let layout = layOut(size * scale);
  for (let pixels; (pixels = layout.width * layout.down * layout.rowHeight) > MAX_SHEET_PIXELS;) {
    if (layout.tile === 1) break;
    const smaller = Math.floor(layout.tile * Math.sqrt(MAX_SHEET_PIXELS / pixels));
    layout = layOut(Math.max(1, Math.min(smaller, layout.tile - 1)));
  }
  const { tile, rowHeight, groupWidth, down, used, width } = layout;

  const labels: Label[] = [];
  let top = margin;
  for (
    const [text, em, color] of [[title, titleSize, ink], [subtitle, subtitleSize, softInk]] as const
  ) {
    if (text === "") continue;
    top += em;
    const bold = em === titleSize;
    labels.push({
      text,
      x: margin,
      y: top,
      size: em,
      width: width - 2 * margin,
      color,
      bold,
      centered: false,
    });
    top += em === titleSize ? 10 : 8;
  }
  if (top > margin) top += 12;
  const headings = columnTitles.some((text) => text !== "");
  const pictureTop = top + (headings ? headingSize + 8 : 0);
  const height = pictureTop + down * rowHeight - (captions ? 4 : gap) + margin;

  const { Image } = await import("imagescript"); // loads a native module, so only when it is needed
  const sheet = new Image(width, height);
  sheet.fill(0xffffffff);
  const lettering = await Lettering.load();
  const places: { left: number; top: number }[] = [];
  for (let group = 0; group < used; group++) {
    const left = margin + group * (groupWidth + groupGap);
    const rowsHere = shown.slice(group * down, (group + 1) * down);
    for (const [index, { heading = "", detail = "" }] of rowsHere.entries()) {
      places.push({ left, top: pictureTop + index * rowHeight + rowTop });
      const y = pictureTop + index * rowHeight + headingSize + 3;
      const start = lettering.width(heading, headingSize, true) + (heading === "" ? 0 : 10);
      const line = { y, width: groupWidth, centered: false };
      labels.push(
        { ...line, text: heading, x: left, size: headingSize, color: ink, bold: true },
        {
          ...line,
          text: detail,
          x: left + start,
          width: groupWidth - start,
          size: captionSize,
          color: softInk,
          bold: false,
        },
      );
    }
    for (const [column, text] of columnTitles.entries()) {
      const x = left + column * (tile + gap);
      const y = top + headingSize - 3;
      labels.push({
        text,
        x,
        y,
        size: headingSize,
        width: tile,
        color: ink,
        bold: true,
        centered: true,
      });
      for (const [index, row] of rowsHere.entries()) {
        const pictureY = pictureTop + index * rowHeight + rowTop;
        const picture = await resize(row.pictures[column] ?? new Uint8Array(), size, tile);
        sheet.composite(asImage(new Image(tile, tile), picture), x, pictureY);
        labels.push({
          text: row.captions?.[column] ?? "",
          x,
          y: pictureY + tile + captionSize + 2,
          size: captionSize,
          width: tile,
          color: softInk,
          bold: false,
          centered: true,
        });
      }
    }
  }
  for (let top = 0; top < height; top += BAND) {
    const band = new Image(width, Math.min(BAND, height - top));
    const { height: bandHeight } = band;
    const within = labels.filter(({ y, size }) => y + size > top && y - size < top + bandHeight);
    band.bitmap.set(await drawLabels(lettering, within, { top, width, height: bandHeight }));
    sheet.composite(band, 0, top);
  }
  // Not with imagescript's encoder: it writes alpha and filters no rows, which takes three times as long.
  const png = await photoLibrary()(sheet.bitmap, { raw: { width, height, channels: 4 } })
    .removeAlpha().png({ compressionLevel: 4, adaptiveFiltering: true }).toBuffer();
  return { png, tile, pitch: tile + gap, places };
}

/**
 * A picture of a large sheet, as small as it will be shown at most: many large ones need not be held
 * until all are there.
 *
 * @param rgb size * size * 3 bytes; returned as it is where the sheet has room for it.
 */
export async function fitTile(
  rgb: Uint8Array,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): Promise<Uint8Array> {
  const size = Math.round(Math.sqrt(rgb.length / 3));
  const most = Math.max(1, Math.floor(Math.sqrt(MAX_SHEET_PIXELS / (columns * rows))));
  return await resize(rgb, size, Math.min(size, most));
}

/** The side of the pictures, in pixels, once everything about them is found to be right. */
function sizeOf(rows: readonly SheetRow[], columns: number): number {
  const first = rows[0]?.pictures[0];
  if (first === undefined) {
    throw new RangeError("A sample sheet needs at least one row of pictures.");
  }
  const size = Math.round(Math.sqrt(first.length / 3));
  for (const [index, { pictures }] of rows.entries()) {
    if (pictures.length !== columns) {
      throw new RangeError(
        `Row ${index} has ${pictures.length} pictures, but there are ${columns} column titles.`,
      );
    }
    for (const { length } of pictures) {
      if (length === size * size * 3 && size > 0) continue;
      throw new RangeError(
        `A picture in row ${index} has ${length} bytes, not the ${
          size * size * 3
        } of ${size}x${size} RGB.`,
      );
    }
  }
  return size;
}

function checkCount(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return;
  throw new RangeError(`${name} is an integer from 1, not ${value}.`);
}

/** How many groups side by side bring the sheet nearest to 4:3. */
function squarest(rows: number, groupWidth: number, rowHeight: number): number {
  let best = 1, bestOff = Infinity;
  for (let side = 1; side <= rows; side++) {
    const aspect = side * groupWidth / (Math.ceil(rows / side) * rowHeight) / (4 / 3);
    const off = Math.max(aspect, 1 / aspect);
    if (off < bestOff) [best, bestOff] = [side, off];
  }
  return best;
}

/** RGB bytes of another side: smoothly, so that one looks at the scene and not at its pixels. */
async function resize(rgb: Uint8Array, size: number, side: number): Promise<Uint8Array> {
  if (side === size) return rgb;
  return await photoLibrary()(rgb, { raw: { width: size, height: size, channels: 3 } })
    .resize(side, side, { kernel: "cubic" }).raw().toBuffer();
}

/** Copies RGB bytes into an image of the same size, opaque. */
function asImage(image: Image, rgb: Uint8Array): Image {
  const { bitmap } = image;
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    bitmap[to] = rgb[from] ?? 0;
    bitmap[to + 1] = rgb[from + 1] ?? 0;
    bitmap[to + 2] = rgb[from + 2] ?? 0;
    bitmap[to + 3] = 255;
  }
  return image;
}

/**
 * Labels on a transparent band of the sheet, RGBA. imagescript's own renderText() needs a function that Deno
 * has no more.
 */
async function drawLabels(
  lettering: Lettering,
  labels: readonly Label[],
  { top, width, height }: { readonly top: number; readonly width: number; readonly height: number },
): Promise<Uint8Array> {
  const paths = labels.map(({ text, x, y, size, width, color, bold, centered }) => {
    const fitted = lettering.fit(text, width, size, bold);
    const anchor = centered ? "middle" : "start";
    return lettering.svg(fitted, { x: centered ? x + width / 2 : x, y, size, anchor, bold, color });
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 ${top} ${width} ${height}">${paths.join("")}</svg>`;
  return (await drawSvg(svg)).rgba;
}
