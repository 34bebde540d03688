import { formatTicks, linearScale, logScale, positionOn, type Scale } from "./chart_scale.ts";
import { drawPng } from "./draw_svg.ts";
import { Lettering } from "./lettering.ts";

/** One axis of the picture. */
export interface ParallelAxis {
  readonly name: string;
  /** Whether numbers stand by their logarithm; all are then above 0. */
  readonly logarithmic?: boolean;
}

/** One line of the picture. */
export interface ParallelLine {
  /** A number or a word for each axis; undefined: the line ends before it. */
  readonly values: readonly (number | string | undefined)[];
  /** From 0, the worst, to 1, the best; undefined: not measured, drawn in gray. */
  readonly score: number | undefined;
}

/** Dark to bright, evenly for the eye: viridis (van der Walt and Smith, 2015) at nine places. */
const viridis = "440154 472d7b 3b528b 2c728e 21918c 28ae80 5ec962 addc30 fde725".split(" ");
const ink = "#1d1d1f", softInk = "#6b6b70", gridInk = "#c9c9cf", missingInk = "#c9c9cf";
const labelSize = 12;
const margin = { left: 90, right: 90, top: 78, bottom: 42 };

/**
 * Draws lines over parallel axes (Inselberg, 1985), one axis an option and the last one the measure:
 * what good choices have in common shows as a bundle.
 *
 * @param axes at least two, from left to right.
 * @param lines the best are drawn last, on top, and the very best is drawn strong.
 * @returns a PNG file.
 * @throws {RangeError} if there are fewer than two axes, or a line has another number of values.
 */
export async function parallelCoordinates(
  axes: readonly ParallelAxis[],
  lines: readonly ParallelLine[],
  { title = "", width = 1200, height = 520 }: { title?: string; width?: number; height?: number } =
    {},
): Promise<Uint8Array> {
  if (axes.length < 2) throw new RangeError("Parallel coordinates need at least two axes.");
  if (lines.some(({ values }) => values.length !== axes.length)) {
    throw new RangeError(`Every line has ${axes.length} values, one an axis.`);
  }
  const lettering = await Lettering.load();
  const plotHeight = height - margin.top - margin.bottom;
  const gap = (width - margin.left - margin.right) / (axes.length - 1);
  const drawn = axes.map((axis, index) =>
    new DrawnAxis(axis, lines.map(({ values }) => values[index]), {
      x: margin.left + index * gap,
      top: margin.top,
      height: plotHeight,
    })
  );
  const parts = [`<rect width="${width}" height="${height}" fill="#fff"/>`];
  if (title !== "") {
    const fitted = lettering.fit(title, width - 36, 18, true);
    parts.push(lettering.svg(fitted, { x: 18, y: 32, size: 18, bold: true, color: ink }));
  }
  const order = lines.toSorted((a, b) => (a.score ?? -1) - (b.score ?? -1));
  for (const line of order) parts.push(drawLine(line, drawn, line === order.at(-1)));
  for (const axis of drawn) parts.push(axis.svg(lettering, gap));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `${parts.join("")}</svg>`;
  return await drawPng(svg);
}

/** Where an axis stands. */
interface Place {
  readonly x: number;
  readonly top: number;
  readonly height: number;
}

/** An axis with its scale: numbers where all values are numbers, else the words one above the other. */
class DrawnAxis {
  readonly #axis: ParallelAxis;
  readonly #place: Place;
  readonly #scale: Scale | undefined;
  readonly #words: readonly string[];

  constructor(axis: ParallelAxis, values: readonly (number | string | undefined)[], place: Place) {
    this.#axis = axis;
    this.#place = place;
    const numbers = values.filter((value) => typeof value === "number");
    const words = values.filter((value) => typeof value === "string");
    this.#words = [...new Set(words)].sort();
    if (words.length > 0 || numbers.length === 0) return;
    const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
    this.#scale = axis.logarithmic && min > 0 ? logScale(min, max) : linearScale(min, max, 6);
  }

  /** Where a value stands, as "x,y". */
  point(value: number | string): string {
    const { x, top, height } = this.#place;
    return `${x.toFixed(1)},${(top + height * (1 - this.#position(value))).toFixed(1)}`;
  }

  svg(lettering: Lettering, gap: number): string {
    const { x, top, height } = this.#place;
    const parts = [
      `<path d="M${x} ${top}V${top + height}" stroke="${gridInk}" stroke-width="1.5"/>`,
    ];
    const name = lettering.fit(this.#axis.name, gap - 8, 13, true);
    parts.push(
      lettering.svg(name, { x, y: top - 16, size: 13, bold: true, anchor: "middle", color: ink }),
    );
    const marks: [value: number | string, label: string][] = this.#scale === undefined
      ? this.#words.map((word) => [word, word])
      : formatTicks(this.#scale).map((label, index) => [this.#scale?.ticks[index] ?? 0, label]);
    for (const [value, label] of marks) {
      const y = top + height * (1 - this.#position(value));
      const text = lettering.fit(label, gap - 16, labelSize);
      parts.push(`<path d="M${x - 4} ${y}H${x}" stroke="${softInk}" stroke-width="1"/>`);
      const wide = lettering.width(text, labelSize) + 4;
      // Lines pass under the text, not through it.
      const place = `x="${x - 9 - wide + 4}" y="${y - 8}" width="${wide}" height="16"`;
      parts.push(`<rect ${place} rx="3" fill="#fff" fill-opacity="0.85"/>`);
      parts.push(
        lettering.svg(text, { x: x - 7, y: y + 4, size: labelSize, anchor: "end", color: ink }),
      );
    }
    return parts.join("");
  }

  #position(value: number | string): number {
    if (this.#scale !== undefined) return positionOn(this.#scale, Number(value));
    return (this.#words.indexOf(String(value)) + 0.5) / Math.max(1, this.#words.length);
  }
}

function drawLine(
  { values, score }: ParallelLine,
  axes: readonly DrawnAxis[],
  isBest: boolean,
): string {
  const points: string[] = [];
  for (const [index, axis] of axes.entries()) {
    const value = values[index];
    if (value === undefined) break;
    points.push(axis.point(value));
  }
  const color = score === undefined ? missingInk : viridisAt(score);
  const strong = isBest && score !== undefined;
  return `<polyline points="${points.join(" ")}" fill="none" stroke="${color}" ` +
    `stroke-width="${strong ? 4 : 1.8}" stroke-opacity="${strong ? 1 : 0.75}" ` +
    `stroke-linejoin="round"/>`;
}

/** A colour of viridis; its brightest part is left out, as it is hard to see on white. */
function viridisAt(share: number): string {
  const at = share * (viridis.length - 2);
  const index = Math.min(viridis.length - 3, Math.floor(at));
  const channels = [0, 2, 4].map((offset) => {
    const of = (i: number) => Number.parseInt((viridis[i] ?? "").slice(offset, offset + 2), 16);
    return Math.round(of(index) + (at - index) * (of(index + 1) - of(index)));
  });
  return `rgb(${channels.join(",")})`;
}
