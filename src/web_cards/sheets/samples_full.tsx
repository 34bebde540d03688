import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { JobLive, Sheet } from "../../web_parts/live/job_live.ts";
import { Segmented } from "../../web_parts/parts/controls.tsx";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { OverSteps } from "./over_steps.tsx";
import { PhotoStage, PhotoStrip, photoWords } from "./probe_views.tsx";
import type { SheetTiles } from "./sheet_tiles.tsx";
import { whole } from "../../web_parts/words.ts";

const views = [{ value: "one", text: "One photo" }, { value: "wall", text: "Wall" }] as const;

/** A job's samples over the whole screen: one photo with its map, or all of them. */
export function SamplesFull(
  { live, sheet, url, tiles, photo, share, index, slider, words, ...on }: {
    live: JobLive;
    sheet: Sheet;
    url: string | undefined;
    tiles: SheetTiles | undefined;
    photo: number;
    share: number;
    index: number;
    slider: ComponentChildren;
    words: string;
    onClose: () => void;
    onShare: (share: number) => void;
    onPick: (photo: number) => void;
    onMove: (index: number) => void;
  },
) {
  const [view, setView] = useState<"one" | "wall">("one");
  return (
    <>
      <header>
        <button type="button" class="quiet" onClick={on.onClose}>
          <Icon name="close" /> Close <kbd>Esc</kbd>
        </button>
        <strong>Step {whole(sheet.step)}</strong>
        <span class="soft">{words}</span>
        <span class="spacer" />
        {tiles && <Segmented label="Layout" value={view} choices={views} onChange={setView} />}
        {url && (
          <a class="button" href={url} download={`step-${sheet.step}.png`}>
            <Icon name="download" /> Sheet
          </a>
        )}
      </header>
      {tiles && view === "one"
        ? (
          <div class="full-photo">
            <PhotoStrip tiles={tiles} photo={photo} onPick={on.onPick} />
            {(["slide", "map"] as const).map((each) => (
              <figure key={each}>
                <figcaption>
                  <b>{each === "slide" ? "L | colorized" : "ΔE2000 map"}</b> {each === "slide"
                    ? <kbd>t</kbd>
                    : <span class="soft">0 black · 30 and more pale yellow</span>}
                </figcaption>
                <PhotoStage
                  {...{ tiles, photo, share }}
                  view={each}
                  step={sheet.step}
                  onShare={on.onShare}
                />
              </figure>
            ))}
            <p class="soft">{photoWords(tiles, photo)}</p>
            <OverSteps
              {...{ tiles, photo, index }}
              jobId={live.jobId}
              sheets={live.sheets}
              onMove={on.onMove}
            />
          </div>
        )
        : (
          <div class="full-picture" tabIndex={0}>
            {url && <img src={url} alt={`Sample sheet of step ${whole(sheet.step)}`} />}
          </div>
        )}
      {slider}
    </>
  );
}
