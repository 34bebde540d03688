import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { fixed, whole } from "../words.ts";
import { addGestures } from "./gestures.ts";
import { colorOf, drawNames, namesWidth } from "./line_names.ts";

/** Values of a line; null: it has a gap there; undefined: only other lines have a point there. */
type Values = readonly (number | null | undefined)[];

/** A line of a chart. */
export interface Line {
  readonly label: string;
  /** What stands at its end. */
  readonly short: string;
  /** A custom property with its colour, such as "--s1". */
  readonly color: string;
  readonly dash?: readonly number[];
  /** What is drawn strongly. */
  readonly values: Values;
  /** What is drawn faintly below: the values themselves, where `values` are smoothed. */
  readonly raw?: Values;
  /** What each point stands for, as a band. */
  readonly least?: Values;
  readonly greatest?: Values;
}

/** Something that happened, as a line through the charts. */
export interface Mark {
  readonly x: number;
  readonly color: string;
}

/** How a chart looks. */
interface ChartProps {
  readonly title: string;
  readonly x: readonly number[];
  readonly lines: readonly Line[];
  readonly height: number;
  readonly isLog?: boolean;
  readonly range?: readonly [number, number] | undefined;
  readonly onRange?: (range: readonly [number, number] | undefined) => void;
  readonly marks?: readonly Mark[];
  /** A value to compare with, and its name. */
  readonly reference?: { readonly value: number; readonly text: string } | undefined;
  /** Points that are few: they get dots, and no room for names at the ends. */
  readonly isSmall?: boolean;
  /** Whether few points get dots; where it is left out, those of a small chart. */
  readonly hasDots?: boolean;
  /** How a place on the x axis is called. */
  readonly nameX: (x: number) => string;
  /** What stands above the numbers of a point, in place of its name on the x axis. */
  readonly heading?: (index: number) => string;
  /** The place whose numbers stay in sight. */
  readonly pin?: number | undefined;
  /** Called with the place that was clicked or that keys moved to; undefined: none any longer. */
  readonly onPin?: (x: number | undefined) => void;
}

/** From more points on, a line has no dots. */
const MOST_DOTS = 60;

/** Curves that share their crosshair with the other charts of the page. */
export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef<{ plot: uPlot; shape: string; choice: string | undefined } | undefined>(
    undefined,
  );
  const newest = useRef(props);
  newest.current = props;
  const draw = useRef(() => {});
  draw.current = () => {
    const element = place.current;
    if (!element) return;
    const { lines, x, isLog = false, height, isSmall = false, range } = newest.current;
    const hasDots = newest.current.hasDots ?? isSmall;
    const shape = JSON.stringify([
      document.documentElement.dataset["theme"],
      matchMedia("(prefers-color-scheme: dark)").matches,
      isLog,
      height,
      hasDots && x.length > MOST_DOTS,
      lines.map(({ label, color, dash }) => [label, color, dash]),
      element.clientWidth,
    ]);
    const choice = JSON.stringify([range, newest.current.pin]);
    if (shown.current?.shape !== shape) {
      shown.current?.plot.destroy();
      const plot = new uPlot(optionsOf(element, newest), dataOf(newest.current), element);
      shown.current = { plot, shape, choice };
      return;
    }
    // While someone points at a curve nothing moves below the pointer but by that person's choice.
    const isPointedAt = element.matches(":hover") && shown.current.plot.cursor.idx != null;
    if (isPointedAt && shown.current.choice === choice) return;
    shown.current.choice = choice;
    shown.current.plot.setData(dataOf(newest.current), false);
    const [min, max] = rangeOf(newest.current);
    shown.current.plot.setScale("x", { min, max });
  };
  useEffect(() => draw.current());
  useEffect(() => {
    const redraw = () => draw.current();
    const observer = new ResizeObserver(redraw);
    if (place.current) observer.observe(place.current);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", redraw);
    const theme = new MutationObserver(redraw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", redraw);
      theme.disconnect();
    };
  }, []);
  useEffect(() => () => {
    shown.current?.plot.destroy();
    shown.current = undefined;
  }, []);
  return (
    <div
      ref={place}
      class="chart"
      aria-label={describe(props)}
      {...props.onPin && !props.isSmall ? pinKeys(props) : { role: "img" as const }}
    />
  );
}

/** A chart in a sentence. */
function describe({ title, lines }: ChartProps): string {
  const newest = lines.map(({ label, values }) => {
    const value = values.findLast((each) => each != null);
    return value == null ? undefined : `${label} ${value.toPrecision(3)}`;
  }).filter((text) => text !== undefined);
  return `${title}: ${newest.length === 0 ? "no numbers yet" : `newest ${newest.join(", ")}`}.`;
}

/** The point that is pinned, or else the newest one. */
function pinnedIndex({ x, pin }: ChartProps): number {
  if (pin === undefined) return x.length - 1;
  const after = x.findIndex((each) => each >= pin);
  if (after < 0) return x.length - 1;
  return after > 0 && pin - (x[after - 1] ?? 0) < (x[after] ?? 0) - pin ? after - 1 : after;
}

/** To a keyboard and a screen reader a chart is a slider over its points. */
function pinKeys(props: ChartProps) {
  const { x, pin, lines, nameX, onPin } = props;
  const index = pinnedIndex(props);
  const numbers = lines.flatMap(({ label, values }) => {
    const value = values[pointAt(values, index)];
    return value == null ? [] : [`${label} ${Number(value.toPrecision(4))}`];
  });
  return {
    role: "slider" as const,
    tabIndex: 0,
    "aria-valuemin": 0,
    "aria-valuemax": Math.max(0, x.length - 1),
    "aria-valuenow": Math.max(0, index),
    "aria-valuetext": `${nameX(x[index] ?? 0)}: ${numbers.join(", ")}`,
    onKeyDown: (event: KeyboardEvent) => {
      const by = event.shiftKey ? 10 : 1;
      const to = {
        ArrowLeft: index - by,
        ArrowRight: index + by,
        Home: 0,
        End: x.length - 1,
        Enter: pin === undefined ? index : undefined,
        Escape: undefined,
      };
      if (!(event.key in to) || x.length === 0) return;
      event.preventDefault();
      const place = to[event.key as keyof typeof to];
      onPin?.(place === undefined ? undefined : x[Math.max(0, Math.min(x.length - 1, place))]);
    },
  };
}

function rangeOf({ range, x }: ChartProps): readonly [number, number] {
  if (range) return range;
  const [first = 0, last = 1] = [x[0], x.at(-1)];
  return [Math.min(first, last), last > first ? last : first + 1];
}

/** Four series a line: the faint values, the band's two edges, and the line itself. */
function dataOf({ x, lines, isLog }: ChartProps): uPlot.AlignedData {
  const shown = (values: Values) =>
    isLog ? values.map((value) => value == null || value > 0 ? value : null) : values.slice();
  return [
    x.slice(),
    ...lines.flatMap(({ values, raw = [], least = [], greatest = [] }) =>
      [raw, greatest, least, values].map((each) =>
        each.length === 0 ? new Array(x.length).fill(null) : shown(each)
      )
    ),
  ] as uPlot.AlignedData;
}

function optionsOf(element: HTMLElement, props: { current: ChartProps }): uPlot.Options {
  const { lines, height, isLog = false, isSmall = false, hasDots = isSmall } = props.current;
  const font = '11px "Inter", system-ui, sans-serif';
  const axis = { stroke: colorOf("--ink3"), font, ticks: { show: false } };
  const grid = { stroke: colorOf("--grid"), width: 1 };
  const tooltip = document.createElement("div");
  tooltip.className = "chart-tooltip";
  tooltip.hidden = true;
  return {
    width: Math.max(120, element.clientWidth),
    height,
    padding: [8, isSmall ? 8 : namesWidth(lines, element.clientWidth), 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: "job", setSeries: false, scales: ["x", null] },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
    },
    scales: {
      x: { time: false, range: () => [...rangeOf(props.current)] as [number, number] },
      y: {
        ...(isLog && { distr: 3 as const }),
        range: (_, min, max) => yRange(min, max, props.current),
      },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 24,
        values: (_, ticks) => ticks.map((tick) => props.current.nameX(tick)),
        space: isSmall ? 48 : 70,
      },
      {
        ...axis,
        grid,
        size: isSmall ? 40 : 44,
        gap: 4,
        space: 34,
        values: (_, ticks) => ticks.map((tick) => tick === null ? "" : shortNumber(tick)),
      },
    ],
    series: [
      {},
      ...lines.flatMap((line): uPlot.Series[] => {
        const color = colorOf(line.color);
        const hidden = { points: { show: false }, stroke: "transparent", width: 0 };
        return [
          { stroke: `${color}55`, width: 1, points: { show: false } },
          hidden,
          hidden,
          {
            label: line.label,
            stroke: color,
            width: 2,
            ...(line.dash && { dash: [...line.dash] }),
            points: hasDots && props.current.x.length <= MOST_DOTS
              ? { show: true, size: 5, fill: colorOf("--surface"), stroke: color }
              : { show: false },
          },
        ];
      }),
    ],
    bands: lines.map((line, index) => ({
      series: [4 * index + 2, 4 * index + 3],
      fill: `${colorOf(line.color)}2e`,
    })),
    hooks: {
      ready: [(plot) => {
        plot.over.append(tooltip);
        plot.over.addEventListener("click", ({ shiftKey }) => {
          const index = plot.cursor.idx;
          const x = index == null ? undefined : plot.data[0][index];
          if (x === undefined || plot.select.width >= 4 || shiftKey) return;
          props.current.onPin?.(x === props.current.pin ? undefined : x);
        });
        plot.over.addEventListener("dblclick", () => props.current.onRange?.(undefined));
        if (!props.current.onRange) return;
        addGestures(plot, {
          shown: () => rangeOf(props.current),
          whole: () => rangeOf({ ...props.current, range: undefined }),
          onRange: (range) => props.current.onRange?.(range),
        });
      }],
      setSelect: [(plot) => {
        const { left, width } = plot.select;
        if (width < 4) return;
        const range = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")] as const;
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        props.current.onRange?.(range);
      }],
      setCursor: [(plot) => showTooltip(plot, tooltip, props.current)],
      draw: [(plot) => {
        drawOver(plot, props.current);
        showTooltip(plot, tooltip, props.current);
      }],
    },
  };
}

function showTooltip(plot: uPlot, tooltip: HTMLElement, props: ChartProps): void {
  const isPinned = props.pin !== undefined && !props.isSmall;
  tooltip.classList.toggle("pinned", isPinned);
  const index = isPinned ? pinnedIndex(props) : plot.cursor.idx;
  const place = plot.data[0][index ?? -1];
  tooltip.hidden = place === undefined || !isPinned && !plot.over.matches(":hover");
  if (index == null || place === undefined || tooltip.hidden) return;
  const left = isPinned ? plot.valToPos(place, "x") : plot.cursor.left ?? 0;
  tooltip.hidden = left < 0 || left > plot.over.clientWidth;
  if (tooltip.hidden) return;
  const rows = props.lines.map((line) => {
    const at = pointAt(line.values, index);
    return { line, value: line.values[at], raw: line.raw?.[at] };
  }).filter(({ value }) => value !== null && value !== undefined)
    .toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const head = document.createElement("strong");
  head.textContent = props.heading?.(index) ?? props.nameX(place);
  const foot = document.createElement("footer");
  foot.textContent = [
    isPinned ? "pinned" : "",
    rows.some(({ raw }) => raw !== undefined) ? "smoothed · raw" : "",
  ].filter((text) => text !== "").join(" · ");
  tooltip.replaceChildren(
    head,
    ...rows.map(({ line, value, raw }) => {
      const row = document.createElement("div");
      const key = document.createElement("i");
      key.style.background = colorOf(line.color);
      const name = document.createElement("span");
      name.textContent = line.label;
      const number = document.createElement("b");
      number.textContent = Number((value ?? 0).toPrecision(4)).toString();
      row.append(key, name, number);
      if (raw !== undefined && raw !== null) {
        const plain = document.createElement("small");
        plain.textContent = Number(raw.toPrecision(4)).toString();
        row.append(plain);
      }
      return row;
    }),
    foot,
  );
  const isRight = left > plot.over.clientWidth / 2;
  tooltip.style.left = isRight ? "auto" : `${left + 14}px`;
  tooltip.style.right = isRight ? `${plot.over.clientWidth - left + 14}px` : "auto";
}

/** The range of the values, which has the value to compare with in it. */
function yRange(min: number | null, max: number | null, props: ChartProps): uPlot.Range.MinMax {
  if (min === null || max === null) return [null, null];
  const { reference, isLog = false } = props;
  const also = reference && Number.isFinite(reference.value) ? [reference.value] : [];
  const values = isLog ? also.filter((value) => value > 0) : also;
  const [least, most] = [Math.min(min, ...values), Math.max(max, ...values)];
  return isLog ? uPlot.rangeLog(least, most, 10, false) : uPlot.rangeNum(least, most, 0.1, true);
}

/** Where a line's point at or before a place is; nowhere (-1) past its ends. */
function pointAt(values: Values, index: number): number {
  if (values[index] !== undefined) return index;
  const hasMore = values.findIndex((value, at) => at > index && value !== undefined) >= 0;
  return hasMore ? values.findLastIndex((value, at) => at < index && value !== undefined) : -1;
}

/** Marks, the pin, the reference, and the names at the lines' ends. */
function drawOver(plot: uPlot, { lines, marks = [], pin, reference, isSmall }: ChartProps): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.lineWidth = scale;
  for (const { x, color } of marks) {
    const at = Math.round(plot.valToPos(x, "x", true));
    if (at < bbox.left || at > bbox.left + bbox.width) continue;
    ctx.strokeStyle = colorOf(color);
    ctx.setLineDash([1.5 * scale, 2.5 * scale]);
    line(ctx, [at, bbox.top], [at, bbox.top + bbox.height]);
  }
  const pinned = pin === undefined ? NaN : Math.round(plot.valToPos(pin, "x", true));
  if (pinned >= bbox.left && pinned <= bbox.left + bbox.width) {
    ctx.strokeStyle = colorOf("--ink");
    ctx.setLineDash([]);
    line(ctx, [pinned, bbox.top], [pinned, bbox.top + bbox.height]);
  }
  ctx.font = `${11 * scale}px "Inter", system-ui, sans-serif`;
  ctx.textBaseline = "middle";
  if (reference) {
    const y = plot.valToPos(reference.value, "y", true);
    if (y >= bbox.top && y <= bbox.top + bbox.height) {
      ctx.strokeStyle = ctx.fillStyle = colorOf("--ink3");
      ctx.setLineDash([1.5 * scale, 3 * scale]);
      line(ctx, [bbox.left, y], [bbox.left + bbox.width, y]);
      ctx.textAlign = "right";
      if (!isSmall) ctx.fillText(reference.text, bbox.left + bbox.width - 4 * scale, y - 8 * scale);
    }
  }
  ctx.restore();
  if (!isSmall) drawNames(plot, lines);
}

function line(
  ctx: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  [toX, toY]: readonly [number, number],
): void {
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}

/** As short as it stays exact: "0.0002" as "2e-4". */
function shortNumber(value: number): string {
  const plain = String(Number(value.toPrecision(6)));
  const short = value.toExponential().replace("e+", "e");
  return plain.length > 5 && short.length < plain.length ? short : plain;
}

/** A place on an axis of steps. */
export function stepName(step: number): string {
  return whole(step);
}

/** A place on an axis of epochs. */
export function epochName(epoch: number): string {
  return fixed(epoch, epoch < 100 ? 1 : 0);
}
