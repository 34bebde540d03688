import type uPlot from "uplot";
import { moved, scaled, type Window } from "./window.ts";

/** What gestures ask of a chart. */
interface Zoomable {
  /** What is shown now. */
  readonly shown: () => Window;
  /** All that could be. */
  readonly whole: () => Window;
  readonly onRange: (range: Window | undefined) => void;
}

/** Pans by dragging with Shift, and zooms by the wheel with Ctrl, as pinching a touchpad does. */
export function addGestures(plot: uPlot, { shown, whole, onRange }: Zoomable): void {
  plot.over.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const around = plot.posToVal(event.offsetX, "x");
    onRange(scaled(shown(), 1.002 ** Math.max(-200, Math.min(200, event.deltaY)), around, whole()));
  }, { passive: false });
  // Ahead of the chart's own listener, which would begin to select.
  plot.root.addEventListener("mousedown", (event) => {
    if (!event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    const before = shown();
    const perPixel = (before[1] - before[0]) / Math.max(1, plot.over.clientWidth);
    const drag = ({ clientX }: MouseEvent) =>
      onRange(moved(before, (event.clientX - clientX) * perPixel, whole()));
    const end = () => {
      removeEventListener("mousemove", drag);
      removeEventListener("mouseup", end);
    };
    addEventListener("mousemove", drag);
    addEventListener("mouseup", end);
  }, { capture: true });
}
