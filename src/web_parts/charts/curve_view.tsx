import { Segmented, Toggle } from "../parts/controls.tsx";
import { useKeys } from "../parts/use_keys.ts";
import { setQuery, useRoute } from "../parts/use_route.ts";
import { fixed, span } from "../words.ts";
import { epochName, stepName } from "./chart.tsx";

/** The x axes that there are. */
export type Axis = "step" | "epoch" | "time";

/** How curves are looked at; it stands in the address. */
interface CurveView {
  readonly axis: Axis;
  /** Of the smoothing, from 0 to less than 1. */
  readonly weight: number;
  readonly isLog: boolean;
  /** What the x axis shows; undefined: all. */
  readonly range: readonly [number, number] | undefined;
  readonly setRange: (range: readonly [number, number] | undefined) => void;
  /** How a place on the x axis is called. */
  readonly nameX: (x: number) => string;
}

/** How curves are looked at, by the address; `0` shows all. */
export function useCurveView(): CurveView {
  const { query } = useRoute();
  const axis = (query.get("x") ?? "step") as Axis;
  const zoom = query.get("zoom")?.split(",").map(Number);
  const setRange = (to: readonly [number, number] | undefined) =>
    setQuery({ zoom: to?.map((value) => String(Number(value.toPrecision(8)))).join(",") });
  useKeys({ "0": () => setRange(undefined) });
  return {
    axis,
    weight: Number(query.get("smooth") ?? 0.8),
    isLog: query.get("log") === "1",
    range: zoom?.length === 2 ? [zoom[0] ?? 0, zoom[1] ?? 1] : undefined,
    setRange,
    nameX: axis === "step" ? stepName : axis === "epoch" ? epochName : span,
  };
}

/** What chooses it. */
export function CurveControls({ view }: { view: CurveView }) {
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
      {range && (
        <button type="button" class="quiet" onClick={() => setRange(undefined)}>
          Reset zoom <kbd>0</kbd>
        </button>
      )}
    </>
  );
}
