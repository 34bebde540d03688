import { useEffect, useRef, useState } from "preact/hooks";
import type { Look } from "./looks.tsx";

/** An axis, with what each line has on it. */
export interface ParallelAxis {
  readonly name: string;
  readonly title: string;
  readonly isLog: boolean;
  /** Whether small numbers stand above, because they are better. */
  readonly isFlipped: boolean;
  /** A number or a word of each line; undefined: it has none, and ends before this axis. */
  readonly values: readonly (number | string | undefined)[];
  readonly show: (value: number) => string;
}

/** A line over the axes. */
interface ParallelLine {
  readonly id: string;
  readonly label: string;
  /** Of a line that has a curve elsewhere. */
  readonly look: Look | undefined;
  readonly isBest: boolean;
}

/** From where to where an axis is brushed, both included: numbers, or the words' places. */
export type Brush = readonly [number, number];
export type Brushes = ReadonlyMap<string, Brush>;

const TOP = 40, HEIGHT = 210, AXIS_WIDTH = 96, LEFT = 48;

/** A pointer that moved less was only pressed, in pixels. */
const CLICK = 3;

/** A pointer so near to an axis' end means the end, in pixels. */
const SNAP = 5;

/** From so many numbers on, only an axis' ends are named. */
const MOST_NAMED = 6;

/** By the values of an axis: they are sorted once for all of its lines. */
const wordsKnown = new WeakMap<ParallelAxis["values"], readonly string[]>();

/** The words of an axis; none where it has numbers. */
function wordsOf({ values }: ParallelAxis): readonly string[] {
  const known = wordsKnown.get(values);
  if (known) return known;
  const words = [...new Set(values.filter((value) => typeof value === "string"))].sort();
  wordsKnown.set(values, words);
  return words;
}

/** A line's place on an axis as a number. */
function numberOf(axis: ParallelAxis, line: number): number | undefined {
  const value = axis.values[line];
  return typeof value === "string" ? wordsOf(axis).indexOf(value) : value;
}

/** Whether a line lies in all brushes. */
export function isInside(
  axes: readonly ParallelAxis[],
  brushes: Brushes,
  line: number,
): boolean {
  return axes.every((axis) => {
    const brush = brushes.get(axis.name);
    if (!brush) return true;
    const value = numberOf(axis, line);
    return value !== undefined && value >= brush[0] && value <= brush[1];
  });
}

/** Lines over parallel axes (Inselberg, 1985) that can be brushed by mouse and by keyboard. */
export function ParallelAxes({ axes, lines, inside, brushes, onBrush, hot, onHot }: {
  axes: readonly ParallelAxis[];
  lines: readonly ParallelLine[];
  /** Whether each line lies in all brushes, see `isInside`. */
  inside: readonly boolean[];
  brushes: Brushes;
  /** Called with an axis' new brush, also while it is being drawn; undefined: none. */
  onBrush: (name: string, brush: Brush | undefined, isDone: boolean) => void;
  /** The line that is pointed at. */
  hot: string | undefined;
  onHot: (id: string | undefined) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(600);
  useEffect(() => {
    const observer = new ResizeObserver(() => setRoom(place.current?.clientWidth ?? 600));
    if (place.current) observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  const width = Math.max(room, axes.length * AXIS_WIDTH);
  const gap = (width - 2 * LEFT) / Math.max(1, axes.length - 1);
  const scales = axes.map((axis, index) => new AxisScale(axis, LEFT + gap * index));
  const order = lines.map((line, index) => ({
    line,
    index,
    rank: !inside[index] ? 0 : line.isBest ? 3 : line.look ? 2 : 1,
  })).toSorted((a, b) => a.rank - b.rank || Number(a.line.id === hot) - Number(b.line.id === hot));
  return (
    <div class="parallel scroll-x" ref={place}>
      <svg width={width} height={TOP + HEIGHT + 28} role="group" aria-label="Parallel coordinates">
        {order.map(({ line, index, rank }) => (
          <path
            key={line.id}
            class={`trial-line ${rank === 0 ? "outside" : ""} ${rank === 3 ? "best-line" : ""} ${
              line.id === hot ? "hot" : ""
            }`}
            d={curveOf(scales, index)}
            style={rank > 0 && line.look
              ? {
                stroke: `var(${line.look.color})`,
                strokeDasharray: line.look.dash?.join(" ") ?? "none",
              }
              : {}}
            onPointerEnter={() => onHot(line.id)}
            onPointerLeave={() => onHot(undefined)}
          >
            <title>{line.label}</title>
          </path>
        ))}
        {scales.map((scale) => (
          <Axis
            key={scale.axis.name}
            scale={scale}
            brush={brushes.get(scale.axis.name)}
            onBrush={(brush, isDone) => onBrush(scale.axis.name, brush, isDone)}
          />
        ))}
      </svg>
    </div>
  );
}

/** An axis with its names and its brush. */
function Axis({ scale, brush, onBrush }: {
  scale: AxisScale;
  brush: Brush | undefined;
  onBrush: (brush: Brush | undefined, isDone: boolean) => void;
}) {
  const { axis, x, known } = scale;
  const from = useRef<number | undefined>(undefined);
  const placeOf = ({ clientY, currentTarget }: PointerEvent) => {
    const { top } = (currentTarget as Element).getBoundingClientRect();
    return Math.max(TOP, Math.min(TOP + HEIGHT, clientY - top + TOP));
  };
  /** Brushes from where the pointer went down to where it is; a click alone takes the brush away. */
  const draw = (event: PointerEvent, isDone: boolean) => {
    if (from.current === undefined) return;
    const [upper = 0, lower = 0] = [from.current, placeOf(event)].toSorted((a, b) => a - b);
    onBrush(lower - upper < CLICK ? undefined : scale.between(upper, lower), isDone);
    if (isDone) from.current = undefined;
  };
  const [least = 0, most = 0] = [known[0], known.at(-1)];
  const [low, high] = (brush ?? [least, most]).map((end) =>
    Math.max(least, Math.min(most, end))
  ) as [
    number,
    number,
  ];
  const [upper, lower] = [scale.y(low), scale.y(high)].toSorted((a, b) => a - b);
  const bound = (end: 0 | 1) => ({
    role: "slider" as const,
    tabindex: 0,
    "aria-orientation": "vertical" as const,
    "aria-label": `${axis.title}: ${end === 0 ? "from" : "up to"}`,
    "aria-valuemin": 0,
    "aria-valuemax": Math.max(0, known.length - 1),
    "aria-valuenow": scale.nearest([low, high][end] ?? 0),
    "aria-valuetext": scale.show([low, high][end] ?? 0),
    onKeyDown: (event: KeyboardEvent) => {
      const to = scale.moved([low, high][end] ?? 0, event.key);
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      const next: Brush = end === 0 ? [Math.min(to, high), high] : [low, Math.max(to, low)];
      onBrush(next[0] <= least && next[1] >= most ? undefined : next, true);
    },
  });
  return (
    <g class="axis">
      <text class="axis-title" x={x} y="16" text-anchor="middle">{axis.title}</text>
      <path class="axis-line" d={`M${x} ${TOP}v${HEIGHT}`} />
      {scale.named.map((value) => (
        <text key={value} class="axis-value" x={x + 13} y={scale.y(value) + 4}>
          {scale.show(value)}
        </text>
      ))}
      <rect
        class="axis-hit"
        data-axis={axis.name}
        x={x - 16}
        y={TOP}
        width="32"
        height={HEIGHT}
        onPointerDown={(event) => {
          (event.currentTarget as Element).setPointerCapture(event.pointerId);
          from.current = placeOf(event);
        }}
        onPointerMove={(event) => draw(event, false)}
        onPointerUp={(event) => draw(event, true)}
        onPointerCancel={(event) => draw(event, true)}
      />
      {brush && (
        <rect
          class="axis-brush"
          x={x - 7}
          y={(upper ?? 0) - 3}
          width="14"
          height={(lower ?? 0) - (upper ?? 0) + 6}
          rx="3"
        />
      )}
      {([0, 1] as const).map((end) => (
        <rect
          key={end}
          class="bound"
          x={x - 9}
          y={scale.y([low, high][end] ?? 0) - 4}
          width="18"
          height="8"
          rx="3"
          {...bound(end)}
        />
      ))}
    </g>
  );
}

/** Where the values of an axis stand. */
class AxisScale {
  readonly #words: readonly string[];
  /** Every value that a line has, in order. */
  readonly known: readonly number[];

  constructor(readonly axis: ParallelAxis, readonly x: number) {
    this.#words = wordsOf(axis);
    const numbers = axis.values.map((_, line) => numberOf(axis, line))
      .filter((value) => value !== undefined);
    this.known = [...new Set(numbers)].sort((a, b) => a - b);
  }

  /** The values that have their name beside the axis. */
  get named(): readonly number[] {
    if (this.known.length <= MOST_NAMED || this.#words.length > 0) return this.known;
    return [this.known[0] ?? 0, this.known.at(-1) ?? 0];
  }

  show(value: number): string {
    return this.#words[Math.round(value)] ?? this.axis.show(value);
  }

  y(value: number): number {
    const [least, most] = [this.#level(this.known[0] ?? 0), this.#level(this.known.at(-1) ?? 0)];
    const share = most > least ? (this.#level(value) - least) / (most - least) : 0.5;
    return TOP + HEIGHT * (this.axis.isFlipped ? share : 1 - share);
  }

  /** The brush between two places on the screen. */
  between(upper: number, lower: number): Brush {
    const [least, most] = [this.known[0] ?? 0, this.known.at(-1) ?? 0];
    const [a, b] = [this.#level(least), this.#level(most)];
    const valueAt = (y: number) => {
      const share = this.axis.isFlipped ? (y - TOP) / HEIGHT : 1 - (y - TOP) / HEIGHT;
      // Near an end, the end itself is meant.
      if (share < SNAP / HEIGHT) return least;
      if (share > 1 - SNAP / HEIGHT) return most;
      const level = a + share * (b - a);
      return Number((this.#isLog ? Math.exp(level) : level).toPrecision(6));
    };
    const [low = least, high = most] = [valueAt(upper), valueAt(lower)].toSorted((x, y) => x - y);
    return [low, high];
  }

  /** The place of the known value nearest to one. */
  nearest(value: number): number {
    const distances = this.known.map((each) => Math.abs(each - value));
    return Math.max(0, distances.indexOf(Math.min(...distances)));
  }

  /** The value that a key leads to from another: the next that a line has, upwards as it is drawn. */
  moved(value: number, key: string): number | undefined {
    const up = this.axis.isFlipped ? -1 : 1;
    const above = () => this.known.find((each) => each > value) ?? this.known.at(-1);
    const below = () => this.known.findLast((each) => each < value) ?? this.known[0];
    switch (key) {
      case "ArrowUp":
      case "ArrowRight":
        return up > 0 ? above() : below();
      case "ArrowDown":
      case "ArrowLeft":
        return up > 0 ? below() : above();
      case "Home":
        return this.known[0];
      case "End":
        return this.known.at(-1);
    }
    return undefined;
  }

  get #isLog(): boolean {
    return this.axis.isLog && this.#words.length === 0 && (this.known[0] ?? 0) > 0;
  }

  #level(value: number): number {
    return this.#isLog ? Math.log(value) : value;
  }
}

/** A line as far as it has values, bent so that crossing lines can be told apart. */
function curveOf(scales: readonly AxisScale[], line: number): string {
  let path = "";
  let beforeX = 0;
  for (const scale of scales) {
    const value = numberOf(scale.axis, line);
    if (value === undefined) break;
    const [x, y] = [scale.x, Number(scale.y(value).toFixed(1))];
    const bend = (x - beforeX) / 3;
    path += path === ""
      ? `M${x} ${y}`
      : `C${beforeX + bend} ${path.slice(path.lastIndexOf(" ") + 1)} ${x - bend} ${y} ${x} ${y}`;
    beforeX = x;
  }
  return path;
}
