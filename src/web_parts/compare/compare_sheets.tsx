import { useEffect, useRef, useState } from "preact/hooks";
import { LineSample } from "../charts/looks.tsx";
import type { Sheet } from "../live/job_live.ts";
import { sheetPicture } from "../live/sheet_picture.ts";
import { Icon } from "../parts/icon.tsx";
import { setQuery, useRoute } from "../parts/use_route.ts";
import { fixed, whole } from "../words.ts";
import type { ShownLine } from "./shown_line.ts";

/** A sheet and whose it is. */
type OwnedSheet = Sheet & { readonly jobId: string };

/** The sample sheets of all jobs at one step, side by side. */
export function CompareSheets({ lines }: { lines: readonly ShownLine[] }) {
  const { query } = useRoute();
  const grid = useRef<HTMLDivElement>(null);
  const owned = lines.map((line) => ({
    line,
    sheets: line.jobs.flatMap(({ live }): OwnedSheet[] =>
      live.sheets.map((sheet) => ({ ...sheet, jobId: live.jobId }))
    ),
  }));
  const steps = [...new Set(owned.flatMap(({ sheets }) => sheets.map(({ step }) => step)))]
    .sort((a, b) => a - b);
  if (steps.length === 0) return null;
  const newest = steps.at(-1) ?? 0;
  const wanted = Number(query.get("sheet") ?? newest);
  const index = Math.max(0, steps.findLastIndex((step) => step <= wanted));
  const step = steps[index] ?? newest;
  return (
    <section class="card" aria-labelledby="compared-sheets">
      <header class="card-head">
        <h2 id="compared-sheets">Probe photos</h2>
        <label class="slider">
          At step
          <input
            type="range"
            min={0}
            max={steps.length - 1}
            value={index}
            aria-valuetext={`step ${whole(step)}`}
            onInput={({ currentTarget }) => {
              const to = Number(currentTarget.value);
              setQuery({ sheet: to === steps.length - 1 ? undefined : String(steps[to]) });
            }}
          />
          <output>{whole(step)}</output>
        </label>
        <span class="spacer" />
        <button
          type="button"
          class="quiet"
          onClick={() => void grid.current?.requestFullscreen().catch(() => {})}
        >
          <Icon name="full" /> Full screen
        </button>
      </header>
      <div class="sheet-grid" ref={grid}>
        {owned.map(({ line, sheets }) => (
          <SheetFigure
            key={line.id}
            line={line}
            sheet={sheets.findLast((sheet) => sheet.step <= step)}
          />
        ))}
      </div>
    </section>
  );
}

function SheetFigure({ line, sheet }: { line: ShownLine; sheet: OwnedSheet | undefined }) {
  const [url, setUrl] = useState<string>();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    setUrl(undefined);
    setProblem("");
    if (!sheet) return;
    let isWanted = true;
    sheetPicture(sheet.jobId, sheet.sequence).then(
      (picture) => isWanted && setUrl(picture),
      (error) => isWanted && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => void (isWanted = false);
  }, [sheet?.jobId, sheet?.sequence]);
  return (
    <figure>
      <figcaption>
        <LineSample look={line.look} /> <b>{line.name}</b>{" "}
        <span class="soft">
          {sheet ? `step ${whole(sheet.step)}` : "no sheet so far"}
          {sheet?.measures && ` · PSNR ${fixed(sheet.measures.psnrDb, 2)} dB · ΔE2000 ` +
              fixed(sheet.measures.deltaE2000, 2)}
          {problem}
        </span>
      </figcaption>
      {url && sheet && (
        <img src={url} alt={`Sample sheet of ${line.name} at step ${whole(sheet.step)}`} />
      )}
    </figure>
  );
}
