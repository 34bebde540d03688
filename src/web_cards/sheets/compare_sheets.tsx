import { useRef } from "preact/hooks";
import { LineSample } from "../../web_parts/charts/looks.tsx";
import type { Sheet } from "../../web_parts/live/job_live.ts";
import { useSheet } from "./use_sheet.ts";
import { Segmented } from "../../web_parts/parts/controls.tsx";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { setQuery, useRoute } from "../../web_parts/parts/use_route.ts";
import { ReadColors, Tile, type TileColumn } from "./sheet_tiles.tsx";
import { fixed, whole } from "../../web_parts/words.ts";
import type { ShownLine } from "../../web_parts/compare/shown_line.ts";

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
  const view = query.get("probe") === "maps" ? "maps" : "pictures";
  const shown = owned.map(({ line, sheets }) => ({
    line,
    sheet: sheets.findLast((sheet) => sheet.step <= step),
  }));
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
        <Segmented
          label="What is shown of each photo"
          value={view}
          choices={[{ value: "pictures", text: "Pictures" }, { value: "maps", text: "ΔE maps" }]}
          onChange={(value) => setQuery({ probe: value === "maps" ? value : undefined })}
        />
        <button
          type="button"
          class="quiet"
          onClick={() => void grid.current?.requestFullscreen().catch(() => {})}
        >
          <Icon name="full" /> Full screen
        </button>
      </header>
      <div class="probe-scroll" ref={grid} tabIndex={0} role="region" aria-label="Probe photos">
        <ProbeGrid shown={shown} view={view} />
      </div>
    </section>
  );
}

/** A line's sheet at the step, and its picture. */
interface Shown {
  readonly line: ShownLine;
  readonly sheet: OwnedSheet | undefined;
}

/** A row for each job, a column for each photo; where the places of photos are not known, whole sheets. */
function ProbeGrid({ shown, view }: { shown: readonly Shown[]; view: "pictures" | "maps" }) {
  const isTiled = shown.every(({ sheet }) => sheet === undefined || sheet.layout !== undefined);
  if (!isTiled) {
    return (
      <div class="sheet-grid">
        {shown.map((each) => <SheetFigure key={each.line.id} {...each} />)}
      </div>
    );
  }
  const first = shown.find(({ sheet }) => sheet !== undefined);
  return (
    <div class="probe-grid">
      {first && <ProbeRow {...first} column="LIGHTNESS" title="Lightness" />}
      {shown.map((each) => (
        <ProbeRow
          key={each.line.id}
          {...each}
          column={view === "pictures" ? "COLORIZED" : "DIFFERENCE"}
        />
      ))}
      {first && <ProbeRow {...first} column="REAL" title="Real" />}
    </div>
  );
}

/** @param title in place of the line's name. */
function ProbeRow({ line, sheet, column, title }: Shown & {
  column: TileColumn;
  title?: string;
}) {
  const { tiles, problem } = useSheet(sheet?.jobId ?? "", sheet);
  const name = title ?? line.name;
  return (
    <>
      <div class="probe-name">
        {title === undefined && <LineSample look={line.look} />} <b>{name}</b>
        {title === undefined && (
          <span class="soft">
            {sheet ? `step ${whole(sheet.step)}` : "no sheet so far"} {problem}
          </span>
        )}
      </div>
      <div class="probe-photos">
        {tiles?.layout.photos?.map(({ deltaE2000 }, photo) => (
          <span key={photo}>
            <ReadColors tiles={tiles} photo={photo}>
              <Tile
                {...{ tiles, photo, column }}
                label={`Photo ${photo + 1}, ${name}`}
              />
            </ReadColors>
            {title === undefined && <span class="photo-tag right">ΔE {fixed(deltaE2000, 1)}</span>}
          </span>
        ))}
      </div>
    </>
  );
}

function SheetFigure({ line, sheet }: Shown) {
  const { url, problem } = useSheet(sheet?.jobId ?? "", sheet);
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
