import { type Bin, binPoints, type Point, smoothed } from "./chart_bins.ts";
import {
  formatTicks,
  linearScale,
  logScale,
  positionOn,
  type Scale,
  stepScale,
} from "./chart_scale.ts";
import { drawPng } from "./draw_svg.ts";
import { Lettering } from "./lettering.ts";

/** One curve of a chart. */
export interface Series {
  /** What is measured, such as "loss_G_GAN"; the legend's text. */
  name: string;
  /** Its values over the training steps; a value that is not finite leaves a gap. */
  points: readonly Point[];
  /**
   * The panel it is drawn in. When left out, losses go by their names: "loss_D…" into "Discriminator",
   * "loss_G…" into "Generator", everything else into a panel named as itself.
   */
  panel?: string;
}

/** How a chart looks. */
interface ChartOptions {
  /** A line above all panels. */
  title?: string;
  /** Pixels, 200 to 8000; 1200 when left out. */
  width?: number;
  /** Pixels, 120 to 8000; 420 when left out. */
  height?: number;
  /** Logarithmic axes for losses ("loss_…"); their values of 0 and below then leave gaps. */
  logY?: boolean;
}

/** Blue, vermilion, green, purple, orange, sky blue: Okabe and Ito's, told apart by colour-blind eyes. */
const colors = ["#0072b2", "#d55e00", "#009e73", "#aa4499", "#e69f00", "#56b4e9"] as const;
const ink = "#1d1d1f", softInk = "#6b6b70", gridInk = "#e6e6ea";
const labelSize = 12;

/** A rectangle of the chart, in pixels. */
interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * Draws training curves: panels side by side, each with its axes, ticks and legend. Long runs are
 * gathered into columns; a faint band then spans their least and greatest value, a faint line is their
 * mean and a strong one the mean of its neighbourhood.
 *
 * @param series curves, at least one; one without points appears in the legend only.
 * @returns a PNG file.
 * @throws {RangeError} if there is no series, or the width or height is out of range.
 */
export async function lossChart(
  series: readonly Series[],
  { title = "", width = 1200, height = 420, logY = false }: ChartOptions = {},
): Promise<Uint8Array> {
  if (series.length === 0) throw new RangeError("A chart needs at least one series.");
  checkPixels("width", width, 200);
  checkPixels("height", height, 120);
  const lettering = await Lettering.load();
  const panels = new Map<string, Series[]>();
  for (const one of series) {
    const panel = one.panel ?? panelOf(one.name);
    panels.set(panel, [...panels.get(panel) ?? [], one]);
  }
  const parts: string[] = [`<rect width="${width}" height="${height}" fill="#fff"/>`];
  let top = 12;
  if (title !== "") {
    top += 20;
    const fitted = lettering.fit(title, width - 36, 18, true);
    parts.push(lettering.svg(fitted, { x: 18, y: top, size: 18, bold: true, color: ink }));
    top += 6;
  }
  // One range of steps for all, so that what happened at the same time stands at the same place.
  const steps = rangeOf(series, ({ step, value }) => Number.isFinite(value) ? step : NaN);
  const each = width / panels.size;
  let index = 0;
  for (const [name, members] of panels) {
    const frame = { left: index++ * each, top, width: each, height: height - top };
    const log = logY && members.every((member) => member.name.startsWith("loss_"));
    parts.push(drawPanel(lettering, frame, name, members, steps, log));
  }
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `${parts.join("")}</svg>`;
  return await drawPng(svg);
}

function checkPixels(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least && value <= 8000) return;
  throw new RangeError(`The ${name} of a chart is ${least} to 8000 pixels, not ${value}.`);
}

function panelOf(name: string): string {
  if (name.startsWith("loss_D")) return "Discriminator";
  return name.startsWith("loss_G") ? "Generator" : name;
}

/** One panel: title, legend, axes and curves, as SVG. */
function drawPanel(
  lettering: Lettering,
  { left, top, width, height }: Frame,
  title: string,
  series: readonly Series[],
  steps: [number, number] | undefined,
  log: boolean,
): string {
  const parts: string[] = [];
  const heading = lettering.fit(title, width - 36, 14, true);
  parts.push(
    lettering.svg(heading, { x: left + 18, y: top + 22, size: 14, bold: true, color: ink }),
  );
  if (series.some(({ name }) => name !== title)) {
    parts.push(drawLegend(lettering, left + 18, top + 42, width - 36, series));
  }

  const values = rangeOf(series, ({ value }) => log && value <= 0 ? NaN : value);
  const bottom = top + height - 46, plotTop = top + 60;
  if (steps === undefined || values === undefined) {
    const x = left + width / 2, y = (plotTop + bottom) / 2;
    parts.push(
      lettering.svg("no values yet", { x, y, size: 13, anchor: "middle", color: softInk }),
    );
    return parts.join("");
  }
  const [min, max] = values;
  const rows = Math.max(2, Math.floor((bottom - plotTop) / 44));
  const scaleY = log ? logScale(min, max) : linearScale(min, max, rows);
  const labels = formatTicks(scaleY);
  const labelWidth = Math.max(0, ...labels.map((label) => lettering.width(label, labelSize)));
  const plot: Frame = {
    left: left + 18 + labelWidth + 8,
    top: plotTop,
    width: Math.max(20, width - 18 - labelWidth - 8 - 22),
    height: Math.max(20, bottom - plotTop),
  };
  const scaleX = stepScale(...steps, Math.max(2, Math.floor(plot.width / 58)));
  parts.push(drawAxes(lettering, plot, scaleX, scaleY, labels));
  for (const [index, { points }] of series.entries()) {
    const stretches = binPoints(points, {
      first: scaleX.low,
      last: scaleX.high,
      columns: Math.floor(plot.width),
      positive: log,
    });
    const color = colorOf(index);
    for (const bins of stretches) parts.push(drawCurve(bins, plot, scaleX, scaleY, color));
  }
  return parts.join("");
}

function colorOf(index: number): string {
  return colors[index % colors.length] ?? ink;
}

/** The least and greatest finite value of all points; undefined if there is none. */
function rangeOf(
  series: readonly Series[],
  read: (point: Point) => number,
): [number, number] | undefined {
  let min = Infinity, max = -Infinity;
  for (const { points } of series) {
    for (const point of points) {
      const value = read(point);
      if (!Number.isFinite(value)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return min <= max ? [min, max] : undefined;
}

function drawLegend(
  lettering: Lettering,
  left: number,
  y: number,
  width: number,
  series: readonly Series[],
): string {
  const parts: string[] = [];
  let x = left;
  for (const [index, { name }] of series.entries()) {
    const text = lettering.fit(name, left + width - x - 22, labelSize);
    if (text === "") break;
    parts.push(line(x, y - 4, x + 16, y - 4, colorOf(index), 2.5));
    parts.push(lettering.svg(text, { x: x + 22, y, size: labelSize, color: softInk }));
    x += 22 + lettering.width(text, labelSize) + 16;
  }
  return parts.join("");
}

function drawAxes(
  lettering: Lettering,
  plot: Frame,
  scaleX: Scale,
  scaleY: Scale,
  labels: readonly string[],
): string {
  const parts: string[] = [];
  const right = plot.left + plot.width, bottom = plot.top + plot.height;
  for (const [index, tick] of scaleY.ticks.entries()) {
    const y = Math.round(bottom - positionOn(scaleY, tick) * plot.height) + 0.5;
    parts.push(line(plot.left, y, right, y, gridInk, 1));
    const style = { x: plot.left - 8, y: y + 4, size: labelSize, color: softInk };
    parts.push(lettering.svg(labels[index] ?? "", { ...style, anchor: "end" }));
  }
  const steps = formatTicks(scaleX);
  for (const [index, tick] of scaleX.ticks.entries()) {
    const x = Math.round(plot.left + positionOn(scaleX, tick) * plot.width) + 0.5;
    parts.push(line(x, bottom, x, bottom + 5, softInk, 1));
    const style = { x, y: bottom + 19, size: labelSize, color: softInk };
    parts.push(lettering.svg(steps[index] ?? "", { ...style, anchor: "middle" }));
  }
  parts.push(line(plot.left, bottom + 0.5, right, bottom + 0.5, softInk, 1));
  const style = { x: plot.left + plot.width / 2, y: bottom + 38, size: labelSize, color: softInk };
  parts.push(lettering.svg("step", { ...style, anchor: "middle" }));
  return parts.join("");
}

/** One unbroken stretch of a curve: band, mean and smoothed mean; a dot where it is one point only. */
function drawCurve(
  bins: readonly Bin[],
  plot: Frame,
  scaleX: Scale,
  scaleY: Scale,
  color: string,
): string {
  const x = ({ step }: Bin) => (plot.left + positionOn(scaleX, step) * plot.width).toFixed(1);
  const y = (value: number) =>
    (plot.top + plot.height * (1 - positionOn(scaleY, value))).toFixed(1);
  const path = (values: readonly number[]) =>
    bins.map((bin, i) => `${x(bin)},${y(values[i] ?? 0)}`).join(" ");
  const [only] = bins;
  if (only !== undefined && bins.length === 1) {
    return `<circle cx="${x(only)}" cy="${y(only.mean)}" r="3" fill="${color}"/>`;
  }
  const curve = (points: string, strokeWidth: number, opacity: number) =>
    `<polyline points="${points}" fill="none" stroke="${color}" stroke-width="${strokeWidth}" ` +
    `stroke-opacity="${opacity}" stroke-linejoin="round" stroke-linecap="round"/>`;
  const means = path(bins.map(({ mean }) => mean));
  if (bins.length < 40) return curve(means, 2, 1);
  const upper = path(bins.map(({ max }) => max));
  const lower = bins.map((bin) => `${x(bin)},${y(bin.min)}`).reverse().join(" ");
  const reach = Math.max(2, Math.round(bins.length * 0.015));
  return `<polygon points="${upper} ${lower}" fill="${color}" fill-opacity="0.14"/>` +
    curve(means, 1, 0.35) + curve(path(smoothed(bins, reach)), 2, 1);
}

function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  color: string,
  width: number,
): string {
  return `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="${color}" stroke-width="${width}"/>`;
}
