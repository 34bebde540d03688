import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { SheetLayout } from "../../web_parts/contract/messages.ts";
import { fixed } from "../../web_parts/words.ts";
import { deltaE2000 } from "../../web_parts/pictures/difference.ts";
import { hexOf, labOf } from "../../web_parts/pictures/lab.ts";

/** What a picture of a sheet shows, as `SheetColumn` has it. */
export type TileColumn = "LIGHTNESS" | "COLORIZED" | "REAL" | "CHROMA" | "DIFFERENCE";

/** A sample sheet, decoded, and where its pictures are. */
export interface SheetTiles {
  readonly picture: HTMLImageElement;
  readonly layout: SheetLayout;
  /** Pixels of the picture for each of the sheet as drawn. */
  readonly scale: number;
}

/** Decodes a sheet. @param drawnWidth its width in pixels as drawn. */
export function useSheetTiles(
  url: string | undefined,
  layout: SheetLayout | undefined,
  drawnWidth: number,
): SheetTiles | undefined {
  const [tiles, setTiles] = useState<SheetTiles>();
  useEffect(() => {
    if (url === undefined || layout === undefined || drawnWidth === 0) return setTiles(undefined);
    const picture = new Image();
    let isWanted = true;
    picture.src = url;
    picture.decode().then(() => {
      if (isWanted) setTiles({ picture, layout, scale: picture.naturalWidth / drawnWidth });
    }, () => isWanted && setTiles(undefined)); // nothing of another sheet in its place
    return () => void (isWanted = false);
  }, [url]);
  return layout && tiles;
}

/** Where a picture is in the sheet's file; undefined: it has none. */
function placeOf(
  { layout: { columns = [], photos = [], size = 0, pitch = 0 }, scale }: SheetTiles,
  photo: number,
  column: TileColumn,
): { left: number; top: number; side: number } | undefined {
  const at = columns.indexOf(`SHEET_COLUMN_${column}`);
  const place = photos[photo];
  if (at < 0 || !place) return undefined;
  return {
    left: scale * ((place.left ?? 0) + at * pitch),
    top: scale * (place.top ?? 0),
    side: scale * size,
  };
}

/** One picture of a sheet. @param label what a screen reader says of it; left out for an ornament. */
export function Tile({ tiles, photo, column, label }: {
  tiles: SheetTiles;
  photo: number;
  column: TileColumn;
  label?: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const place = placeOf(tiles, photo, column);
  const side = Math.max(1, Math.round(place?.side ?? 1));
  useEffect(() => {
    if (!place) return;
    const { left, top, side: from } = place;
    canvas.current?.getContext("2d")
      ?.drawImage(tiles.picture, left, top, from, from, 0, 0, side, side);
  }, [tiles, photo, column, side]);
  return (
    <canvas
      class="sheet-tile"
      ref={canvas}
      width={side}
      height={side}
      {...label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label }}
    />
  );
}

/** A photo without and with colour, one over the other, with a divider that is a slider. */
export function BeforeAfter({ tiles, photo, share, name, onShare }: {
  tiles: SheetTiles;
  photo: number;
  /** How much of it is gray, in percent from the left. */
  share: number;
  /** What is colorized, such as "Photo 1 at step 2,400". */
  name: string;
  onShare: (share: number) => void;
}) {
  return (
    <div
      class="before-after"
      onDblClick={() => onShare(share < 25 ? 50 : share < 75 ? 100 : 0)}
    >
      <Tile tiles={tiles} photo={photo} column="COLORIZED" />
      <div class="before" style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}>
        <Tile tiles={tiles} photo={photo} column="LIGHTNESS" />
      </div>
      <div class="divider" style={{ left: `${share}%` }} />
      {share > 12 && <span class="photo-tag">L</span>}
      {share < 75 && <span class="photo-tag right">colorized</span>}
      <input
        type="range"
        min={0}
        max={100}
        value={share}
        aria-label={`${name}: lightness before colour`}
        aria-valuetext={`${share} % lightness`}
        onInput={({ currentTarget }) => onShare(Number(currentTarget.value))}
        onKeyDown={(event) => {
          const by = { ArrowLeft: -10, ArrowRight: 10 }[event.key];
          if (by === undefined || !event.shiftKey) return;
          event.preventDefault();
          onShare(Math.max(0, Math.min(100, share + by)));
        }}
      />
    </div>
  );
}

/** Tells the difference under the pointer, with both colours. */
export function ReadColors({ tiles, photo, children }: {
  tiles: SheetTiles;
  photo: number;
  children: ComponentChildren;
}) {
  const [told, setTold] = useState<{ text: string; x: number; y: number }>();
  return (
    <div
      class="read-colors"
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const [x, y] = [
          (event.clientX - box.left) / box.width,
          (event.clientY - box.top) / box.height,
        ];
        const colors = (["COLORIZED", "REAL"] as const)
          .map((column) => pixelOf(tiles, photo, column, x, y));
        const [made, real] = colors;
        if (!made || !real) return setTold(undefined);
        const apart = deltaE2000(labOf(...made), labOf(...real));
        const text = `ΔE ${fixed(apart, 1)} · colorized ${hexOf(made)} · real ${hexOf(real)}`;
        setTold({ text, x, y });
      }}
      onPointerLeave={() => setTold(undefined)}
    >
      {children}
      {told && (
        <span
          class="read-value"
          style={{
            [told.x < 0.5 ? "left" : "right"]: `${100 * Math.min(told.x, 1 - told.x)}%`,
            [told.y < 0.5 ? "top" : "bottom"]: `${100 * Math.min(told.y, 1 - told.y)}%`,
          }}
        >
          {told.text}
        </span>
      )}
    </div>
  );
}

let probe: CanvasRenderingContext2D | null | undefined;

/** The sRGB bytes of a picture at a place in it, from 0 to 1. */
function pixelOf(
  tiles: SheetTiles,
  photo: number,
  column: TileColumn,
  x: number,
  y: number,
): [number, number, number] | undefined {
  const place = placeOf(tiles, photo, column);
  if (!place || x < 0 || y < 0 || x >= 1 || y >= 1) return undefined;
  if (probe === undefined) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    probe = canvas.getContext("2d", { willReadFrequently: true });
  }
  const { left, top, side } = place;
  const [fromX, fromY] = [Math.floor(left + x * side), Math.floor(top + y * side)];
  probe?.drawImage(tiles.picture, fromX, fromY, 1, 1, 0, 0, 1, 1);
  const [r = 0, g = 0, b = 0] = probe?.getImageData(0, 0, 1, 1).data ?? [];
  return [r, g, b];
}
