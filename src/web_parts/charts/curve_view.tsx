import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Segmented, Toggle } from "../parts/controls.tsx";
import { useKeys } from "../parts/use_keys.ts";
import { setQuery, useRoute } from "../parts/use_route.ts";
import { fixed, span } from "../words.ts";
import { epochName, stepName } from "./chart.tsx";
import type { Window } from "./window.ts";

/** The x axes that there are. */
export type Axis = "step" | "epoch" | "time";

/** How curves are looked at; it stands in the address. */
interface CurveView {
  readonly axis: Axis;
  /** Of the smoothing, from 0 to less than 1. */
  readonly weight: number;
  readonly isLog: boolean;
  /** What the x axis shows; undefined: all. */
  readonly range: Window | undefined;
  readonly setRange: (range: Window | undefined) => void;
  /** Whether what is shown ends at the newest point; see `followed`. */
  readonly isFollowing: boolean;
  /** How a place on the x axis is called. */
  readonly nameX: (x: number) => string;
}

/** So long a range stands still before it is put into the address: browsers slow a page that writes often. */
const STILL_MS = 150;

/** Where a gesture has brought the range; undefined to all there is. */
interface Move {
  readonly to: Window | undefined;
}

/** How curves are looked at, by the address; `0` shows all. */
export function useCurveView(): CurveView {
  const { query } = useRoute();
  const axis = (query.get("x") ?? "step") as Axis;
  const written = query.get("zoom")?.split(",").map(Number) ?? [];
  const kept: Window | undefined = written.length === 2 && written.every(Number.isFinite)
    ? [written[0] ?? 0, written[1] ?? 1]
    : undefined;
  const [moving, setMoving] = useState<Move>();
  const newest = useRef<Move | undefined>(undefined);
  useEffect(() => {
    if (!moving) return;
    const timer = setTimeout(() => {
      // On a busy machine it is time before the page has seen the next one, which must not be lost.
      if (newest.current !== moving) return;
      const zoom = moving.to?.map((value) => String(Number(value.toPrecision(8)))).join(",");
      setQuery({ zoom, follow: undefined });
      setMoving(undefined);
    }, STILL_MS);
    return () => clearTimeout(timer);
  }, [moving]);
  const setRange = (to: Window | undefined) => {
    newest.current = { to };
    setMoving(newest.current);
  };
  useKeys({ "0": () => setRange(undefined) });
  const range = moving ? moving.to : kept;
  return {
    axis,
    weight: Number(query.get("smooth") ?? 0.8),
    isLog: query.get("log") === "1",
    range,
    setRange,
    isFollowing: range === undefined || !moving && query.get("follow") === "1",
    nameX: axis === "step" ? stepName : axis === "epoch" ? epochName : span,
  };
}

/** What is shown of the whole: while it follows, a range keeps its width and ends at the newest point. */
export function followed({ range, isFollowing }: CurveView, whole: Window): Window | undefined {
  return range && isFollowing ? [whole[1] - (range[1] - range[0]), whole[1]] : range;
}

/** Whether what is shown follows; without, it stays where it is. */
export function FollowToggle({ view, whole }: { view: CurveView; whole: Window }) {
  return (
    <Toggle
      label="follow"
      checked={view.isFollowing}
      onChange={(follows) =>
        setQuery({
          follow: follows ? "1" : undefined,
          ...(!follows && { zoom: (followed(view, whole) ?? whole).join(",") }),
        })}
    />
  );
}

/** What chooses it. */
export function CurveControls({ view, children }: {
  view: CurveView;
  children?: ComponentChildren;
}) {
  const { axis, weight, isLog, range, setRange } = view;
  return (
    <>
      <Segmented
        label="Horizontal axis"
        value={axis}
        choices={[
          { value: "step", text: "Step" },
          { value: "epoch", text: "Epoch" },
          { value: "time", text: "Time" },
        ]}
        onChange={(to) => setQuery({ x: to === "step" ? undefined : to, zoom: undefined })}
      />
      <label class="slider">
        Smoothing
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={weight}
          onInput={({ currentTarget }) => setQuery({ smooth: currentTarget.value })}
        />
        <output>{fixed(weight, 2)}</output>
      </label>
      <Toggle
        label="log y"
        checked={isLog}
        onChange={(checked) => setQuery({ log: checked ? "1" : undefined })}
      />
      <span class="spacer" />
      {children}
      {range && (
        <button type="button" class="quiet" onClick={() => setRange(undefined)}>
          Reset zoom <kbd>0</kbd>
        </button>
      )}
    </>
  );
}
