import { useEffect, useRef, useState } from "preact/hooks";
import type { JobLive, Sheet } from "../../web_parts/live/job_live.ts";
import { sheetPicture } from "../../web_parts/live/sheet_picture.ts";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { Toggle } from "../../web_parts/parts/controls.tsx";
import { useKeys } from "../../web_parts/parts/use_keys.ts";
import { counted, fixed, whole } from "../../web_parts/words.ts";

/** The sample sheets over the steps. */
export function SamplesCard({ live, wanted }: { live: JobLive; wanted: number | undefined }) {
  const { sheets } = live;
  const [at, setAt] = useState<number>();
  const [url, setUrl] = useState<string>();
  const [problem, setProblem] = useState("");
  const full = useRef<HTMLDialogElement>(null);
  const index = Math.min(at ?? sheets.length - 1, sheets.length - 1);
  const sheet = sheets[index];
  useEffect(() => {
    if (wanted === undefined || sheets.length === 0) return;
    const distances = sheets.map(({ step }) => Math.abs(step - wanted));
    setAt(distances.indexOf(Math.min(...distances)));
  }, [wanted]);
  useEffect(() => {
    if (!sheet) return;
    let isWanted = true;
    sheetPicture(live.jobId, sheet.sequence).then(
      (picture) => {
        if (!isWanted) return;
        setUrl(picture);
        setProblem("");
      },
      (error) => isWanted && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => void (isWanted = false);
  }, [sheet?.sequence]);
  const move = (by: number) => setAt(Math.max(0, Math.min(sheets.length - 1, index + by)));
  useKeys({
    ArrowLeft: () => move(-1),
    ArrowRight: () => move(1),
    f: () => full.current?.showModal(),
  });
  if (!sheet) return null;
  const text = `Sample sheet of step ${whole(sheet.step)}`;
  const slider = (
    <SheetSlider
      sheets={sheets}
      index={index}
      onMove={(to) => setAt(to)}
      step={move}
    />
  );
  return (
    <section class="card samples" aria-labelledby="samples">
      <header class="card-head">
        <h2 id="samples">Samples</h2>
        <span class="soft">{counted(sheet.photos, "unseen photo")}</span>
        <span class="spacer" />
        <button type="button" class="quiet" onClick={() => full.current?.showModal()}>
          <Icon name="full" /> Full screen <kbd>f</kbd>
        </button>
      </header>
      <div class="pad">
        {problem !== "" && <p class="soft">{problem}</p>}
        {url && (
          <button
            type="button"
            class="sheet"
            aria-label={`${text}: show it in full`}
            onClick={() => full.current?.showModal()}
          >
            <img
              src={url}
              alt={`${text}: lightness, colorized, real, chroma and difference of each photo`}
            />
          </button>
        )}
        {slider}
        <p class="soft">
          {sheetWords(sheet)} · sheet {index + 1} of {sheets.length}
        </p>
        <Toggle
          label="follow the newest"
          checked={at === undefined}
          onChange={(checked) => setAt(checked ? undefined : index)}
        />
      </div>
      <dialog ref={full} class="full" aria-label={text}>
        <header>
          <button type="button" class="quiet" onClick={() => full.current?.close()}>
            <Icon name="close" /> Close <kbd>Esc</kbd>
          </button>
          <strong>Step {whole(sheet.step)}</strong>
          <span class="soft">{sheetWords(sheet)}</span>
          <span class="spacer" />
          {url && (
            <a class="button" href={url} download={`step-${sheet.step}.png`}>
              <Icon name="download" /> Sheet
            </a>
          )}
        </header>
        <div class="full-picture" tabIndex={0}>{url && <img src={url} alt={text} />}</div>
        {slider}
      </dialog>
    </section>
  );
}

function sheetWords({ measures }: Sheet): string {
  if (!measures) return "not measured";
  return `PSNR ${fixed(measures.psnrDb, 2)} dB, gray ${fixed(measures.grayPsnrDb, 2)} · ` +
    `ΔE2000 ${fixed(measures.deltaE2000, 2)}`;
}

function SheetSlider({ sheets, index, onMove, step }: {
  sheets: readonly Sheet[];
  index: number;
  onMove: (index: number) => void;
  step: (by: number) => void;
}) {
  const sheet = sheets[index];
  return (
    <div class="sheet-slider">
      <button type="button" class="quiet" aria-label="Sheet before" onClick={() => step(-1)}>
        <Icon name="left" />
      </button>
      <input
        type="range"
        aria-label="Sample sheet"
        aria-valuetext={`step ${whole(sheet?.step)}`}
        min={0}
        max={Math.max(0, sheets.length - 1)}
        value={index}
        onInput={({ currentTarget }) => onMove(Number(currentTarget.value))}
      />
      <button type="button" class="quiet" aria-label="Next sheet" onClick={() => step(1)}>
        <Icon name="right" />
      </button>
      <output>step {whole(sheet?.step)}</output>
    </div>
  );
}
