import { Tile, useSheetTiles } from "./sheet_tiles.tsx";
import type { FoundSheet } from "./use_thumb.ts";

/** A sheet's first photo, half gray and half in colour; the sheet, where its places are not known. */
export function SheetThumb({ url, sample: { layout, originalWidth = 0 } }: FoundSheet) {
  const tiles = useSheetTiles(url, layout, originalWidth);
  if (!tiles) return layout ? null : <img src={url} alt="" />;
  return (
    <>
      <Tile tiles={tiles} photo={0} column="LIGHTNESS" />
      <Tile tiles={tiles} photo={0} column="COLORIZED" />
    </>
  );
}
