import { fixed, whole } from "../../web_parts/words.ts";
import { BeforeAfter, ReadColors, type SheetTiles, Tile, type TileColumn } from "./sheet_tiles.tsx";

/** The columns of a photo that are shown small, with what is written below. */
const shown: readonly (readonly [TileColumn, string])[] = [
  ["LIGHTNESS", "L"],
  ["COLORIZED", "colorized"],
  ["REAL", "real"],
  ["DIFFERENCE", "ΔE map, 0–30"],
];

/** Chooses one of a sheet's photos. */
export function PhotoStrip({ tiles, photo, onPick }: {
  tiles: SheetTiles;
  photo: number;
  onPick: (photo: number) => void;
}) {
  return (
    <div class="photo-strip" role="group" aria-label="Photos">
      {tiles.layout.photos?.map(({ deltaE2000 }, index) => (
        <button
          type="button"
          key={index}
          aria-pressed={index === photo}
          onClick={() => onPick(index)}
        >
          <span class="unseen">Photo {index + 1}</span>
          <Tile tiles={tiles} photo={index} column="COLORIZED" />
          <span class="photo-tag right">ΔE {fixed(deltaE2000, 1)}</span>
        </button>
      ))}
    </div>
  );
}

/** A photo gray, colorized, real and how they differ, small. */
export function PhotoRow({ tiles, photo }: { tiles: SheetTiles; photo: number }) {
  return (
    <div class="photo-row">
      {shown.map(([column, text]) => (
        <figure key={column}>
          <ReadColors tiles={tiles} photo={photo}>
            <Tile tiles={tiles} photo={photo} column={column} label={`${text} of this photo`} />
          </ReadColors>
          <figcaption>{text}</figcaption>
        </figure>
      ))}
    </div>
  );
}

/** A photo before and after, or its map of differences. */
export function PhotoStage({ tiles, photo, step, view, share, onShare }: {
  tiles: SheetTiles;
  photo: number;
  step: number;
  view: "slide" | "map";
  share: number;
  onShare: (share: number) => void;
}) {
  const name = `Photo ${photo + 1} at step ${whole(step)}`;
  return view === "slide"
    ? <BeforeAfter {...{ tiles, photo, share, name, onShare }} />
    : (
      <ReadColors tiles={tiles} photo={photo}>
        <Tile
          tiles={tiles}
          photo={photo}
          column="DIFFERENCE"
          label={`${name}: map of the differences, CIEDE2000 from 0 (black) to 30 (pale yellow)`}
        />
      </ReadColors>
    );
}

/** What a photo measured. */
export function photoWords({ layout }: SheetTiles, photo: number): string {
  const { psnrDb, grayPsnrDb, deltaE2000, grayDeltaE2000, colorfulnessRatio } =
    layout.photos?.[photo] ?? {};
  return `PSNR ${fixed(psnrDb, 1)} dB, gray ${fixed(grayPsnrDb, 1)} · ` +
    `ΔE2000 ${fixed(deltaE2000, 1)}, gray ${fixed(grayDeltaE2000, 1)} · ` +
    `colourfulness ${fixed(colorfulnessRatio, 2)} of real`;
}
