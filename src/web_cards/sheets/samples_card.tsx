import { useEffect, useRef, useState } from "preact/hooks";
import type { JobLive, Sheet } from "../../web_parts/live/job_live.ts";
import { useSheet } from "./use_sheet.ts";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { Segmented, Toggle } from "../../web_parts/parts/controls.tsx";
import { useKeys } from "../../web_parts/parts/use_keys.ts";
import { PhotoRow, PhotoStage, PhotoStrip, photoWords } from "./probe_views.tsx";
import { SheetSlider } from "./sheet_slider.tsx";
import { counted, fixed, whole } from "../../web_parts/words.ts";
import { SamplesFull } from "./samples_full.tsx";

const views = [
  { value: "slide", text: "Slide" },
  { value: "map", text: "ΔE map" },
  { value: "sheet", text: "Whole sheet" },
] as const;

/** The sample sheets over the steps, photo by photo. */
export function SamplesCard({ live, wanted }: { live: JobLive; wanted: number | undefined }) {
  const { sheets } = live;
  const [at, setAt] = useState<number>();
  const [view, setView] = useState<typeof views[number]["value"]>("slide");
  const [chosen, setPhoto] = useState(0);
  const [share, setShare] = useState(50);
  const full = useRef<HTMLDialogElement>(null);
  const [isFull, setFull] = useState(false);
  const index = Math.min(at ?? sheets.length - 1, sheets.length - 1);
  const sheet = sheets[index];
  const { url, tiles, problem } = useSheet(live.jobId, sheet);
  const count = tiles?.layout.photos?.length ?? 1;
  const photo = Math.min(chosen, count - 1);
  useEffect(() => {
    if (wanted === undefined || sheets.length === 0) return;
    const distances = sheets.map(({ step }) => Math.abs(step - wanted));
    setAt(distances.indexOf(Math.min(...distances)));
  }, [wanted]);
  const move = (by: number) => setAt(Math.max(0, Math.min(sheets.length - 1, index + by)));
  const pick = (by: number) => setPhoto(Math.max(0, Math.min(count - 1, photo + by)));
  const open = () => {
    full.current?.showModal();
    setFull(true);
  };
  const keys = {
    ArrowLeft: () => move(-1),
    ArrowRight: () => move(1),
    ArrowUp: () => pick(-1),
    ArrowDown: () => pick(1),
    t: () => setShare(share < 50 ? 100 : 0),
  };
  // The arrows up and down scroll the page while nothing is shown in full.
  const { ArrowUp: _up, ArrowDown: _down, ...onPage } = keys;
  useKeys({ ...onPage, f: open });
  if (!sheet) return null;
  const text = `Sample sheet of step ${whole(sheet.step)}`;
  const steps = sheets.map(({ step }) => step);
  const slider = <SheetSlider steps={steps} index={index} onMove={setAt} />;
  return (
    <section class="card samples" aria-labelledby="samples">
      <header class="card-head">
        <h2 id="samples">Samples</h2>
        <span class="soft">{counted(sheet.photos, "unseen photo")}</span>
        <span class="spacer" />
        <button type="button" class="quiet" onClick={open}>
          <Icon name="full" /> Full screen <kbd>f</kbd>
        </button>
      </header>
      <div class="pad">
        {problem !== "" && <p class="soft">{problem}</p>}
        {tiles && (
          <Segmented label="What is shown" value={view} choices={views} onChange={setView} />
        )}
        {tiles && view !== "sheet"
          ? (
            <>
              <PhotoStage
                {...{ tiles, photo, view, share }}
                step={sheet.step}
                onShare={setShare}
              />
              <PhotoStrip tiles={tiles} photo={photo} onPick={setPhoto} />
            </>
          )
          : url && (
            <button
              type="button"
              class="sheet"
              aria-label={`${text}: show it in full`}
              onClick={open}
            >
              <img
                src={url}
                alt={`${text}: lightness, colorized, real, chroma and difference of each photo`}
              />
            </button>
          )}
        {slider}
        <p class="soft">
          {tiles && view !== "sheet" ? photoWords(tiles, photo) : sheetWords(sheet)}
          {` · sheet ${index + 1} of ${sheets.length}`}
        </p>
        <Toggle
          label="follow the newest"
          checked={at === undefined}
          onChange={(checked) => setAt(checked ? undefined : index)}
        />
        {tiles && view !== "sheet" && <PhotoRow tiles={tiles} photo={photo} />}
      </div>
      <dialog
        ref={full}
        class="full"
        aria-label={text}
        onClose={() => setFull(false)}
        onKeyDown={(event) => {
          const act = (keys as Record<string, () => void>)[event.key];
          if (!act || (event.target as Element).closest("input, button") && event.key !== "t") {
            return;
          }
          event.preventDefault();
          act();
        }}
      >
        {isFull && (
          <SamplesFull
            {...{ live, sheet, url, tiles, photo, share, index, slider }}
            words={sheetWords(sheet)}
            onClose={() => full.current?.close()}
            onShare={setShare}
            onPick={setPhoto}
            onMove={setAt}
          />
        )}
      </dialog>
    </section>
  );
}

function sheetWords({ measures }: Sheet): string {
  if (!measures) return "not measured";
  return `PSNR ${fixed(measures.psnrDb, 2)} dB, gray ${fixed(measures.grayPsnrDb, 2)} · ` +
    `ΔE2000 ${fixed(measures.deltaE2000, 2)}`;
}
