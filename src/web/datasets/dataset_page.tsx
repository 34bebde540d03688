import { useState } from "preact/hooks";
import type {
  Dataset,
  DatasetReport,
  Long,
  PhotoPreview,
} from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { Note, Segmented } from "../../web_parts/parts/controls.tsx";
import { Icon } from "../../web_parts/parts/icon.tsx";
import { setQuery, useRoute } from "../../web_parts/parts/use_route.ts";
import { useFiles } from "./use_files.ts";
import { bytes, counted, num, whole } from "../../web_parts/words.ts";

/** As many pictures come at a time. */
const BATCH = 24;

/** A photo on the wall. */
interface Hung {
  readonly fileName: string;
  /** What is odd about it. */
  readonly tag?: string | undefined;
}

/** A dataset: what is odd about its photos, and the photos themselves. */
export function DatasetPage({ dataset }: { dataset: string }) {
  const { query } = useRoute();
  const { value, error } = useAnswer<{ dataset: Dataset; report?: DatasetReport }>(
    "DatasetService/GetDataset",
    { dataset },
  );
  const listed = useFiles(dataset);
  const report = value?.report;
  const tags = tagsOf(report);
  const odd = (wanted: string) =>
    [...tags].filter(([, tag]) => tag === wanted).map(([fileName, tag]) => ({ fileName, tag }));
  const all = listed.names.map((fileName) => ({ fileName, tag: tags.get(fileName) }));
  const walls: Readonly<Record<string, readonly Hung[]>> = {
    all,
    broken: odd("broken"),
    gray: odd("gray"),
    duplicates: odd("near-duplicate"),
  };
  const shown = query.get("show") ?? "all";
  return (
    <>
      <div class="page-head">
        <a class="back" href="#/datasets">
          <Icon name="left" /> Datasets
        </a>
        <h1>{dataset}</h1>
        <span class="soft">
          {value && `${counted(value.dataset.photos, "file")}, ${bytes(value.dataset.sizeBytes)}`}
        </span>
        <span class="spacer" />
        <a class="button primary" href={`#/new?dataset=${encodeURIComponent(dataset)}`}>
          Train on it
        </a>
      </div>
      {error && <Note kind="error">{error.message}</Note>}
      {!value && !error && <p class="soft" role="status">Looking at every photo</p>}
      {report && (
        <section class="card" aria-label="What is odd">
          <Report report={report} />
        </section>
      )}
      <section class="card wall-card" aria-label="Photos">
        <header class="card-head">
          <h2>Photos</h2>
          <Segmented
            label="Which photos"
            value={shown}
            choices={[
              { value: "all", text: "All", count: num(value?.dataset.photos) },
              { value: "broken", text: "Broken", count: num(report?.brokenPhotos) },
              { value: "gray", text: "Gray", count: num(report?.grayPhotos) },
              {
                value: "duplicates",
                text: "Near-duplicates",
                count: walls["duplicates"]?.length ?? 0,
              },
            ]}
            onChange={(show) => setQuery({ show: show === "all" ? undefined : show })}
          />
        </header>
        <Wall
          key={shown}
          dataset={dataset}
          photos={walls[shown] ?? all}
          total={shown === "all" ? num(value?.dataset.photos) : 0}
          onMore={shown === "all" && listed.hasMore ? listed.more : undefined}
        />
      </section>
    </>
  );
}

function Wall({ dataset, photos, total, onMore }: {
  dataset: string;
  photos: readonly Hung[];
  /** How many there are, where not all of them are known. */
  total: number;
  /** Has more of them listed; undefined: these are all. */
  onMore: (() => void) | undefined;
}) {
  const [batches, setBatches] = useState(1);
  const hung = Math.min(photos.length, batches * BATCH);
  if (photos.length === 0) return <p class="pad soft">None.</p>;
  return (
    <div class="pad stack">
      <ul class="wall">
        {Array.from({ length: Math.ceil(hung / BATCH) }, (_, index) => (
          <Batch
            key={photos[index * BATCH]?.fileName}
            dataset={dataset}
            photos={photos.slice(index * BATCH, (index + 1) * BATCH)}
          />
        ))}
      </ul>
      {(hung < photos.length || onMore) && (
        <button
          type="button"
          class="button"
          onClick={() => {
            setBatches(batches + 1);
            if ((batches + 1) * BATCH >= photos.length) onMore?.();
          }}
        >
          {Math.min(BATCH, Math.max(total, photos.length) - hung)} more of{" "}
          {whole(Math.max(total, photos.length))}
        </button>
      )}
    </div>
  );
}

function Batch({ dataset, photos }: { dataset: string; photos: readonly Hung[] }) {
  const { value, error } = useAnswer<{ photos?: readonly PhotoPreview[] }>(
    "DatasetService/PreviewPhotos",
    { dataset, fileNames: photos.map(({ fileName }) => fileName) },
  );
  return (
    <>
      {photos.map(({ fileName, tag }, index) => {
        const photo = value?.photos?.[index];
        const fault = photo?.fault?.message ?? error?.message;
        return (
          <li key={fileName}>
            <figure>
              <div class="hung" title={fault ?? fileName}>
                {photo?.image
                  ? <img src={`data:image/jpeg;base64,${photo.image}`} alt={fileName} />
                  : <span>{fault ? <Icon name="warning" /> : "…"}</span>}
              </div>
              <figcaption>
                <span>{fileName}</span>
                {tag && <span class="tag">{tag}</span>}
                {photo?.image
                  ? <span class="soft">{photo.width} × {photo.height}</span>
                  : fault && <span class="soft">{fault}</span>}
              </figcaption>
            </figure>
          </li>
        );
      })}
    </>
  );
}

/** What is odd about the photos that a report names. */
function tagsOf(report: DatasetReport | undefined): Map<string, string> {
  const tags = new Map<string, string>();
  for (const { fileNames } of report?.duplicates ?? []) {
    for (const fileName of fileNames) tags.set(fileName, "near-duplicate");
  }
  for (const { fileName, kind } of report?.problems ?? []) {
    tags.set(fileName, kind === "PHOTO_PROBLEM_KIND_GRAY" ? "gray" : "broken");
  }
  return tags;
}

function some(count: Long | undefined, rest: string): string {
  return num(count) === 0 ? "none" : `${whole(count)}${rest}`;
}

function Report({ report }: { report: DatasetReport }) {
  const formats = Object.entries(report.otherFormats ?? {});
  const facts: readonly (readonly [string, string])[] = [
    ["Usable", whole(report.usablePhotos)],
    ["Sides", `${report.minSide ?? 0} to ${report.maxSide ?? 0} pixels`],
    ["Gray", some(report.grayPhotos, ", left out")],
    ["Broken", some(report.brokenPhotos, ", left out")],
    ["Small", some(report.smallPhotos, ` under ${report.smallSide ?? 0} pixels, enlarged`)],
    [
      "Near-duplicates",
      some(report.duplicatePhotos, ` in ${counted(report.duplicates?.length, "group")}`),
    ],
    ...(formats.length > 0
      ? [[
        "Not read",
        formats.map(([format, count]) => `${whole(count)} ${format}`).join(", "),
      ]] as const
      : []),
  ];
  return (
    <dl class="facts report">
      {facts.map(([what, found]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{found}</dd>
        </div>
      ))}
    </dl>
  );
}
