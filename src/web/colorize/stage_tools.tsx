import { Segmented } from "../../web_parts/parts/controls.tsx";
import { Icon } from "../../web_parts/parts/icon.tsx";
import type { Photo } from "./photos.ts";
import type { Tool } from "./stage.tsx";
import {
  nextZoom,
  type Place,
  type Size,
  type View,
  wholePhoto,
  zoomed,
} from "../../web_parts/pictures/view.ts";

/** The brush: how wide, as a share of the photo's longer side, and whether it takes off. */
export interface Brush {
  readonly share: number;
  readonly isErasing: boolean;
}

/** What stands above the panes: what the pointer does, and what is seen. */
export function StageTools({ photo, tool, onTool, brush, onBrush, brushPixels, ...rest }: {
  photo: Photo;
  tool: Tool;
  onTool: (tool: Tool) => void;
  brush: Brush;
  onBrush: (brush: Brush) => void;
  brushPixels: number;
  onUndo: () => void;
  onClear: () => void;
  place: Place;
  pane: Size;
  view: View;
  onView: (view: View) => void;
  onFull: () => void;
}) {
  const { place, pane, view, onView } = rest;
  const marks = photo.hints.length + photo.strokes.length;
  const zoom = (by: number) => onView(zoomed(place, pane, nextZoom(place, by)));
  return (
    <div class="stage-tools">
      <Segmented
        label="What the pointer does"
        value={tool}
        choices={[
          { value: "move", text: "Move" },
          { value: "hint", text: "Hint", count: photo.hints.length || undefined },
          { value: "stroke", text: "Stroke", count: photo.strokes.length || undefined },
        ]}
        onChange={onTool}
      />
      {tool === "stroke" && (
        <>
          <label class="slider">
            Brush
            <input
              type="range"
              min="0.3"
              max="12"
              step="0.1"
              value={100 * brush.share}
              onInput={({ currentTarget }) =>
                onBrush({ ...brush, share: Number(currentTarget.value) / 100 })}
            />
            <output>{brushPixels} px</output>
          </label>
          <button
            type="button"
            class="button small"
            aria-pressed={brush.isErasing}
            onClick={() => onBrush({ ...brush, isErasing: !brush.isErasing })}
          >
            Erase
          </button>
        </>
      )}
      {marks > 0 && (
        <>
          <button type="button" class="link" title="z" onClick={rest.onUndo}>Undo</button>
          <button
            type="button"
            class="link"
            title="Takes all hints and strokes off this photo"
            onClick={rest.onClear}
          >
            Clear
          </button>
        </>
      )}
      <div class="zoom" role="group" aria-label="Zoom">
        <button
          type="button"
          class="quiet"
          aria-pressed={view.zoom === 0}
          title="0"
          onClick={() => onView(wholePhoto)}
        >
          Fit
        </button>
        <button type="button" class="quiet" aria-label="Smaller" title="−" onClick={() => zoom(-1)}>
          −
        </button>
        <output aria-label="Zoom in percent">{Math.round(place.percent)} %</output>
        <button type="button" class="quiet" aria-label="Larger" title="+" onClick={() => zoom(1)}>
          +
        </button>
        <button
          type="button"
          class="quiet"
          title="one pixel of the photo on one of the screen"
          onClick={() => onView(zoomed(place, pane, 100))}
        >
          1:1 <kbd>1</kbd>
        </button>
        <button
          type="button"
          class="quiet"
          aria-label="Full screen"
          title="f"
          onClick={rest.onFull}
        >
          <Icon name="full" />
        </button>
      </div>
    </div>
  );
}
