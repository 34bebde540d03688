import type uPlot from "uplot";

/** Room for names at the ends of lines, and what a letter of longer ones takes, in pixels. */
const NAMES_WIDTH = 84, LETTER_WIDTH = 6.6;

/** A line with its name. */
interface NamedLine {
  readonly short: string;
  /** A custom property, such as "--s1". */
  readonly color: string;
  readonly values: readonly (number | null | undefined)[];
}

/** The value of a custom property, as a canvas needs it. */
export function colorOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Room for the names beside a chart so wide, in pixels. */
export function namesWidth(lines: readonly NamedLine[], width: number): number {
  const longest = Math.max(0, ...lines.map(({ short }) => short.length));
  return Math.max(NAMES_WIDTH, Math.min(0.3 * width, longest * LETTER_WIDTH + 12));
}

/** Writes each line's name at its end. */
export function drawNames(plot: uPlot, lines: readonly NamedLine[]): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.font = `500 ${11 * scale}px "Inter", system-ui, sans-serif`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.strokeStyle = colorOf("--surface");
  ctx.lineWidth = 4 * scale;
  ctx.lineJoin = "round";
  const right = bbox.left + bbox.width;
  const ends = lines.flatMap(({ short, color, values }) => {
    const at = values.findLastIndex((each) => each != null);
    const [x, value] = [plot.data[0][at], values[at]];
    return x === undefined || value == null
      ? []
      : [{ short, color, x: plot.valToPos(x, "x", true), y: plot.valToPos(value, "y", true) }];
  }).toSorted((a, b) => a.y - b.y);
  let above = -Infinity;
  for (const { short, color, x, y } of ends) {
    ctx.fillStyle = colorOf(color);
    // A line that ends far from the edge has its name where it ends.
    const isWithin = x > bbox.left && x + ctx.measureText(short).width < right - 20 * scale;
    const at = isWithin ? y : Math.max(y, above + 13 * scale, bbox.top);
    if (!isWithin) above = at;
    const place = [
      (isWithin ? x : right) + 6 * scale,
      Math.max(bbox.top, Math.min(at, bbox.top + bbox.height)),
    ] as const;
    ctx.strokeText(short, ...place);
    ctx.fillText(short, ...place);
  }
  ctx.restore();
}
