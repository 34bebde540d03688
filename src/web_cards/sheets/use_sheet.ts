import { useEffect, useState } from "preact/hooks";
import { type SheetTiles, useSheetTiles } from "./sheet_tiles.tsx";
import type { Sheet } from "../../web_parts/live/job_live.ts";
import { sheetPicture } from "./sheet_picture.ts";

/** A sheet's picture; the one before stays until it has come, or cannot. */
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
    }, (error) => {
      if (!isWanted) return;
      setShown(undefined);
      setProblem(error instanceof Error ? error.message : String(error));
    });
    return () => void (isWanted = false);
  }, [jobId, sheet?.sequence]);
  const { url, sheet: drawn } = (sheet && shown) ?? {};
  const tiles = useSheetTiles(url, drawn?.layout, drawn?.width ?? 0);
  return { url, tiles, problem: sheet ? problem : "" };
}
