import { useEffect, useRef } from "preact/hooks";
import { hexOf, paintOf, rgbOf } from "../../web_parts/pictures/lab.ts";
import type { Hint } from "./photos.ts";
import { paintStrokes, type Stroke } from "../../web_parts/pictures/strokes.ts";
import type { Place, Size } from "../../web_parts/pictures/view.ts";

/** A picture of the photo beside others of it. */
export interface Shown {
  /** What made it. */
  readonly title: string;
  /** Its address; undefined: there is none yet. */
  readonly after: string | undefined;
  /** What is said of it where it is not there, or being made anew. */
  readonly state: string;
}

/** The photo in gray, and over it, right of the divider, the photo in colour. */
export function Pane({ name, before, shown, size, place, at, isGray, strokes, ...rest }: {
  name: string;
  before: string;
  shown: Shown;
  /** Of the pane, in CSS pixels. */
  size: Size;
  place: Place;
  /** Where the divider is, in CSS pixels from the left. */
  at: number;
  isGray: boolean;
  /** Those that are to be seen. */
  strokes: readonly Stroke[];
  /** Has the gray picture as soon as it is there. */
  onPicture: (picture: HTMLImageElement) => void;
  /** The browser cannot show the photo. */
  onBroken: () => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const ratio = devicePixelRatio || 1;
  const { scale, left, top, width, height, percent } = place;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, size.width * ratio, size.height * ratio);
    context.setTransform(scale * ratio, 0, 0, scale * ratio, left * ratio, top * ratio);
    paintStrokes(context, strokes);
  });
  const style = { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` };
  const pixels = percent >= 200 ? "pixelated" : "auto";
  return (
    <>
      <img
        class="stage-before"
        src={before}
        alt={`${name} in gray`}
        draggable={false}
        style={{ ...style, imageRendering: pixels }}
        onLoad={({ currentTarget }) => rest.onPicture(currentTarget)}
        onError={rest.onBroken}
      />
      {shown.after && (
        <img
          class={`stage-after ${isGray ? "gray" : ""}`}
          src={shown.after}
          alt={`${name}, colorized by ${shown.title}`}
          draggable={false}
          style={{
            ...style,
            imageRendering: pixels,
            clipPath: `inset(0 0 0 ${Math.max(0, at - left)}px)`,
          }}
        />
      )}
      {strokes.length > 0 && (
        <canvas
          ref={canvas}
          class="stage-strokes"
          width={Math.round(size.width * ratio)}
          height={Math.round(size.height * ratio)}
        />
      )}
    </>
  );
}

/** Hints as pins: the arrow keys move the one that has the focus, Delete takes it off. */
export function Pins({ hints, chosen, place, photo, onHints }: {
  hints: readonly Hint[];
  chosen: number;
  place: Place;
  /** Its size, in pixels. */
  photo: Size;
  onHints: (hints: readonly Hint[], chosen: number) => void;
}) {
  const put = (hint: Hint, index: number, byX: number, byY: number) => {
    const x = Math.min(photo.width - 1, Math.max(0, hint.x + byX));
    const y = Math.min(photo.height - 1, Math.max(0, hint.y + byY));
    onHints(hints.map((each, at) => at === index ? { ...hint, x, y } : each), index);
  };
  return (
    <>
      {hints.map((hint, index) => (
        <button
          type="button"
          key={index}
          class={`pin ${index === chosen ? "chosen" : ""}`}
          aria-pressed={index === chosen}
          aria-label={`Hint ${index + 1} at ${hint.x}, ${hint.y}; arrow keys move it`}
          style={{
            left: `${place.left + (hint.x + 0.5) * place.scale}px`,
            top: `${place.top + (hint.y + 0.5) * place.scale}px`,
            background: hexOf(rgbOf(hint.L, hint.a, hint.b) ?? paintOf(hint.a, hint.b, hint.L)),
          }}
          onPointerDown={(event) => event.stopPropagation()}
          onClick={(event) => {
            event.stopPropagation();
            onHints(hints, index);
          }}
          onKeyDown={(event) => {
            const arrow = arrowOf(event);
            if (event.key === "Delete" || event.key === "Backspace") {
              onHints(hints.filter((_, at) => at !== index), -1);
            } else if (arrow) {
              const far = Math.max(1, Math.round((event.shiftKey ? 20 : 2) / place.scale));
              put(hint, index, arrow[0] * far, arrow[1] * far);
            } else return;
            event.preventDefault();
            event.stopPropagation();
          }}
        />
      ))}
    </>
  );
}

/** The way an arrow key points, right and down. */
export function arrowOf({ key }: KeyboardEvent): readonly [number, number] | undefined {
  const arrows: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  return arrows[key];
}
