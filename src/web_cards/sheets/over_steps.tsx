import { useSheet } from "./use_sheet.ts";
import type { Sheet } from "../../web_parts/live/job_live.ts";
import { fixed, whole } from "../../web_parts/words.ts";
import { type SheetTiles, Tile } from "./sheet_tiles.tsx";

/** As many sheets are shown beside one another at most. */
const MOST = 5;

/** The same photo over the steps, between what the model sees and what was there. */
export function OverSteps({ jobId, sheets, tiles, index, photo, onMove }: {
  jobId: string;
  sheets: readonly Sheet[];
  tiles: SheetTiles;
  index: number;
  photo: number;
  onMove: (index: number) => void;
}) {
  const chosen = pick(sheets.length, index);
  return (
    <div class="over-steps" role="group" aria-label="The same photo over the steps">
      <figure>
        <Tile tiles={tiles} photo={photo} column="LIGHTNESS" label="What the model sees" />
        <figcaption>L</figcaption>
      </figure>
      {chosen.map((at) => {
        const sheet = sheets[at];
        return sheet && (
          <StepTile
            key={sheet.sequence}
            {...{ jobId, sheet, photo }}
            isShown={at === index}
            onPick={() => onMove(at)}
          />
        );
      })}
      <figure>
        <Tile tiles={tiles} photo={photo} column="REAL" label="The real photo" />
        <figcaption>real</figcaption>
      </figure>
    </div>
  );
}

function StepTile({ jobId, sheet, photo, isShown, onPick }: {
  jobId: string;
  sheet: Sheet;
  photo: number;
  isShown: boolean;
  onPick: () => void;
}) {
  const { tiles } = useSheet(jobId, sheet);
  const difference = sheet.layout?.photos?.[photo]?.deltaE2000;
  return (
    <button type="button" aria-pressed={isShown} onClick={onPick}>
      {tiles && <Tile tiles={tiles} photo={photo} column="COLORIZED" />}
      <span>step {whole(sheet.step)}</span> <span class="soft">ΔE {fixed(difference, 1)}</span>
    </button>
  );
}

/** The first, the last, the shown and some between. */
function pick(count: number, index: number): number[] {
  if (count <= MOST) return Array.from({ length: count }, (_, at) => at);
  const spread = Array.from(
    { length: MOST - 1 },
    (_, at) => Math.round(at * (count - 1) / (MOST - 2)),
  );
  return [...new Set([...spread, index])].sort((a, b) => a - b);
}
