import { useState } from "preact/hooks";
import type { Dataset, DatasetReport } from "../../web_parts/contract/messages.ts";
import { useAnswer } from "../../web_parts/live/use_answer.ts";
import { Empty, Note } from "../../web_parts/parts/controls.tsx";
import { bytes, counted, fullTime, moment, num, whole } from "../../web_parts/words.ts";

/** All datasets, and what is odd about their photos. */
export function DatasetsPage() {
  const { value, error } = useAnswer<{ datasets?: readonly Dataset[] }>(
    "DatasetService/ListDatasets",
    { pageSize: 1000 },
    5000,
  );
  const datasets = value?.datasets ?? [];
  return (
    <>
      <div class="page-head">
        <h1>Datasets</h1>
        <span class="soft">{whole(datasets.length)} on the server</span>
      </div>
      {error && <Note kind="error">{error.message}</Note>}
      {value && datasets.length === 0 && (
        <Empty title="No datasets yet">
          <p>Put a folder of photos into the server's folder of photos, or upload one.</p>
          <p>
            <code>deno task tinct upload PHOTOS</code>
          </p>
        </Empty>
      )}
      <div class="tiles">
        {datasets.map((dataset) => <DatasetTile key={dataset.name} dataset={dataset} />)}
      </div>
    </>
  );
}

function DatasetTile({ dataset }: { dataset: Dataset }) {
  const [isOpen, setOpen] = useState(false);
  const isReady = dataset.state === "DATASET_STATE_READY";
  const { value, error } = useAnswer<{ report?: DatasetReport }>(
    isReady && isOpen ? "DatasetService/GetDataset" : undefined,
    { dataset: dataset.name },
  );
  return (
    <section class="card tile" aria-label={dataset.name}>
      <header class="card-head">
        <h2>{dataset.name}</h2>
        <span class="tag">
          {dataset.source === "DATASET_SOURCE_UPLOAD" ? "uploaded" : "folder"}
        </span>
        {!isReady && <span class="soft">photos still arrive</span>}
      </header>
      <dl class="facts">
        <dt>Photos</dt>
        <dd>{counted(dataset.photos, "file")}, {bytes(dataset.sizeBytes)}</dd>
        <dt>Changed</dt>
        <dd title={fullTime(dataset.updateTime)}>{moment(dataset.updateTime)}</dd>
      </dl>
      {value?.report && <Report report={value.report} />}
      {error && <Note kind="error">{error.message}</Note>}
      <div class="pad actions">
        {!isOpen && isReady && (
          <button
            type="button"
            class="button small"
            onClick={() => setOpen(true)}
          >
            What is odd?
          </button>
        )}
        {isOpen && isReady && !value && !error && (
          <span class="soft" role="status">Looking at every photo</span>
        )}
        <a class="button small" href="#/new">Train on it</a>
      </div>
    </section>
  );
}

function Report({ report }: { report: DatasetReport }) {
  const { problems = [], duplicates = [], otherFormats = {} } = report;
  const formats = Object.entries(otherFormats);
  return (
    <>
      <dl class="facts">
        <dt>Usable</dt>
        <dd>
          <b>{whole(report.usablePhotos)}</b>
        </dd>
        <dt>Sides</dt>
        <dd>{report.minSide ?? 0} to {report.maxSide ?? 0} pixels</dd>
        <dt>Gray</dt>
        <dd>{whole(report.grayPhotos)}, left out</dd>
        <dt>Broken</dt>
        <dd>{whole(report.brokenPhotos)}, left out</dd>
        <dt>Small</dt>
        <dd>{whole(report.smallPhotos)} under {report.smallSide ?? 0} pixels, enlarged</dd>
        <dt>Near-duplicates</dt>
        <dd>{whole(report.duplicatePhotos)}</dd>
        {formats.length > 0 && (
          <>
            <dt>Not read</dt>
            <dd>{formats.map(([format, count]) => `${whole(count)} ${format}`).join(", ")}</dd>
          </>
        )}
      </dl>
      {problems.length + duplicates.length > 0 && (
        <ul class="oddities" tabIndex={0} aria-label="Odd photos">
          {problems.slice(0, 100).map(({ fileName, kind, message }) => (
            <li key={fileName}>
              <b>{fileName}</b>{" "}
              <span class="tag">{kind === "PHOTO_PROBLEM_KIND_GRAY" ? "gray" : "broken"}</span>{" "}
              <span class="soft">{message}</span>
            </li>
          ))}
          {duplicates.map(({ fileNames, photos }) => (
            <li key={fileNames.join()}>
              <b>{fileNames.join(" = ")}</b> <span class="tag">near-duplicates</span>
              {num(photos) > fileNames.length && ` and ${num(photos) - fileNames.length} more`}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
