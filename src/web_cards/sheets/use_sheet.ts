import { useEffect, useState } from "preact/hooks";
import { type SheetTiles, useSheetTiles } from "./sheet_tiles.tsx";
import type { Sheet } from "../../web_parts/live/job_live.ts";
import { sheetPicture } from "./sheet_picture.ts";

/** A sheet's picture; the one before stays until it has come. */
interface ShownSheet {
  readonly url: string | undefined;
  /** Undefined: where its pictures are is not known, or not yet. */
  readonly tiles: SheetTiles | undefined;
  /** Why there is no picture; empty: nothing is wrong. */
  readonly problem: string;
}

/** Fetches the picture of a sheet. @param sheet undefined: none is wanted. */
export function useSheet(jobId: string, sheet: Sheet | undefined): ShownSheet {
  const [shown, setShown] = useState<{ url: string; sheet: Sheet }>();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (!sheet) return;
    let isWanted = true;
    sheetPicture(jobId, sheet.sequence).then((url) => {
      if (!isWanted) return;
      setShown({ url, sheet });
      setProblem("");
    }, (error) => isWanted && setProblem(error instanceof Error ? error.message : String(error)));
    return () => void (isWanted = false);
  }, [jobId, sheet?.sequence]);
  const tiles = useSheetTiles(shown?.url, shown?.sheet.layout, shown?.sheet.width ?? 0);
  return { url: shown?.url, tiles, problem };
}
