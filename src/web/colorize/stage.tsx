import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { arrowOf, Pane, Pins, type Shown } from "./pane.tsx";
import type { Hint, Photo } from "./photos.ts";
import type { Stroke } from "../../web_parts/pictures/strokes.ts";
import { moved, placeOf, type Size, type View, zoomed } from "../../web_parts/pictures/view.ts";

/** What the pointer does. */
export type Tool = "move" | "hint" | "stroke";

type Point = readonly [number, number];

/** Panes of one photo, with one divider, zoom and place for all of them. */
export function Stage({ photo, panes, tool, isSlide, isGray, brush, chosen, ...rest }: {
  photo: Photo;
  panes: readonly Shown[];
  tool: Tool;
  /** Whether a divider parts gray from colour; else results are seen whole. */
  isSlide: boolean;
  /** Whether all is gray for the time being. */
  isGray: boolean;
  brush: { readonly color: string | undefined; readonly size: number };
  /** Which hint is chosen; -1: none. */
  chosen: number;
  view: View;
  onView: (view: View) => void;
  /** The size of each pane, in CSS pixels. */
  pane: Size;
  onPane: (pane: Size) => void;
  /** A point of the photo was given. */
  onPoint: (x: number, y: number) => void;
  onHints: (hints: readonly Hint[], chosen: number) => void;
  onStroke: (stroke: Stroke) => void;
  onPicture: (picture: HTMLImageElement) => void;
}) {
  const { view, onView, pane, onPane } = rest;
  const [at, setAt] = useState(50);
  const [draft, setDraft] = useState<Stroke>();
  const [over, setOver] = useState<Point>();
  const [isBroken, setBroken] = useState(false); // a TIFF, say: its result shows it in gray
  const stage = useRef<HTMLDivElement>(null);
  const touches = useRef(new Map<number, Point>());
  const size = photo.size ?? { width: 4, height: 3 };
  const place = placeOf(view, size, pane);
  const isZoomed = place.width > pane.width + 1 || place.height > pane.height + 1;
  useLayoutEffect(() => {
    const measure = () => {
      const width = stage.current?.querySelector(".pane")?.clientWidth ?? 0;
      if (width === 0) return;
      const most = document.fullscreenElement ? innerHeight - 200 : innerHeight * 0.64;
      const height = Math.round(Math.max(180, Math.min(most, width * size.height / size.width)));
      if (pane.width !== width || pane.height !== height) onPane({ width, height });
    };
    const observer = new ResizeObserver(measure);
    if (stage.current) observer.observe(stage.current);
    measure();
    return () => observer.disconnect();
  });
  const inPhoto = ([x, y]: Point) =>
    [
      Math.min(size.width - 1, Math.max(0, (x - place.left) / place.scale)),
      Math.min(size.height - 1, Math.max(0, (y - place.top) / place.scale)),
    ] as const;
  const divide = ([x]: Point) => setAt(Math.max(0, Math.min(100, 100 * x / pane.width)));
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const point = pointOf(event);
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    touches.current.set(event.pointerId, point);
    if (touches.current.size > 1) setDraft(undefined);
    else if (tool === "stroke" && !event.shiftKey) setDraft({ ...brush, points: inPhoto(point) });
    else if (tool === "move" && !isZoomed && isSlide) divide(point);
  };
  const move = (event: PointerEvent) => {
    const point = pointOf(event);
    setOver(tool === "stroke" ? point : undefined);
    const last = touches.current.get(event.pointerId);
    if (!last) return;
    const other = [...touches.current].find(([id]) => id !== event.pointerId)?.[1];
    touches.current.set(event.pointerId, point);
    if (other) {
      const apart = ([x, y]: Point) => Math.max(1, Math.hypot(x - other[0], y - other[1]));
      onView(zoomed(place, pane, place.percent * apart(point) / apart(last), other));
    } else if (draft) {
      const [x, y] = inPhoto(point).map((each) => Math.round(each * 10) / 10) as [number, number];
      const { points } = draft;
      const far = Math.hypot(x - (points.at(-2) ?? 0), y - (points.at(-1) ?? 0));
      if (far * place.scale >= 2) setDraft({ ...draft, points: [...points, x, y] });
    } else if (isZoomed && (tool === "move" || event.shiftKey)) {
      onView(moved(place, pane, point[0] - last[0], point[1] - last[1]));
    } else if (tool === "move" && isSlide) divide(point);
  };
  const up = ({ pointerId }: PointerEvent) => {
    touches.current.delete(pointerId);
    if (draft) rest.onStroke(draft);
    setDraft(undefined);
  };
  const wheel = (event: WheelEvent) => {
    if (!event.ctrlKey && !isZoomed) return; // the page scrolls
    event.preventDefault();
    onView(
      event.ctrlKey
        ? zoomed(place, pane, place.percent * Math.exp(-event.deltaY / 300), pointOf(event))
        : moved(place, pane, -event.deltaX, -event.deltaY),
    );
  };
  const press = (event: KeyboardEvent) => {
    const arrow = arrowOf(event);
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter" && tool === "hint") {
      rest.onPoint(...inPhoto([pane.width / 2, pane.height / 2]));
    } else if (isZoomed && arrow) {
      const far = event.shiftKey ? 200 : 40;
      onView(moved(place, pane, -arrow[0] * far, -arrow[1] * far));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const strokes = tool !== "stroke" ? [] : draft ? [...photo.strokes, draft] : photo.strokes;
  return (
    <div ref={stage} class={`panes panes-${panes.length} tool-${tool}`}>
      {panes.map((shown, index) => (
        <figure key={index}>
          {panes.length > 1 && <figcaption>{shown.title}</figcaption>}
          <div
            class={`pane ${isZoomed ? "zoomed" : ""}`}
            style={{ height: `${pane.height}px` }}
            tabIndex={0}
            role="group"
            aria-label={`${photo.name}, ${shown.title}. ${
              tool === "hint" ? "Enter puts a hint into the middle." : "Arrow keys move it."
            }`}
            onPointerDown={down}
            onPointerMove={move}
            onPointerUp={up}
            onPointerCancel={up}
            onPointerLeave={() => setOver(undefined)}
            onWheel={wheel}
            onKeyDown={press}
            onClick={(event) => {
              if (tool === "hint" && !event.shiftKey) rest.onPoint(...inPhoto(pointOf(event)));
            }}
          >
            <Pane
              name={photo.name}
              before={isBroken ? panes.find(({ after }) => after)?.after ?? "" : photo.url}
              shown={shown}
              size={pane}
              place={place}
              at={isSlide ? at * pane.width / 100 : 0}
              {...{ isGray, strokes }}
              onPicture={rest.onPicture}
              onBroken={() => setBroken(true)}
            />
            {shown.after && isSlide && <Divider at={at} setAt={setAt} name={shown.title} />}
            <Pins hints={photo.hints} photo={size} {...{ chosen, place }} onHints={rest.onHints} />
            {over && tool === "stroke" && (
              <span
                class="brush"
                style={{
                  left: `${over[0]}px`,
                  top: `${over[1]}px`,
                  width: `${brush.size * place.scale}px`,
                  height: `${brush.size * place.scale}px`,
                }}
              />
            )}
            {(isSlide || !shown.after) && <span class="stage-word left">gray</span>}
            {(shown.after || shown.state) && (
              <span class="stage-word right">
                {shown.state || (isGray ? "gray" : "colorized")}
              </span>
            )}
          </div>
        </figure>
      ))}
    </div>
  );
}

function Divider({ at, setAt, name }: {
  at: number;
  setAt: (at: number) => void;
  name: string;
}) {
  const drag = (event: PointerEvent) => {
    if (event.buttons !== 1) return;
    event.stopPropagation();
    const handle = event.currentTarget as HTMLElement;
    handle.setPointerCapture(event.pointerId);
    const box = handle.parentElement?.getBoundingClientRect() ?? new DOMRect();
    setAt(Math.max(0, Math.min(100, 100 * (event.clientX - box.left) / (box.width || 1))));
  };
  return (
    <div
      class="divider"
      style={{ left: `${at}%` }}
      tabIndex={0}
      role="slider"
      aria-label={`Divider between gray and the colours of ${name}`}
      aria-valuenow={Math.round(at)}
      aria-valuemin={0}
      aria-valuemax={100}
      onPointerDown={drag}
      onPointerMove={drag}
      onClick={(event) => event.stopPropagation()}
      onDblClick={() => setAt(at < 25 ? 50 : at < 75 ? 100 : 0)}
      onKeyDown={(event) => {
        const by = (event.shiftKey ? 10 : 1) * (arrowOf(event)?.[0] ?? 0);
        if (by === 0) return;
        event.preventDefault();
        event.stopPropagation();
        setAt(Math.max(0, Math.min(100, at + by)));
      }}
    >
      <span class="handle" aria-hidden="true">‹ ›</span>
    </div>
  );
}

/** Where in its pane an event happened, in CSS pixels. */
function pointOf(event: MouseEvent): Point {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}
