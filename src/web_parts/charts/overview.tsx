import { useRef } from "preact/hooks";
import { moved, type Window, within } from "./window.ts";

/** How many points its line has at most. */
const MOST_POINTS = 400;

/** The height of the picture that the strip is drawn in. */
const HEIGHT = 100;

/** What of the strip is dragged: an edge of the window, the window, or a new one from a place on. */
type Grip = "from" | "to" | "window" | { readonly from: number };

/** One line over all of the x axis, with a brush for the part that the charts above show. */
export function Overview({ x, values, color, range, onRange, nameX }: {
  x: readonly number[];
  values: readonly (number | null)[];
  /** A custom property, such as "--s3". */
  color: string;
  range: Window | undefined;
  onRange: (range: Window | undefined) => void;
  nameX: (x: number) => string;
}) {
  const strip = useRef<HTMLDivElement>(null);
  const grip = useRef<{ what: Grip; startX: number; before: Window } | undefined>(undefined);
  const first = x[0] ?? 0;
  const whole: Window = [first, Math.max(x.at(-1) ?? 1, first + 1e-9)];
  const width = whole[1] - whole[0];
  const shown = range ?? whole;
  const percent = (value: number) => Math.max(0, Math.min(100, 100 * (value - whole[0]) / width));
  const placeOf = (clientX: number) => {
    const box = strip.current?.getBoundingClientRect() ?? new DOMRect();
    return whole[0] + width * Math.max(0, Math.min(1, (clientX - box.left) / (box.width || 1)));
  };
  const begin = (event: PointerEvent, edge?: "from" | "to") => {
    if (event.button !== 0) return;
    event.preventDefault();
    strip.current?.setPointerCapture(event.pointerId);
    const at = placeOf(event.clientX);
    const isWithin = range !== undefined && at >= range[0] && at <= range[1];
    const what = edge ?? (isWithin ? "window" : { from: at });
    grip.current = { what, startX: at, before: shown };
  };
  const drag = (event: PointerEvent) => {
    if (!grip.current) return;
    const { what, startX, before } = grip.current;
    const at = placeOf(event.clientX);
    if (what === "window") onRange(moved(before, at - startX, whole));
    else {
      const fixed = what === "from" ? before[1] : what === "to" ? before[0] : what.from;
      if (Math.abs(at - fixed) < width / 500) return;
      onRange(within([Math.min(at, fixed), Math.max(at, fixed)], whole));
    }
  };
  const edge = (which: "from" | "to", name: string) => {
    const value = which === "from" ? shown[0] : shown[1];
    const [least, most] = which === "from" ? [whole[0], shown[1]] : [shown[0], whole[1]];
    return (
      <span
        class="brush-edge"
        style={{ left: `${percent(value)}%` }}
        tabIndex={0}
        role="slider"
        aria-label={name}
        aria-valuemin={least}
        aria-valuemax={most}
        aria-valuenow={value}
        aria-valuetext={nameX(value)}
        onPointerDown={(event) => {
          event.stopPropagation();
          begin(event, which);
        }}
        onKeyDown={(event) => {
          const step = width * (event.shiftKey ? 0.1 : 0.01);
          const by = { ArrowLeft: -step, ArrowRight: step, Home: -width, End: width }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          const to = Math.max(least, Math.min(most, value + by));
          if (to <= shown[0] && which === "to" || to >= shown[1] && which === "from") return;
          onRange(within(which === "from" ? [to, shown[1]] : [shown[0], to], whole));
        }}
      />
    );
  };
  return (
    <div class="overview">
      <div
        ref={strip}
        class="overview-strip"
        role="group"
        aria-label="The part of the run that the curves show"
        onPointerDown={begin}
        onPointerMove={drag}
        onPointerUp={() => grip.current = undefined}
        onPointerCancel={() => grip.current = undefined}
        onDblClick={() => onRange(undefined)}
      >
        <svg viewBox={`0 0 100 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path d={pathOf(x, values, whole)} stroke={`var(${color})`} />
        </svg>
        <span
          class="brush-window"
          style={{ left: `${percent(shown[0])}%`, right: `${100 - percent(shown[1])}%` }}
        />
        {edge("from", "Begin of the part")}
        {edge("to", "End of the part")}
      </div>
    </div>
  );
}

/** The line in a picture of 100 to `HEIGHT`: of several points at a place it keeps both extremes. */
function pathOf(x: readonly number[], values: readonly (number | null)[], whole: Window): string {
  const every = Math.max(1, Math.ceil(2 * x.length / MOST_POINTS));
  const points: { x: number; y: number }[] = [];
  for (let at = 0; at < x.length; at += every) {
    const [place, part] = [x[at] ?? 0, values.slice(at, at + every)];
    const numbers = part.filter((value) => value !== null && Number.isFinite(value)) as number[];
    if (numbers.length === 0) continue;
    const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
    points.push({ x: place, y: least });
    if (most > least) points.push({ x: place, y: most });
  }
  const [low, high] = [
    Math.min(...points.map(({ y }) => y)),
    Math.max(...points.map(({ y }) => y)),
  ];
  return points.map(({ x: place, y }, index) => {
    const across = 100 * (place - whole[0]) / (whole[1] - whole[0]);
    const down = HEIGHT * (0.9 - 0.8 * (high > low ? (y - low) / (high - low) : 0.5));
    return `${index === 0 ? "M" : "L"}${across.toFixed(2)} ${down.toFixed(1)}`;
  }).join("");
}
